//! Convolutions down and up.

use super::Activation;
use super::activation::by_burn;
use super::node::{Operation, apply, dims, has_kernels, input, pixels, rows, strided, tensor, upright};
use burn::tensor::Bytes;
use burn::tensor::Tensor;
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn_flex::FlexTensor;
use kernels::{Convolution, Way, Window};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Arc, Weak};

/// f(x * w + b) with a square stride and padding: x `[batch, in, height, width]`, w `[out, in, kernel, kernel]`.
pub(crate) fn convolution(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
    activation: Activation,
) -> Tensor<4> {
    if !has_kernels(&x) {
        let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
        return by_burn(conv2d(x, weight, bias, options), activation);
    }
    let [.., height, width] = x.dims();
    let [.., rows, columns] = weight.dims();
    let size = |large: usize, kernel: usize| (large + 2 * padding - kernel) / stride + 1;
    let large = [height, width];
    let small = [size(height, rows), size(width, columns)];
    let window = Window { small, large, kernel: [rows, columns], stride, padding };
    layer(Way::Down, window, x, weight, bias, activation)
}

/// f(x *ᵀ w + b): the transpose of a convolution, to an image of `extra` more rows and columns at the far border than the
/// smallest; x `[batch, in, height, width]`, w `[in, out, kernel, kernel]`.
pub(crate) fn transposed_convolution(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
    extra: [usize; 2],
    activation: Activation,
) -> Tensor<4> {
    if !has_kernels(&x) {
        let options = ConvTransposeOptions::new([stride; 2], [padding; 2], extra, [1; 2], 1);
        return by_burn(conv_transpose2d(x, weight, bias, options), activation);
    }
    let [.., height, width] = x.dims();
    let [.., rows, columns] = weight.dims();
    let size = |small: usize, kernel: usize, extra: usize| (small - 1) * stride + kernel + extra - 2 * padding;
    let small = [height, width];
    let large = [size(height, rows, extra[0]), size(width, columns, extra[1])];
    let window = Window { small, large, kernel: [rows, columns], stride, padding };
    layer(Way::Up, window, x, weight, bias, activation)
}

fn layer(
    way: Way,
    window: Window,
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<4> {
    match bias {
        Some(bias) => apply(Layer { way, window, activation }, [input(x), input(weight), input(bias)]),
        None => apply(Layer { way, window, activation }, [input(x), input(weight)]),
    }
}

/// A convolution that was made of weights that may still be there: the generator makes images in both networks' turns, and
/// learns in the second one alone.
struct Ready {
    /// Whoever changes numbers that this looks at moves them away from it ([`Arc::make_mut`]).
    weights: Weak<Bytes>,
    /// Way, window, channels, batch, and where the weights begin.
    shape: (Way, Window, [usize; 2], usize, usize),
    convolution: Arc<Convolution>,
}

thread_local! {
    static READY: RefCell<Vec<Ready>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy, Debug)]
struct Layer {
    way: Way,
    window: Window,
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
            Way::Down => (small, self.window.small),
            Way::Up => (large, self.window.large),
        };
        let y = pixels(y, [batch, channels, height, width]);
        // What had to be brought into the kernels' layout is not brought there again.
        let brought = match numbers {
            Cow::Borrowed(_) => None,
            Cow::Owned(numbers) => Some(pixels(numbers, dims(&x))),
        };
        (y.clone(), Saved { x: brought.unwrap_or(x), y, convolution })
    }

    /// The kernel's convolution, made anew only if the weights are not those that it was made of before.
    fn ready(&self, channels: [usize; 2], batch: usize, weight: &FlexTensor) -> Arc<Convolution> {
        let make = |numbers: &[f32]| Arc::new(Convolution::new(self.way, self.window, channels, batch, numbers));
        let Some(numbers) = weight.as_slice::<f32>() else { return make(&rows(weight)) };
        let weights = Arc::downgrade(&weight.data_arc());
        let shape = (self.way, self.window, channels, batch, weight.layout().start_offset());
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
        let ([small, large], [height, width]) = (convolution.channels(), self.window.kernel);
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

    /// An optimizer changes a weight where it lies.
    #[test]
    fn weights_that_change_in_place_are_not_mistaken_for_those_before() {
        let device = Device::flex();
        let x = Tensor::random([4, 3, 6, 6], Distribution::Normal(0.0, 1.0), &device);
        let values = |weight: &Tensor<4>| {
            let y = convolution(x.clone(), weight.clone(), None, 1, 1, Activation::Identity);
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
        assert_eq!(READY.with_borrow(Vec::len), 1, "nothing is kept of weights that are gone");
    }
}
