//! What moves numbers, or joins them one by one.

use super::node::{Operation, apply, dims, has_kernels, input, pixels, strided, upright};
use burn::tensor::Tensor;
use burn_flex::FlexTensor;
use kernels::{channels_beside, channels_within, side_by_side};

/// Each sample's numbers as `[channels, height, width]`.
pub(crate) fn reshape(x: Tensor<4>, [channels, height, width]: [usize; 3]) -> Tensor<4> {
    let [batch, ..] = x.dims();
    if !has_kernels(&x) {
        return x.reshape([batch, channels, height, width]);
    }
    // Vectors of samples lie with the batch inside, and stay so.
    x.permute([1, 2, 3, 0]).reshape([channels, height, width, batch]).permute([3, 0, 1, 2])
}

/// Samples next to each other in the batch as channels of one: `[batch, channels, height, width]` to
/// `[batch / packing, packing channels, height, width]`.
pub(crate) fn pack(x: Tensor<4>, packing: usize) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    if packing == 1 {
        return x;
    }
    if !has_kernels(&x) {
        return x.reshape([batch / packing, packing * channels, height, width]);
    }
    let x = stored(x).reshape([height, width, channels, batch / packing, packing]).permute([0, 1, 4, 2, 3]);
    usual(x.reshape([height, width, packing * channels, batch / packing]))
}

/// Each channel of each sample as a sample of its own: `[batch channels, 1, height, width]`.
pub(crate) fn planes(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    if !has_kernels(&x) {
        return x.reshape([batch * channels, 1, height, width]);
    }
    stored(x).reshape([height, width, 1, channels * batch]).permute([3, 2, 0, 1])
}

/// [`planes`] of so many channels as `[batch, channels, height, width]` again.
pub(crate) fn joined(planes: Tensor<4>, channels: usize) -> Tensor<4> {
    let [count, _, height, width] = planes.dims();
    let batch = count / channels;
    if !has_kernels(&planes) {
        return planes.reshape([batch, channels, height, width]);
    }
    usual(stored(planes).reshape([height, width, channels, batch]))
}

/// What `f`, a function of single numbers or of numbers in the same place, makes of tensors. They come to it in the order in
/// which they lie, which Burn's operations ask for.
pub(crate) fn pointwise<const INPUTS: usize>(
    inputs: [Tensor<4>; INPUTS],
    f: impl FnOnce([Tensor<4>; INPUTS]) -> Tensor<4>,
) -> Tensor<4> {
    if inputs.iter().all(has_kernels) { usual(f(inputs.map(stored))) } else { f(inputs) }
}

/// The samples of `a`, then those of `b`.
pub(crate) fn stack(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    if has_kernels(&a) { apply(Stack, [input(a), input(b)]) } else { Tensor::cat(vec![a, b], 0) }
}

#[derive(Clone, Copy, Debug)]
struct Stack;

impl Operation<2> for Stack {
    /// Samples of each.
    type Saved = [usize; 2];

    fn forward(&self, [a, b]: [FlexTensor; 2]) -> (FlexTensor, [usize; 2]) {
        let ([of_a, channels, height, width], [of_b, ..]) = (dims(&a), dims::<4>(&b));
        let (a, b) = (upright(a), upright(b));
        let both = side_by_side(&strided(&a), &strided(&b));
        (pixels(both, [of_a + of_b, channels, height, width]), [of_a, of_b])
    }

    fn backward(self, [of_a, of_b]: [usize; 2], gradient: FlexTensor, wanted: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let part = |from, samples| gradient.narrow(0, from, samples);
        [wanted[0].then(|| part(0, of_a)), wanted[1].then(|| part(of_a, of_b))]
    }
}

/// The channels of `a`, then those of `b`.
pub(crate) fn beside(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    if has_kernels(&a) { apply(Beside, [input(a), input(b)]) } else { Tensor::cat(vec![a, b], 1) }
}

#[derive(Clone, Copy, Debug)]
struct Beside;

impl Operation<2> for Beside {
    /// Shapes of both.
    type Saved = [[usize; 4]; 2];

