//! Convolutions down and up. Each one's pullback is the other.

use super::Layers;
use super::spectral::{PowerIteration, SpectralNorm, effective};
use crate::ops::{Activation, convolution, transposed_convolution};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;
use kernels::Window;

/// Convolution.
#[derive(Module, Debug)]
pub struct Convolution {
    /// `[out, in, height, width]`.
    pub(crate) weight: Param<Tensor<4>>,
    /// `[out]`.
    pub(crate) bias: Option<Param<Tensor<1>>>,
    spectral: Option<SpectralNorm>,
    #[module(skip)]
    pub(crate) window: Window,
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
}

impl Convolution {
    pub fn new([inputs, outputs]: [usize; 2], window: Window, layers: &Layers) -> Self {
        let [height, width] = window.kernel;
        let shape = [outputs, inputs, height, width];
        Self {
            weight: Initializer::Zeros.init(shape, layers.device),
            bias: Some(Initializer::Zeros.init([outputs], layers.device)),
            spectral: layers.spectral_norm.then(|| SpectralNorm::new(shape, layers.device)),
            window,
            scale: layers.scale(inputs * window.taps()),
        }
    }

    /// The same without a bias.
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_then(x, Activation::Identity)
    }

    /// A function of each output behind it.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        convolution(x, self.effective(), self.bias.as_ref().map(Param::val), self.window, activation)
    }

    /// What the stride leaves out at the far border gets a gradient of 0.
    pub fn pullback(&self, [.., height, width]: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        transposed_convolution(gradient, self.effective(), None, self.window, [height, width], Activation::Identity)
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        let spectral = self.spectral.map(|norm| norm.follow(self.weight.val(), power));
        Self { spectral, ..self }
    }

    /// With its weight as it acts.
    pub(crate) fn folded(self) -> Self {
        let weight = self.effective();
        Self { weight: self.weight.map(|_| weight), spectral: None, scale: 1.0, ..self }
    }

    fn effective(&self) -> Tensor<4> {
        effective(self.weight.val(), self.spectral.as_ref(), self.scale)
    }
}

/// Transposed convolution.
#[derive(Module, Debug)]
pub struct TransposedConvolution {
    /// `[in, out, height, width]`.
    pub(crate) weight: Param<Tensor<4>>,
    /// `[out]`.
    pub(crate) bias: Option<Param<Tensor<1>>>,
    spectral: Option<SpectralNorm>,
    #[module(skip)]
    pub(crate) window: Window,
    /// Rows and columns beyond the smallest image that the window makes this input of.
    #[module(skip)]
    pub(crate) extra: [usize; 2],
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
}

impl TransposedConvolution {
    /// The output is as small as it can be, and has `extra` rows and columns more.
    pub fn new([inputs, outputs]: [usize; 2], window: Window, extra: [usize; 2], layers: &Layers) -> Self {
        let [height, width] = window.kernel;
        let spectral = || SpectralNorm::new([outputs, inputs, height, width], layers.device);
        Self {
            weight: Initializer::Zeros.init([inputs, outputs, height, width], layers.device),
            bias: Some(Initializer::Zeros.init([outputs], layers.device)),
            spectral: layers.spectral_norm.then(spectral),
            window,
            extra,
            scale: layers.scale(inputs * window.taps()),
        }
    }

    /// The same without a bias.
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// A function of each output behind it.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let [.., height, width] = x.dims();
        let smallest = self.window.large([height, width]).expect("the network's check found an image");
        let large = [0, 1].map(|axis| smallest[axis] + self.extra[axis]);
        let bias = self.bias.as_ref().map(Param::val);
        transposed_convolution(x, self.effective(), bias, self.window, large, activation)
    }

    pub fn pullback(&self, gradient: Tensor<4>) -> Tensor<4> {
        convolution(gradient, self.effective(), None, self.window, Activation::Identity)
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        let spectral = self.spectral.map(|norm| norm.follow(self.weight.val().swap_dims(0, 1), power));
        Self { spectral, ..self }
    }

    /// The matrix of a transposed convolution has its outputs in the second axis.
    /// With its weight as it acts.
    pub(crate) fn folded(self) -> Self {
        let weight = self.effective();
        Self { weight: self.weight.map(|_| weight), spectral: None, scale: 1.0, ..self }
    }

    fn effective(&self) -> Tensor<4> {
        match &self.spectral {
            Some(norm) => effective(self.weight.val().swap_dims(0, 1), Some(norm), self.scale).swap_dims(0, 1),
            None => effective(self.weight.val(), None, self.scale),
        }
    }
}
