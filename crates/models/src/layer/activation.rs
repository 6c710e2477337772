//! Functions of single numbers.

use super::Layer;
use crate::ops::{self, activate, slopes};
use burn::module::Module;
use burn::tensor::Tensor;
use std::f32::consts::SQRT_2;

/// A function of each number.
#[derive(Module, Debug)]
pub struct Activation {
    #[module(skip)]
    function: ops::Activation,
}

const LEAK: f32 = 0.2;

/// max(0, x).
pub const RELU: Layer = layer(ops::Activation::Relu);

/// LeakyReLU with the slope 0.2 below 0 (Radford et al. 2016, section 3).
pub const LEAKY_RELU: Layer = leaky(LEAK);

/// LeakyReLU times √2, which about keeps the variance of what passes (Karras et al. 2020, arXiv 1912.04958, appendix B).
pub const LEAKY_RELU_GAIN: Layer = leaky_with_gain(LEAK, SQRT_2);

/// Into (-1, 1).
pub const TANH: Layer = layer(ops::Activation::Tanh);

/// Into (0, 1).
pub const SIGMOID: Layer = layer(ops::Activation::Sigmoid);

/// Multiplied by a constant.
pub const fn times(factor: f32) -> Layer {
    layer(ops::Activation::LeakyRelu { slope: 1.0, gain: factor })
}

/// LeakyReLU with another slope below 0.
pub const fn leaky(slope: f32) -> Layer {
    leaky_with_gain(slope, 1.0)
}

/// LeakyReLU times a constant.
pub const fn leaky_with_gain(slope: f32, gain: f32) -> Layer {
    layer(ops::Activation::LeakyRelu { slope, gain })
}

const fn layer(function: ops::Activation) -> Layer {
    Layer::Activation(Activation { function })
}

impl Activation {
    pub fn operation(&self) -> ops::Activation {
        self.function
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        activate(x, self.function)
    }

    /// The slopes of piecewise linear functions are constants.
    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        slopes(x, gradient, self.function)
    }
}
