//! Functions of single numbers.

use super::node::{Input, Operation, apply, dims, has_kernels, input, pixels, strided, upright};
use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu, sigmoid, tanh};
use burn_flex::FlexTensor;
pub(crate) use kernels::Activation;

/// f(x).
pub(crate) fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    if activation == Activation::Identity {
        x
    } else if has_kernels(&x) {
        apply(Activate(activation), [input(x)])
    } else {
        by_burn(x, activation)
    }
}

/// By Burn's operations.
pub(super) fn by_burn(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Identity => x,
        Activation::Relu => relu(x),
        Activation::LeakyRelu { slope, gain: 1.0 } => leaky_relu(x, slope.into()),
        Activation::LeakyRelu { slope, gain } => leaky_relu(x, slope.into()) * gain,
        Activation::Tanh => tanh(x),
        Activation::Sigmoid => sigmoid(x),
    }
}

/// f'(x) times the gradient. Where the slope is constant almost everywhere it is a constant of the backward pass.
pub(crate) fn slopes(x: &Tensor<4>, gradient: Tensor<4>, activation: Activation) -> Tensor<4> {
    if !matches!(activation, Activation::Tanh | Activation::Sigmoid)
        && has_kernels(&gradient)
        && let Input::Plain(x) = input(x.clone().without_autodiff())
    {
        return apply(Slopes { x, activation }, [input(gradient)]);
    }
    // The slopes at 0 are those of Burn's own backward pass.
    match activation {
        Activation::Identity => gradient,
        Activation::Relu => gradient * x.clone().greater_elem(0.0).float(),
        Activation::LeakyRelu { slope, gain } => {
            gradient * (x.clone().greater_equal_elem(0.0).float() * (1.0 - slope) + slope) * gain
        }
        Activation::Tanh => gradient * (tanh(x.clone()).square().neg() + 1.0),
        Activation::Sigmoid => {
            let y = sigmoid(x.clone());
            gradient * (y.clone() - y.square())
        }
    }
}

#[derive(Clone, Debug)]
struct Activate(Activation);

impl Operation<1> for Activate {
    type Saved = FlexTensor;

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, FlexTensor) {
        let x = upright(x);
        let y = pixels(self.0.forward(&strided(&x).pixel_major()), dims(&x));
        (y.clone(), y)
    }

    fn backward(self, y: FlexTensor, gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(back(&y, gradient, self.0))]
    }
}

#[derive(Clone, Debug)]
struct Slopes {
    x: FlexTensor,
    activation: Activation,
}

impl Operation<1> for Slopes {
    type Saved = ();

    fn forward(&self, [gradient]: [FlexTensor; 1]) -> (FlexTensor, ()) {
        (back(&self.x, gradient, self.activation), ())
    }

    fn backward(self, (): (), gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(back(&self.x, gradient, self.activation))]
    }
}

/// The gradient before the function; `y` may be its value or, where only signs count, its argument.
fn back(y: &FlexTensor, gradient: FlexTensor, activation: Activation) -> FlexTensor {
    let shape = dims(&gradient);
    let (y, gradient) = (upright(y.clone()), upright(gradient));
    let found = activation.backward(&strided(&gradient).pixel_major(), &strided(&y).pixel_major());
    pixels(found, shape)
}
