//! Convolutions down and up.

use super::Activation;
use super::activation::by_burn;
use super::node::{Operation, apply, dims, has_kernels, input, pixels, rows, strided, tensor, upright};
use burn::tensor::Bytes;
use burn::tensor::Tensor;
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn_flex::FlexTensor;
use kernels::{Convolution, Geometry, Way, Window};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Arc, Weak};

/// f(x * w + b): x `[batch, in, height, width]`, w `[out, in, height, width]` of the window's kernel. The padded image is at
/// least as large as the kernel.
pub(crate) fn convolution(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
    activation: Activation,
) -> Tensor<4> {
    let [.., height, width] = x.dims();
    let large = [height, width];
    let small = window.small(large).expect("the padded image is at least as large as the kernel");
    let geometry = Geometry { window, small, large };
    if !has_kernels(&x) {
        return by_burn(conv2d(x, weight, bias, burns_convolution(&geometry)), activation);
    }
    layer(Way::Down, geometry, x, weight, bias, activation)
}

/// f(x *ᵀ w + b): the transpose of the convolution that makes an image of x's size of one of the height and width `large`; x
/// `[batch, in, height, width]`, w `[in, out, height, width]` of the window's kernel.
pub(crate) fn transposed_convolution(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
    large: [usize; 2],
    activation: Activation,
) -> Tensor<4> {
    let [.., height, width] = x.dims();
    let geometry = Geometry { window, small: [height, width], large };
    if !has_kernels(&x) {
        let y = conv_transpose2d(x, weight, bias, burns_transpose(&geometry));
        // What padding leaves beyond the far border.
        return by_burn(y.narrow(2, 0, large[0]).narrow(3, 0, large[1]), activation);
    }
    layer(Way::Up, geometry, x, weight, bias, activation)
}

/// With zeros at both ends alike where that makes the same image: devices have faster ways for it.
fn burns_convolution(Geometry { window, small, large }: &Geometry) -> ConvOptions<2> {
    let Window { kernel, stride, before, behind } = *window;
    let padding = [0, 1].map(|axis| {
        let alike = large[axis] + 2 * before[axis] >= kernel[axis]
            && (large[axis] + 2 * before[axis] - kernel[axis]) / stride[axis] + 1 == small[axis];
        (before[axis], if alike { before[axis] } else { behind[axis] })
    });
    ConvOptions::new_with_padding(stride, padding, [1; 2], 1)
}

/// To at least as many rows and columns as the large image has.
fn burns_transpose(Geometry { window, small, large }: &Geometry) -> ConvTransposeOptions<2> {
    let Window { kernel, stride, before, .. } = *window;
    let reach = |axis: usize| (small[axis] - 1) * stride[axis] + kernel[axis];
    let extra = [0, 1].map(|axis| (large[axis] + 2 * before[axis]).saturating_sub(reach(axis)));
    ConvTransposeOptions::new(stride, before, extra, [1; 2], 1)
}

fn layer(
    way: Way,
    geometry: Geometry,
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<4> {
    match bias {
        Some(bias) => apply(Layer { way, geometry, activation }, [input(x), input(weight), input(bias)]),
        None => apply(Layer { way, geometry, activation }, [input(x), input(weight)]),
    }
}

/// Kernel-ready weights, valid while the tensor's buffer is unchanged: the generator makes samples in both networks' turns,
/// but is updated in the second one alone.
struct Ready {
    /// An optimizer that updates the buffer in place moves it away from this reference ([`Arc::make_mut`]).
    weights: Weak<Bytes>,
    /// Direction, geometry, channels, batch, and the offset of the weights in the buffer.
    shape: (Way, Geometry, [usize; 2], usize, usize),
    convolution: Arc<Convolution>,
}

thread_local! {
    static READY: RefCell<Vec<Ready>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy, Debug)]
struct Layer {
    way: Way,
    geometry: Geometry,
    activation: Activation,
}

#[derive(Clone, Debug)]
struct Saved {
    x: FlexTensor,
    y: FlexTensor,
    convolution: Arc<Convolution>,
}

