//! Convolutions down and up. Each one's pullback is the other.

use super::Layers;
use super::spectral::{SpectralNorm, effective};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};

/// Convolution with a square kernel.
#[derive(Module, Debug)]
pub(crate) struct Convolution {
    /// `[out, in, kernel, kernel]`.
    weight: Param<Tensor<4>>,
    /// `[out]`.
    bias: Option<Param<Tensor<1>>>,
    spectral: Option<SpectralNorm>,
    stride: usize,
    padding: usize,
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
}

impl Convolution {
    pub fn new([inputs, outputs]: [usize; 2], kernel: usize, stride: usize, padding: usize, layers: &Layers) -> Self {
        let shape = [outputs, inputs, kernel, kernel];
        Self {
            weight: Initializer::Zeros.init(shape, layers.device),
            bias: Some(Initializer::Zeros.init([outputs], layers.device)),
            spectral: layers.spectral_norm.then(|| SpectralNorm::new(shape, layers.device)),
            stride,
            padding,
            scale: layers.scale(inputs * kernel * kernel),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        conv2d(x, self.effective(), self.bias.as_ref().map(Param::val), down(self.stride, self.padding))
    }

    /// What the stride leaves out at the far border gets a gradient of 0.
    pub fn pullback(&self, [.., height, width]: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        let (weight, [.., rows, columns]) = (self.effective(), gradient.dims());
        let kernel = weight.dims()[2];
        let rest = |size: usize, steps: usize| size + 2 * self.padding - kernel - (steps - 1) * self.stride;
        conv_transpose2d(
            gradient,
            weight,
            None,
            up(self.stride, self.padding, [rest(height, rows), rest(width, columns)]),
        )
    }

    pub fn before_update(self) -> Self {
        let spectral = self.spectral.map(|norm| norm.iterate(self.weight.val()));
        Self { spectral, ..self }
    }

    fn effective(&self) -> Tensor<4> {
        effective(self.weight.val(), self.spectral.as_ref(), self.scale)
    }
}

/// Transposed convolution with a square kernel: the output is `stride` times as large.
#[derive(Module, Debug)]
pub(crate) struct TransposedConvolution {
    /// `[in, out, kernel, kernel]`.
    weight: Param<Tensor<4>>,
    /// `[out]`.
    bias: Option<Param<Tensor<1>>>,
    spectral: Option<SpectralNorm>,
    stride: usize,
    padding: usize,
    /// Rows and columns that the far border has more.
    extra: usize,
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
}

impl TransposedConvolution {
    /// The kernel is at least as large as the stride.
    pub fn new([inputs, outputs]: [usize; 2], kernel: usize, stride: usize, layers: &Layers) -> Self {
        let shape = [inputs, outputs, kernel, kernel];
        let padding = (kernel - stride).div_ceil(2);
        Self {
            weight: Initializer::Zeros.init(shape, layers.device),
            bias: Some(Initializer::Zeros.init([outputs], layers.device)),
            spectral: layers.spectral_norm.then(|| SpectralNorm::new([outputs, inputs, kernel, kernel], layers.device)),
            stride,
            padding,
            extra: 2 * padding + stride - kernel,
            scale: layers.scale(inputs * kernel * kernel),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let options = up(self.stride, self.padding, [self.extra, self.extra]);
        conv_transpose2d(x, self.effective(), self.bias.as_ref().map(Param::val), options)
    }

    pub fn pullback(&self, gradient: Tensor<4>) -> Tensor<4> {
        conv2d(gradient, self.effective(), None, down(self.stride, self.padding))
    }

    pub fn before_update(self) -> Self {
        let spectral = self.spectral.map(|norm| norm.iterate(self.weight.val().swap_dims(0, 1)));
        Self { spectral, ..self }
    }

    /// The matrix of a transposed convolution has its outputs in the second axis.
    fn effective(&self) -> Tensor<4> {
        match &self.spectral {
            Some(norm) => effective(self.weight.val().swap_dims(0, 1), Some(norm), self.scale).swap_dims(0, 1),
            None => effective(self.weight.val(), None, self.scale),
        }
    }
}

fn down(stride: usize, padding: usize) -> ConvOptions<2> {
    ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1)
}

fn up(stride: usize, padding: usize, extra: [usize; 2]) -> ConvTransposeOptions<2> {
    ConvTransposeOptions::new([stride; 2], [padding; 2], extra, [1; 2], 1)
}