    fn forward(&self, [a, b]: [FlexTensor; 2]) -> (FlexTensor, [[usize; 4]; 2]) {
        let shapes @ [[batch, of_a, height, width], [_, of_b, ..]] = [dims(&a), dims(&b)];
        let (a, b) = (upright(a), upright(b));
        let both = channels_beside(&strided(&a), &strided(&b));
        (pixels(both, [batch, of_a + of_b, height, width]), shapes)
    }

    fn backward(self, shapes: [[usize; 4]; 2], gradient: FlexTensor, wanted: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let (gradient, [of_a, of_b]) = (upright(gradient), shapes.map(|[_, channels, ..]| channels));
        let part = |channels, shape| pixels(channels_within(&strided(&gradient), channels), shape);
        [wanted[0].then(|| part(0..of_a, shapes[0])), wanted[1].then(|| part(of_a..of_a + of_b, shapes[1]))]
    }
}

/// a + b.
pub(crate) fn add(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    pointwise([a, b], |[a, b]| a + b)
}

/// Each pixel as often as the factors say, each way.
pub(crate) fn repeat(x: Tensor<4>, [down, across]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    if !has_kernels(&x) {
        let x = x.reshape([batch, channels, height, 1, width, 1]);
        let x = x.expand([batch, channels, height, down, width, across]);
        return x.reshape([batch, channels, down * height, across * width]);
    }
    let row = channels * batch;
    let x = stored(x).reshape([height, 1, width, 1, row]).expand([height, down, width, across, row]);
    usual(x.reshape([down * height, across * width, channels, batch]))
}

/// The mean of each block of so many pixels each way. The factors divide the sides.
pub(crate) fn average(x: Tensor<4>, [down, across]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    if !has_kernels(&x) {
        let x = x.reshape([batch, channels, height / down, down, width / across, across]);
        return x.mean_dim(5).mean_dim(3).reshape([batch, channels, height / down, width / across]);
    }
    let x = stored(x).reshape([height / down, down, width / across, across, channels * batch]);
    let sum = |x: Tensor<5>, axis, count| {
        let rest = (1..count).map(|at| x.clone().narrow(axis, at, 1));
        rest.fold(x.clone().narrow(axis, 0, 1), |sum, slice| sum + slice)
    };
    let x = sum(sum(x, 3, across), 1, down) * (1.0 / (down * across) as f64);
    usual(x.reshape([height / down, width / across, channels, batch]))
}

/// `[height, width, channels, batch]`: as the numbers lie.
fn stored(x: Tensor<4>) -> Tensor<4> {
    x.permute([2, 3, 1, 0])
}

fn usual(x: Tensor<4>) -> Tensor<4> {
    x.permute([3, 2, 0, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    #[test]
    fn channels_stand_beside_one_another_and_so_do_their_gradients() {
        let device = Device::flex().autodiff();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let (a, b) = (random([3, 2, 4, 5]).require_grad(), random([3, 4, 4, 5]).require_grad());
        let by = random([3, 6, 4, 5]);
        let both = beside(a.clone(), b.clone());
        both.to_data().assert_eq(&Tensor::cat(vec![a.clone(), b.clone()], 1).to_data(), true);
        let gradients = (both * by.clone()).sum().backward();
        for (part, channels) in [(a, 0..2), (b, 2..6)] {
            let found = part.grad(&gradients).expect("it is on the tape");
            found.to_data().assert_eq(&by.clone().slice([0..3, channels]).to_data(), true);
        }
    }

    #[test]
    fn a_stack_is_one_after_the_other_and_so_is_its_gradient() {
        let device = Device::flex().autodiff();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let (a, b) = (random([3, 2, 4, 5]).require_grad(), random([2, 2, 4, 5]).require_grad());
        let by = random([5, 2, 4, 5]);
        let both = stack(a.clone(), b.clone());
        both.to_data().assert_eq(&Tensor::cat(vec![a.clone(), b.clone()], 0).to_data(), true);
        let gradients = (both * by.clone()).sum().backward();
        for (part, samples) in [(a, 0..3), (b, 3..5)] {
            let found = part.grad(&gradients).expect("it is on the tape");
            found.to_data().assert_eq(&by.clone().slice([samples]).to_data(), true);
        }
    }
}