impl Layer {
    fn run(&self, x: FlexTensor, weight: &FlexTensor, bias: Option<&FlexTensor>) -> (FlexTensor, Saved) {
        let x = upright(x);
        let [batch, ..] = dims::<4>(&x);
        let [small, large, ..] = dims::<4>(weight);
        let convolution = self.ready([small, large], batch, weight);
        let bias = bias.map(rows);
        let numbers = strided(&x).pixel_major();
        let y = convolution.forward(&numbers, bias.as_deref(), self.activation);
        let (channels, [height, width]) = match self.way {
            Way::Down => (small, self.geometry.small),
            Way::Up => (large, self.geometry.large),
        };
        let y = pixels(y, [batch, channels, height, width]);
        // Saved in the kernels' layout, so that it is not copied there again.
        let brought = match numbers {
            Cow::Borrowed(_) => None,
            Cow::Owned(numbers) => Some(pixels(numbers, dims(&x))),
        };
        (y.clone(), Saved { x: brought.unwrap_or(x), y, convolution })
    }

    /// The kernel's convolution, from the cache if the weights are unchanged.
    fn ready(&self, channels: [usize; 2], batch: usize, weight: &FlexTensor) -> Arc<Convolution> {
        let make = |numbers: &[f32]| Arc::new(Convolution::new(self.way, self.geometry, channels, batch, numbers));
        let Some(numbers) = weight.as_slice::<f32>() else { return make(&rows(weight)) };
        let weights = Arc::downgrade(&weight.data_arc());
        let shape = (self.way, self.geometry, channels, batch, weight.layout().start_offset());
        READY.with_borrow_mut(|all| {
            all.retain(|ready| ready.weights.strong_count() > 0);
            let known = all.iter().find(|ready| ready.weights.ptr_eq(&weights) && ready.shape == shape);
            if let Some(known) = known {
                return known.convolution.clone();
            }
            let convolution = make(numbers);
            all.push(Ready { weights, shape, convolution: convolution.clone() });
            convolution
        })
    }

    fn gradients(self, saved: &Saved, gradient: FlexTensor, [x, weight, bias]: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let Saved { x: input, y, convolution } = saved;
        let gradient = upright(gradient);
        let mut d = strided(&gradient).pixel_major();
        if self.activation != Activation::Identity {
            d = self.activation.backward(&d, &strided(y).pixel_major()).into();
        }
        let [by_x, by_weight] = convolution.backward(&strided(input).pixel_major(), &d, [x, weight]);
        let by_bias = bias.then(|| convolution.by_bias(&d));
        let ([small, large], [height, width]) = (convolution.channels(), self.geometry.window.kernel);
        [
            by_x.map(|numbers| pixels(numbers, dims(input))),
            by_weight.map(|numbers| tensor(numbers, [small, large, height, width])),
            by_bias.map(|numbers| {
                let channels = numbers.len();
                tensor(numbers, [channels])
            }),
        ]
    }
}

impl Operation<3> for Layer {
    type Saved = Saved;

    fn forward(&self, [x, weight, bias]: [FlexTensor; 3]) -> (FlexTensor, Saved) {
        self.run(x, &weight, Some(&bias))
    }

    fn backward(self, saved: Saved, gradient: FlexTensor, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
        self.gradients(&saved, gradient, wanted)
    }
}

impl Operation<2> for Layer {
    type Saved = Saved;

    fn forward(&self, [x, weight]: [FlexTensor; 2]) -> (FlexTensor, Saved) {
        self.run(x, &weight, None)
    }

