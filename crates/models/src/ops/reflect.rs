//! Borders of reflected pixels, and the sum of what they show.

use super::node::{Operation, apply, dims, has_kernels, input, pixels, strided, upright};
use burn::tensor::{Int, Tensor};
use burn_flex::FlexTensor;
use kernels::Mirror;

/// With so many rows and columns more at each end, a mirror image of what stands there.
pub(crate) fn reflect(x: Tensor<4>, border: [usize; 2]) -> Tensor<4> {
    let [.., height, width] = x.dims();
    let mirror = Mirror { size: [height, width], border };
    if has_kernels(&x) {
        return apply(Reflect(mirror), [input(x)]);
    }
    let places = [0, 1].map(|axis| indices(mirror.shown(axis), &x));
    let [rows, columns] = places;
    x.select(2, rows).select(3, columns)
}

/// The gradient before such a border from the one behind it: of each pixel the sum over the places that show it. Differentiable.
pub(crate) fn reflected_back(gradient: Tensor<4>, border: [usize; 2]) -> Tensor<4> {
    let [.., high, wide] = gradient.dims();
    let mirror = Mirror { size: [high - 2 * border[0], wide - 2 * border[1]], border };
    if has_kernels(&gradient) {
        return apply(Back(mirror), [input(gradient)]);
    }
    let [batch, channels, ..] = gradient.dims();
    let [rows, columns] = [0, 1].map(|axis| indices(mirror.shown(axis), &gradient));
    let device = gradient.device();
    let narrow = Tensor::zeros([batch, channels, high, mirror.size[1]], &device);
    let narrow = narrow.select_assign(3, columns, gradient, burn::tensor::IndexingUpdateOp::Add);
    let small = Tensor::zeros([batch, channels, mirror.size[0], mirror.size[1]], &device);
    small.select_assign(2, rows, narrow, burn::tensor::IndexingUpdateOp::Add)
}

fn indices(places: Vec<usize>, like: &Tensor<4>) -> Tensor<1, Int> {
    let places: Vec<i32> = places.into_iter().map(|place| place as i32).collect();
    Tensor::from_data(&places[..], &like.device())
}

#[derive(Clone, Debug)]
struct Reflect(Mirror);

impl Operation<1> for Reflect {
    type Saved = ();

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, ()) {
        (shown(self.0, x), ())
    }

    fn backward(self, (): (), gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(gathered(self.0, gradient))]
    }
}

#[derive(Clone, Debug)]
struct Back(Mirror);

impl Operation<1> for Back {
    type Saved = ();

    fn forward(&self, [gradient]: [FlexTensor; 1]) -> (FlexTensor, ()) {
        (gathered(self.0, gradient), ())
    }

    fn backward(self, (): (), x: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(shown(self.0, x))]
    }
}

fn shown(mirror: Mirror, x: FlexTensor) -> FlexTensor {
    let [batch, channels, ..] = dims::<4>(&x);
    let [height, width] = mirror.large();
    let x = upright(x);
    pixels(mirror.forward(&strided(&x).pixel_major(), channels * batch), [batch, channels, height, width])
}

fn gathered(mirror: Mirror, gradient: FlexTensor) -> FlexTensor {
    let [batch, channels, ..] = dims::<4>(&gradient);
    let [height, width] = mirror.size;
    let gradient = upright(gradient);
    let numbers = mirror.backward(&strided(&gradient).pixel_major(), channels * batch);
    pixels(numbers, [batch, channels, height, width])
}
