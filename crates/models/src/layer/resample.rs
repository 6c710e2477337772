//! Images of another size without weights.

use super::Layer;
use crate::ops::{Activation, convolution, double, half, joined, planes, transposed_convolution};
use burn::module::Module;
use burn::tensor::Tensor;

/// Another size.
#[derive(Module, Debug)]
pub(crate) struct Resample {
    #[module(skip)]
    to: Size,
}

#[derive(Clone, Copy, Debug)]
enum Size {
    /// Each pixel four times.
    Double,
    /// The mean of each 2 x 2 pixels.
    Half,
    /// The mean of each 4 x 4 pixels, weighted by the kernel of [`smooth`].
    HalfSmooth,
    /// The sum of all pixels.
    One,
}

/// Twice as high and wide: each pixel four times.
pub(crate) const DOUBLE: Layer = Layer::Resample(Resample { to: Size::Double });

/// Half as high and wide: the mean of each 2 x 2 pixels. The sides are even.
pub(crate) const HALF: Layer = Layer::Resample(Resample { to: Size::Half });

/// Half as high and wide, without aliasing: each 4 x 4 pixels weighted by [1, 3, 3, 1] each way (Karras et al. 2020,
/// arXiv 1912.04958, appendix B). The sides are even.
pub(crate) const HALF_SMOOTH: Layer = Layer::Resample(Resample { to: Size::HalfSmooth });

/// One pixel: the sum of all (global sum pooling).
pub(crate) const SUM: Layer = Layer::Resample(Resample { to: Size::One });

impl Resample {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.to {
            Size::Double => double(x),
            Size::Half => half(x),
            Size::HalfSmooth => half_smooth(x),
            Size::One => x.sum_dim(2).sum_dim(3),
        }
    }

    pub fn pullback(&self, input: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        match self.to {
            Size::Double => half(gradient) * 4.0,
            Size::Half => double(gradient) / 4.0,
            Size::HalfSmooth => double_smooth(gradient) / 4.0,
            Size::One => gradient.expand(input),
        }
    }
}

/// Twice as high and wide, smoothly: zeros between the pixels, then 4 times the kernel [1, 3, 3, 1] each way (Karras et al.
/// 2020, arXiv 1912.04958, appendix B).
pub(super) fn double_smooth(x: Tensor<4>) -> Tensor<4> {
    let (channels, kernel) = (x.dims()[1], smooth(&x) * 4.0);
    joined(transposed_convolution(planes(x), kernel, None, 2, 1, [0; 2], Activation::Identity), channels)
}

fn half_smooth(x: Tensor<4>) -> Tensor<4> {
    let (channels, kernel) = (x.dims()[1], smooth(&x));
    joined(convolution(planes(x), kernel, None, 2, 1, Activation::Identity), channels)
}

/// [1, 3, 3, 1] each way, with the sum 1, `[1, 1, 4, 4]`.
fn smooth(like: &Tensor<4>) -> Tensor<4> {
    let taps = Tensor::<4>::from_data([[[[1.0f32], [3.0], [3.0], [1.0]]]], &like.device()) / 8.0;
    taps.clone() * taps.swap_dims(2, 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::fixture::{case, check, same, value};
    use burn::tensor::Device;

    #[test]
    fn sizes_are_changed_as_pytorch_changes_them() {
        check("upsample_nearest_x2", DOUBLE, &[]);
        check("fir_downsample_1331_x2", HALF_SMOOTH, &[]);
        let (case, device) = (case("fir_upsample_1331_x2"), Device::flex().autodiff());
        let [x, gradient, y, by_x] = ["x", "grad_output", "y", "grad_x"].map(|name| value(&case, name, &device));
        let x = x.require_grad();
        let found = double_smooth(x.clone());
        same("y", y, found.clone());
        same("gradient at x", by_x.inner(), x.grad(&(found * gradient).sum().backward()).unwrap());
    }
}