    fn backward(self, saved: Saved, gradient: FlexTensor, [x, weight]: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let [x, weight, _] = self.gradients(&saved, gradient, [x, weight, false]);
        [x, weight]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::backend::Flex;
    use burn::tensor::{Device, Distribution};

    /// Optimizers update weights in place.
    #[test]
    fn the_cache_is_invalid_after_an_update_in_place() {
        let device = Device::flex();
        let x = Tensor::random([4, 3, 6, 6], Distribution::Normal(0.0, 1.0), &device);
        let window = Window::same([3; 2], [1; 2]);
        let values = |weight: &Tensor<4>| {
            let y = convolution(x.clone(), weight.clone(), None, window, Activation::Identity);
            y.into_data().try_to_vec::<f32>().expect("single precision")
        };
        let mut weight: Tensor<4> = Tensor::random([5, 3, 3, 3], Distribution::Normal(0.0, 1.0), &device);
        let before = values(&weight);
        assert_eq!(values(&weight), before);
        for _ in 0..3 {
            let mut numbers = weight.try_into_primitive::<Flex>().expect("a tensor on the CPU");
            numbers.storage_mut::<f32>()[7] += 1.0;
            weight = Tensor::from_primitive::<Flex>(numbers);
            let copied = Tensor::from_data(weight.to_data(), &device);
            let after = values(&weight);
            assert_eq!(after, values(&copied));
            assert_ne!(after, before);
        }
        drop(weight);
        values(&Tensor::ones([5, 3, 3, 3], &device));
        assert_eq!(READY.with_borrow(Vec::len), 1, "entries of dropped weights are removed");
    }
    /// Sums written by Burn's own operations, on the same device.
    fn by_burns_operations(
        way: Way,
        geometry: Geometry,
        x: Tensor<4>,
        weight: Tensor<4>,
        bias: Tensor<1>,
    ) -> Tensor<4> {
        match way {
            Way::Down => conv2d(x, weight, Some(bias), burns_convolution(&geometry)),
            Way::Up => {
                let y = conv_transpose2d(x, weight, Some(bias), burns_transpose(&geometry));
                y.narrow(2, 0, geometry.large[0]).narrow(3, 0, geometry.large[1])
            }
        }
    }

    fn check(way: Way, window: Window, large: [usize; 2]) {
        let device = Device::flex().autodiff();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let small = window.small(large).unwrap();
        let (from, to) = if way == Way::Down { (large, small) } else { (small, large) };
        let kernel = window.kernel;
        let (x, by) = (random([2, 3, from[0], from[1]]), random([2, 9, to[0], to[1]]));
        let channels = if way == Way::Down { [9, 3] } else { [3, 9] };
        let weight = random([channels[0], channels[1], kernel[0], kernel[1]]);
        let bias = Tensor::<1>::random([9], Distribution::Normal(0.0, 1.0), &device);
        let results = [true, false].map(|ours| {
            let (x, weight, bias) =
                (x.clone().require_grad(), weight.clone().require_grad(), bias.clone().require_grad());
            let inputs = (x.clone(), weight.clone(), bias.clone());
            let y = match (ours, way) {
                (false, _) => by_burns_operations(way, Geometry { window, small, large }, inputs.0, inputs.1, inputs.2),
                (true, Way::Down) => convolution(inputs.0, inputs.1, Some(inputs.2), window, Activation::Identity),
                (true, Way::Up) => {
                    transposed_convolution(inputs.0, inputs.1, Some(inputs.2), window, large, Activation::Identity)
                }
            };
            let gradients = (y.clone() * by.clone()).sum().backward();
            let gradients = [
                x.grad(&gradients).unwrap().into_data(),
                weight.grad(&gradients).unwrap().into_data(),
                bias.grad(&gradients).unwrap().into_data(),
            ];
            [vec![y.into_data()], gradients.to_vec()].concat()
        });
        for (ours, burns) in results[0].iter().zip(&results[1]) {
            assert_eq!(ours.shape(), burns.shape(), "{way:?} {window:?} {large:?}");
            let tolerance = burn::tensor::Tolerance::<f32>::absolute(2e-4);
            ours.assert_approx_eq(burns, tolerance);
        }
    }

    #[test]
    fn windows_with_axes_of_their_own_are_those_of_burn() {
        let windows = [
            (Window::same([1, 25], [1, 4]), [1, 64]),
            (Window::same([1, 25], [1, 4]), [1, 30]),
            (Window::same([3, 1], [1, 1]), [9, 1]),
            (Window::same([2, 4], [1, 1]), [5, 7]),
            (Window::same([2, 5], [2, 1]), [7, 9]),
            (Window::same([3, 3], [2, 2]), [7, 8]),
            (Window::padded([3, 1], [2, 1], [1, 0]), [7, 5]),
            (Window { kernel: [4, 2], stride: [1, 2], before: [0, 1], behind: [3, 0] }, [6, 5]),
        ];
        for (window, large) in windows {
            check(Way::Down, window, large);
            check(Way::Up, window, large);
        }
    }
}
