//! Convolutions down and up.

use super::Activation;
use super::activation::by_burn;
use super::node::{Operation, apply, dims, has_kernels, input, pixels, rows, strided, tensor, upright};
use burn::tensor::Tensor;
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn_flex::FlexTensor;
use kernels::{Kernel, Window, by_bias, by_weight};
use std::sync::Arc;

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

#[derive(Clone, Copy, Debug)]
enum Way {
    Down,
    Up,
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
    kernel: Arc<Kernel>,
}

impl Layer {
    fn run(&self, x: FlexTensor, weight: &FlexTensor, bias: Option<&FlexTensor>) -> (FlexTensor, Saved) {
        let x = upright(x);
        let [batch, ..] = dims::<4>(&x);
        let [first, second, ..] = dims::<4>(weight);
        let kernel = Kernel::new(self.window, [first, second], batch, &rows(weight));
        let bias = bias.map(rows);
        let input = strided(&x).pixel_major();
        let (numbers, channels, [height, width]) = match self.way {
            Way::Down => (kernel.down(&input, bias.as_deref(), self.activation), first, self.window.small),
            Way::Up => (kernel.up(&input, bias.as_deref(), self.activation), second, self.window.large),
        };
        let y = pixels(numbers, [batch, channels, height, width]);
        // What had to be brought into the kernels' layout is not brought there again.
        let x = match input {
            std::borrow::Cow::Borrowed(_) => x.clone(),
            std::borrow::Cow::Owned(numbers) => pixels(numbers, dims(&x)),
        };
        (y.clone(), Saved { x, y, kernel: Arc::new(kernel) })
    }

    fn gradients(self, saved: &Saved, gradient: FlexTensor, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let (x, kernel, gradient) = (&saved.x, &saved.kernel, upright(gradient));
        let [batch, channels, ..] = dims::<4>(&gradient);
        let mut d = strided(&gradient).pixel_major();
        if self.activation != Activation::Identity {
            self.activation.backward(d.to_mut(), &strided(&saved.y).pixel_major());
        }
        let by_input = || {
            let numbers = match self.way {
                Way::Down => kernel.up(&d, None, Activation::Identity),
                Way::Up => kernel.down(&d, None, Activation::Identity),
            };
            pixels(numbers, dims(x))
        };
        let weights = || {
            let x = strided(x).pixel_major();
            let [small, large] = match self.way {
                Way::Down => [&d, &x],
                Way::Up => [&x, &d],
            };
            let numbers = by_weight(&self.window, kernel.channels(), batch, small, large);
            let ([a, b], [height, width]) = (kernel.channels(), self.window.kernel);
            tensor(numbers, [a, b, height, width])
        };
        [
            wanted[0].then(by_input),
            wanted[1].then(weights),
            wanted[2].then(|| tensor(by_bias(&d, channels, batch), [channels])),
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
