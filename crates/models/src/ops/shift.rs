//! Samples moved along their last axis, each by a separate distance. Each way's gradient is the other way.

use super::node::{Operation, apply, dims, has_kernels, input, pixels, strided, upright};
use burn::tensor::{IndexingUpdateOp, Int, Tensor, TensorData};
use burn_flex::FlexTensor;
use kernels::Shift;
use std::sync::Arc;

/// Each sample moved to the right by its distance, whose magnitude is below the width. What moves in at an end is the mirror
/// image of what stands there: `y[w] = x[|w - d|]` at the near end.
pub(crate) fn shift(x: Tensor<4>, distances: Arc<[isize]>) -> Tensor<4> {
    if has_kernels(&x) {
        return apply(Shifted { is_back: false, distances }, [input(x)]);
    }
    let places = places(&x, &distances);
    x.gather(3, places)
}

/// The transpose of [`shift`]: the gradient at x, from the one at its result.
pub(crate) fn shift_back(gradient: Tensor<4>, distances: Arc<[isize]>) -> Tensor<4> {
    if has_kernels(&gradient) {
        return apply(Shifted { is_back: true, distances }, [input(gradient)]);
    }
    let places = places(&gradient, &distances);
    gradient.zeros_like().scatter(3, places, gradient, IndexingUpdateOp::Add)
}

/// Where each number comes from, `[batch, channels, height, width]`.
fn places(x: &Tensor<4>, distances: &[isize]) -> Tensor<4, Int> {
    let [batch, channels, height, width] = x.dims();
    let last = width as i64 - 1;
    let mirrored = |place: i64| if place.abs() <= last { place.abs() } else { 2 * last - place };
    let row = |distance: &isize| (0..=last).map(|place| mirrored(place - *distance as i64)).collect::<Vec<_>>();
    let places: Vec<i64> = distances.iter().flat_map(row).collect();
    let places = Tensor::<4, Int>::from_data(TensorData::new(places, [batch, 1, 1, width]), &x.device());
    places.expand([batch, channels, height, width])
}

#[derive(Clone, Debug)]
struct Shifted {
    is_back: bool,
    distances: Arc<[isize]>,
}

impl Shifted {
    fn run(&self, x: FlexTensor, is_back: bool) -> FlexTensor {
        let x = upright(x);
        let [batch, channels, height, width] = dims(&x);
        let shift = Shift { shape: [height, width, channels], distances: &self.distances };
        let numbers = strided(&x).pixel_major();
        let moved = if is_back { shift.backward(&numbers) } else { shift.forward(&numbers) };
        pixels(moved, [batch, channels, height, width])
    }
}

impl Operation<1> for Shifted {
    type Saved = ();

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, ()) {
        (self.run(x, self.is_back), ())
    }

    fn backward(self, (): (), gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(self.run(gradient, !self.is_back))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    /// Both ways and their gradients, beside Burn's operations on the same device.
    #[test]
    fn values_and_gradients_are_those_of_burn() {
        let device = Device::flex().autodiff();
        let random = || Tensor::<4>::random([3, 2, 2, 7], Distribution::Normal(0.0, 1.0), &device);
        let distances: Arc<[isize]> = Arc::from([2, 0, -6]);
        let (x, by) = (random(), random());
        for is_back in [false, true] {
            let results = [true, false].map(|is_ours| {
                let x = x.clone().require_grad();
                let places = places(&x, &distances);
                let y = match (is_ours, is_back) {
                    (true, false) => shift(x.clone(), distances.clone()),
                    (true, true) => shift_back(x.clone(), distances.clone()),
                    (false, false) => x.clone().gather(3, places),
                    (false, true) => x.clone().zeros_like().scatter(3, places, x.clone(), IndexingUpdateOp::Add),
                };
                let gradients = (y.clone() * by.clone()).sum().backward();
                [y.into_data(), x.grad(&gradients).unwrap().into_data()]
            });
            for (ours, burns) in results[0].iter().zip(&results[1]) {
                ours.assert_approx_eq(burns, burn::tensor::Tolerance::<f32>::absolute(1e-6));
            }
        }
    }
}
