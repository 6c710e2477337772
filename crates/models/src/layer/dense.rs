//! A dense layer.

use super::Layers;
use super::spectral::{PowerIteration, SpectralNorm, effective};
use crate::ops::{Activation, dense, dense_transposed, reshape};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;

/// y = x W + b on all numbers of a sample, whatever its shape.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[in, out]`.
    pub(crate) weight: Param<Tensor<2>>,
    /// `[out]`.
    pub(crate) bias: Option<Param<Tensor<1>>>,
    spectral: Option<SpectralNorm>,
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
    /// What the bias is multiplied by.
    bias_scale: f64,
}

impl Dense {
    pub fn new(inputs: usize, outputs: usize, layers: &Layers) -> Self {
        let shape = [inputs, outputs];
        Self {
            weight: Initializer::Zeros.init(shape, layers.device),
            bias: Some(Initializer::Zeros.init([outputs], layers.device)),
            spectral: layers.spectral_norm.then(|| SpectralNorm::new(shape, layers.device)),
            scale: layers.scale(inputs),
            bias_scale: 1.0,
        }
    }

    /// With weights and biases that act by `rate` times as much, so that an optimizer that normalises gradients moves what
    /// the layer does at that part of its learning rate. Weights that start 1 / `rate` times as large do what they did.
    pub fn at_rate(self, rate: f64) -> Self {
        Self { scale: self.scale * rate, bias_scale: rate, ..self }
    }

    /// The same without b.
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// With a bias that starts at 1.
    pub fn around_one(inputs: usize, outputs: usize, layers: &Layers) -> Self {
        Self { bias: Some(Initializer::Ones.init([outputs], layers.device)), ..Self::new(inputs, outputs, layers) }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_then(x, Activation::Identity)
    }

    /// A function of each output behind it.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let bias = self.bias.as_ref().map(Param::val);
        let bias = bias.map(|bias| if self.bias_scale == 1.0 { bias } else { bias * self.bias_scale });
        dense(x, self.effective(), bias, activation)
    }

    pub fn pullback(&self, input: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        let [_, channels, height, width] = input;
        reshape(dense_transposed(gradient, self.effective()), [channels, height, width])
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        let spectral = self.spectral.map(|norm| norm.follow(self.weight.val(), power));
        Self { spectral, ..self }
    }

    /// With weight and bias as they act.
    pub(crate) fn folded(self) -> Self {
        let (weight, bias_scale) = (self.effective(), self.bias_scale);
        let bias = self.bias.map(|bias| bias.map(|bias| bias * bias_scale));
        Self { weight: self.weight.map(|_| weight), bias, spectral: None, scale: 1.0, bias_scale: 1.0 }
    }

    fn effective(&self) -> Tensor<2> {
        effective(self.weight.val(), self.spectral.as_ref(), self.scale)
    }
}
