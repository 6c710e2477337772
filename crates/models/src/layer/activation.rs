//! Functions of single numbers.

use super::Layer;
use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu, tanh};
use std::f64::consts::SQRT_2;

/// A function of each number.
#[derive(Module, Debug)]
pub(crate) struct Activation {
    #[module(skip)]
    function: Function,
}

#[derive(Clone, Copy, Debug)]
enum Function {
    Relu,
    /// With this slope below 0.
    LeakyRelu(f64),
    /// LeakyReLU with the slope 0.2, times √2.
    LeakyReluGain,
    Tanh,
    Times(f64),
}

const LEAK: f64 = 0.2;

/// max(0, x).
pub(crate) const RELU: Layer = Layer::Activation(Activation { function: Function::Relu });

/// LeakyReLU with the slope 0.2 below 0 (Radford et al. 2016, section 3).
pub(crate) const LEAKY_RELU: Layer = leaky(LEAK);

/// LeakyReLU times √2, which about keeps the variance of what passes (Karras et al. 2020, arXiv 1912.04958, appendix B).
pub(crate) const LEAKY_RELU_GAIN: Layer = Layer::Activation(Activation { function: Function::LeakyReluGain });

/// Into (-1, 1).
pub(crate) const TANH: Layer = Layer::Activation(Activation { function: Function::Tanh });

/// Multiplied by a constant.
pub(crate) const fn times(factor: f64) -> Layer {
    Layer::Activation(Activation { function: Function::Times(factor) })
}

/// LeakyReLU with another slope below 0.
pub(crate) const fn leaky(slope: f64) -> Layer {
    Layer::Activation(Activation { function: Function::LeakyRelu(slope) })
}

impl Activation {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.function {
            Function::Relu => relu(x),
            Function::LeakyRelu(slope) => leaky_relu(x, slope),
            Function::LeakyReluGain => leaky_relu(x, LEAK) * SQRT_2,
            Function::Tanh => tanh(x),
            Function::Times(factor) => x * factor,
        }
    }

    /// Slopes of ReLUs are constants; the one at 0 is that of Burn's own backward pass.
    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let positive = || x.clone().greater_elem(0.0).float();
        match self.function {
            Function::Relu => gradient * positive(),
            Function::LeakyRelu(slope) => gradient * slopes(x, slope),
            Function::LeakyReluGain => gradient * slopes(x, LEAK) * SQRT_2,
            Function::Times(factor) => gradient * factor,
            Function::Tanh => gradient * (tanh(x.clone()).square().neg() + 1.0),
        }
    }
}

fn slopes(x: &Tensor<4>, leak: f64) -> Tensor<4> {
    x.clone().greater_equal_elem(0.0).float() * (1.0 - leak) + leak
}
