//! Images of another size without weights.

use super::Layer;
use crate::ops::{self, Activation, convolution, joined, planes, transposed_convolution};
use burn::module::Module;
use burn::tensor::Tensor;
use kernels::Window;

/// Another size.
#[derive(Module, Debug)]
pub struct Resample {
    #[module(skip)]
    pub(crate) to: Size,
}

/// Factors are those of height and width.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    /// Each pixel as often as the factors say.
    Repeat([usize; 2]),
    /// The mean of each block of pixels.
    Average([usize; 2]),
    /// The mean of the pixels around every second one, weighted by the kernel of [`smooth`], along the axes with factor 2.
    HalfSmooth([usize; 2]),
    /// The sum of all pixels.
    One,
}

/// So many times as high and wide: nearest neighbours.
pub const fn repeat(factors: [usize; 2]) -> Layer {
    Layer::Resample(Resample { to: Size::Repeat(factors) })
}

/// So many times less high and wide: the mean of each block of pixels. The factors divide the sides.
pub const fn average(factors: [usize; 2]) -> Layer {
    Layer::Resample(Resample { to: Size::Average(factors) })
}

/// Half as large along the axes whose factor is 2, without aliasing: each four pixels weighted by [1, 3, 3, 1] (Karras et al.
/// 2020, arXiv 1912.04958, appendix B). Those sides are even.
pub const fn half_smooth(factors: [usize; 2]) -> Layer {
    Layer::Resample(Resample { to: Size::HalfSmooth(factors) })
}

/// One pixel: the sum of all (global sum pooling).
pub const SUM: Layer = Layer::Resample(Resample { to: Size::One });

impl Resample {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.to {
            Size::Repeat(factors) => ops::repeat(x, factors),
            Size::Average(factors) => ops::average(x, factors),
            Size::HalfSmooth(factors) => halved_smoothly(x, factors),
            Size::One => x.sum_dim(2).sum_dim(3),
        }
    }

    pub fn pullback(&self, input: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        match self.to {
            Size::Repeat(factors) => ops::average(gradient, factors) * area(factors),
            Size::Average(factors) => ops::repeat(gradient, factors) / area(factors),
            Size::HalfSmooth(factors) => doubled_smoothly(gradient, factors) / area(factors),
            Size::One => gradient.expand(input),
        }
    }
}

fn area([down, across]: [usize; 2]) -> f64 {
    (down * across) as f64
}

/// Twice as large along the axes whose factor is 2, smoothly: zeros between the pixels, then twice the kernel [1, 3, 3, 1]
/// (Karras et al. 2020, arXiv 1912.04958, appendix B).
pub(super) fn doubled_smoothly(x: Tensor<4>, factors: [usize; 2]) -> Tensor<4> {
    let [_, channels, height, width] = x.dims();
    let (kernel, window) = smooth(&x, factors);
    let large = [factors[0] * height, factors[1] * width];
    let kernel = kernel * area(factors);
    joined(transposed_convolution(planes(x), kernel, None, window, large, Activation::Identity), channels)
}

fn halved_smoothly(x: Tensor<4>, factors: [usize; 2]) -> Tensor<4> {
    let channels = x.dims()[1];
    let (kernel, window) = smooth(&x, factors);
    joined(convolution(planes(x), kernel, None, window, Activation::Identity), channels)
}

/// [1, 3, 3, 1] along the axes whose factor is 2, with the sum 1, `[1, 1, height, width]`.
fn smooth(like: &Tensor<4>, factors: [usize; 2]) -> (Tensor<4>, Window) {
    let [down, across] = factors.map(taps);
    let [height, width] = [down.len(), across.len()];
    let down = Tensor::<1>::from_data(&down[..], &like.device()).reshape([1, 1, height, 1]);
    let across = Tensor::<1>::from_data(&across[..], &like.device()).reshape([1, 1, 1, width]);
    (down * across, Window::same([height, width], factors))
}

/// The kernel along an axis with that factor: 1 or 2.
pub(crate) fn taps(factor: usize) -> Vec<f32> {
    if factor == 2 { vec![0.125, 0.375, 0.375, 0.125] } else { vec![1.0] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::fixture::{case, check, same, value};
    use burn::tensor::Device;

    #[test]
    fn sizes_are_changed_as_pytorch_changes_them() {
        check("upsample_nearest_x2", repeat([2; 2]), &[]);
        check("fir_downsample_1331_x2", half_smooth([2; 2]), &[]);
        let (case, device) = (case("fir_upsample_1331_x2"), Device::flex().autodiff());
        let [x, gradient, y, by_x] = ["x", "grad_output", "y", "grad_x"].map(|name| value(&case, name, &device));
        let x = x.require_grad();
        let found = doubled_smoothly(x.clone(), [2; 2]);
        same("y", y, found.clone());
        same("gradient at x", by_x.inner(), x.grad(&(found * gradient).sum().backward()).unwrap());
    }
}
