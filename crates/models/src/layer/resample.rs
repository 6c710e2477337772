//! Images of another size without weights.

use super::Layer;
use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;

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
    /// The sum of all pixels.
    One,
}

/// Twice as high and wide: each pixel four times.
pub(crate) const DOUBLE: Layer = Layer::Resample(Resample { to: Size::Double });

/// Half as high and wide: the mean of each 2 x 2 pixels. The sides are even.
pub(crate) const HALF: Layer = Layer::Resample(Resample { to: Size::Half });

/// One pixel: the sum of all (global sum pooling).
pub(crate) const SUM: Layer = Layer::Resample(Resample { to: Size::One });

impl Resample {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.to {
            Size::Double => double(x),
            Size::Half => half(x),
            Size::One => x.sum_dim(2).sum_dim(3),
        }
    }

    pub fn pullback(&self, input: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        match self.to {
            Size::Double => half(gradient) * 4.0,
            Size::Half => double(gradient) / 4.0,
            Size::One => gradient.expand(input),
        }
    }
}

fn double(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch, channels, height, 1, width, 1]).expand([batch, channels, height, 2, width, 2]);
    x.reshape([batch, channels, 2 * height, 2 * width])
}

fn half(x: Tensor<4>) -> Tensor<4> {
    let options = AvgPoolOptions {
        kernel_size: [2, 2],
        stride: [2, 2],
        padding: [(0, 0); 2],
        count_include_pad: true,
        ceil_mode: false,
    };
    avg_pool2d(x, options)
}
