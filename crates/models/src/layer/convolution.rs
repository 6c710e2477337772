//! Convolutions down and up. Each one's pullback is the other.

use super::Layers;
use super::spectral::{SpectralNorm, effective};
use crate::ops::{Activation, convolution, transposed_convolution};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;

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
        self.forward_then(x, Activation::Identity)
    }

    /// A function of each output behind it.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let bias = self.bias.as_ref().map(Param::val);
        convolution(x, self.effective(), bias, self.stride, self.padding, activation)
    }

    /// What the stride leaves out at the far border gets a gradient of 0.
    pub fn pullback(&self, [.., height, width]: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        let (weight, [.., rows, columns]) = (self.effective(), gradient.dims());
        let kernel = weight.dims()[2];
        let rest = |size: usize, steps: usize| size + 2 * self.padding - kernel - (steps - 1) * self.stride;
        let extra = [rest(height, rows), rest(width, columns)];
        transposed_convolution(gradient, weight, None, self.stride, self.padding, extra, Activation::Identity)
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

    /// A function of each output behind it.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let (bias, extra) = (self.bias.as_ref().map(Param::val), [self.extra; 2]);
        transposed_convolution(x, self.effective(), bias, self.stride, self.padding, extra, activation)
    }

    pub fn pullback(&self, gradient: Tensor<4>) -> Tensor<4> {
        convolution(gradient, self.effective(), None, self.stride, self.padding, Activation::Identity)
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
