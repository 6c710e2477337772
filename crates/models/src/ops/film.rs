//! Frames of a video as separate samples.

use super::node::{Operation, apply, dims, has_kernels, input, pixels, strided, upright};
use burn::tensor::Tensor;
use burn_flex::FlexTensor;

/// `[batch, channels, count height, width]` to `[count batch, channels, height, width]`, the first frame of every sample first.
pub(crate) fn frames(x: Tensor<4>, count: usize) -> Tensor<4> {
    let [batch, channels, rows, width] = x.dims();
    if has_kernels(&x) {
        return apply(Apart(count), [input(x)]);
    }
    let x = x.reshape([batch, channels, count, rows / count, width]).permute([2, 0, 1, 3, 4]);
    x.reshape([count * batch, channels, rows / count, width])
}

/// The inverse of [`frames`]: each video's frames one below the other.
pub(crate) fn film(x: Tensor<4>, count: usize) -> Tensor<4> {
    let [images, channels, height, width] = x.dims();
    if has_kernels(&x) {
        return apply(Together(count), [input(x)]);
    }
    let x = x.reshape([count, images / count, channels, height, width]).permute([1, 2, 0, 3, 4]);
    x.reshape([images / count, channels, count * height, width])
}

/// So many frames.
#[derive(Clone, Copy, Debug)]
struct Apart(usize);

#[derive(Clone, Copy, Debug)]
struct Together(usize);

impl Operation<1> for Apart {
    type Saved = ();

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, ()) {
        (apart(x, self.0), ())
    }

    fn backward(self, (): (), gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(together(gradient, self.0))]
    }
}

impl Operation<1> for Together {
    type Saved = ();

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, ()) {
        (together(x, self.0), ())
    }

    fn backward(self, (): (), gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(apart(gradient, self.0))]
    }
}

/// `[frame][place and channel][sample]` to `[place and channel][frame][sample]`.
fn apart(x: FlexTensor, count: usize) -> FlexTensor {
    let [batch, channels, rows, width] = dims(&x);
    let x = upright(x);
    let numbers = strided(&x).pixel_major();
    let lines = numbers.len() / (count * batch);
    let order = (0..lines).flat_map(|line| (0..count).map(move |frame| frame * lines + line));
    pixels(in_order(&numbers, batch, order), [count * batch, channels, rows / count, width])
}

fn together(x: FlexTensor, count: usize) -> FlexTensor {
    let [images, channels, height, width] = dims(&x);
    let x = upright(x);
    let (numbers, batch) = (strided(&x).pixel_major(), images / count);
    let lines = numbers.len() / images;
    let order = (0..count).flat_map(|frame| (0..lines).map(move |line| line * count + frame));
    pixels(in_order(&numbers, batch, order), [batch, channels, count * height, width])
}

/// Lines of as many numbers as samples.
fn in_order(numbers: &[f32], batch: usize, order: impl Iterator<Item = usize>) -> Vec<f32> {
    let mut moved = Vec::with_capacity(numbers.len());
    order.for_each(|line| moved.extend_from_slice(&numbers[line * batch..(line + 1) * batch]));
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, TensorData};

    #[test]
    fn frames_are_samples_and_come_together_again() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            // Number 1000 sample + 100 channel + 10 row + column, two frames of 2 x 3.
            let number = |at: usize| (at / 24 * 1000 + at / 12 % 2 * 100 + at / 3 % 4 * 10 + at % 3) as f32;
            let numbers: Vec<f32> = (0..3 * 24).map(number).collect();
            let x = Tensor::<4>::from_data(TensorData::new(numbers, [3, 2, 4, 3]), &device);
            let images = frames(x.clone(), 2);
            assert_eq!(images.dims(), [6, 2, 2, 3]);
            // The second frame of sample 1: its rows are 2 and 3.
            let second = images.clone().slice([4..5, 1..2, 0..2, 0..3]);
            let expected = [1120.0, 1121.0, 1122.0, 1130.0, 1131.0, 1132.0f32];
            assert_eq!(second.into_data().iter::<f32>().collect::<Vec<_>>(), expected);
            film(images, 2).to_data().assert_eq(&x.to_data(), true);
        }
    }

    #[test]
    fn gradients_go_back_to_where_the_numbers_are_from() {
        let device = Device::flex().autodiff();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let (x, by) = (random([3, 2, 8, 5]).require_grad(), random([12, 2, 2, 5]));
        let found = (frames(x.clone(), 4) * by.clone()).sum().backward();
        x.grad(&found).unwrap().to_data().assert_eq(&film(by.clone(), 4).to_data(), true);
        let (x, back) = (random([12, 2, 2, 5]).require_grad(), random([3, 2, 8, 5]));
        let found = (film(x.clone(), 4) * back.clone()).sum().backward();
        x.grad(&found).unwrap().to_data().assert_eq(&frames(back, 4).to_data(), true);
    }
}
