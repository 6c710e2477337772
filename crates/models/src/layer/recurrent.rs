//! A recurrent layer along time.

use super::Layers;
use crate::ops;
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Tensor, activation};

/// Gated recurrent unit (Cho et al. 2014, arXiv 1406.1078, with the gate inside of PyTorch's and cuDNN's form): from
/// `[batch, inputs, 1, time]` to its states `[batch, outputs, 1, time]`, the state before the first being 0.
///
/// r = σ(W_r x + U_r h), z = σ(W_z x + U_z h), n = tanh(W_n x + r (U_n h)), each with its biases; h' = (1 - z) n + z h.
#[derive(Module, Debug)]
pub struct Recurrent {
    /// `[inputs, 3 outputs]` of r, z, n.
    pub(crate) weight: Param<Tensor<2>>,
    /// `[3 outputs]`.
    pub(crate) bias: Param<Tensor<1>>,
    /// Of the state, `[outputs, 3 outputs]`.
    pub(crate) state_weight: Param<Tensor<2>>,
    /// `[3 outputs]`.
    pub(crate) state_bias: Param<Tensor<1>>,
}

impl Recurrent {
    pub fn new(inputs: usize, outputs: usize, layers: &Layers) -> Self {
        let zeros = Initializer::Zeros;
        Self {
            weight: zeros.init([inputs, 3 * outputs], layers.device),
            bias: zeros.init([3 * outputs], layers.device),
            state_weight: zeros.init([outputs, 3 * outputs], layers.device),
            state_bias: zeros.init([3 * outputs], layers.device),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, inputs, _, time] = x.dims();
        let [outputs, _] = self.state_weight.dims();
        let x = ops::reshape(x, [inputs, 1, time]).permute([0, 3, 1, 2]).reshape([batch * time, inputs]);
        let of_inputs = x.matmul(self.weight.val()) + self.bias.val().unsqueeze();
        let of_inputs = of_inputs.reshape([batch, time, 3 * outputs]);
        let mut state = Tensor::<2>::zeros([batch, outputs], &of_inputs.device());
        let mut states = Vec::with_capacity(time);
        for at in 0..time {
            let of_input = of_inputs.clone().narrow(1, at, 1).reshape([batch, 3 * outputs]);
            let of_state = state.clone().matmul(self.state_weight.val()) + self.state_bias.val().unsqueeze();
            let part = |of: &Tensor<2>, gate: usize| of.clone().narrow(1, gate * outputs, outputs);
            let gate = |gate| activation::sigmoid(part(&of_input, gate) + part(&of_state, gate));
            let (reset, keep) = (gate(0), gate(1));
            let new = (part(&of_input, 2) + reset * part(&of_state, 2)).tanh();
            state = new.clone() + keep * (state - new);
            states.push(state.clone().reshape([batch, outputs, 1, 1]));
        }
        Tensor::cat(states, 3)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{common, numbers, same, value, video};
    use super::super::{Chain, Layers};
    use burn::optim::GradientsParams;
    use burn::tensor::{Device, Tensor};

    /// `nn.GRU`, forward and backward (`scripts/video_fixtures.py`).
    #[test]
    fn states_are_those_of_pytorch() {
        let (device, case) = (Device::flex().autodiff(), video("gru"));
        let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 };
        let path = |name: &str| format!("layers/0/Recurrent/{name}");
        let names = ["weight", "bias", "state_weight", "state_bias"];
        let weights = names.map(|name| (path(name), numbers(&case["params"][name])));
        let chain = common::load(Chain::new(vec![make.recurrent(3, 4)]), weights.into());
        let x = value(&case, "x", &device).require_grad();
        let y = chain.forward(x.clone());
        same("y", value(&case, "y", &device), y.clone());
        let mut gradients = (y * value(&case, "grad_output", &device)).sum().backward();
        let of_x = Tensor::from_inner(x.grad_remove(&mut gradients).unwrap());
        same("gradient at x", value(&case, "grad_x", &device), of_x);
        let found = common::gradients(&chain, &GradientsParams::from_grads(gradients, &chain));
        for name in names {
            common::check(name, &numbers(&case["grad_params"][name]).1, &found[&path(name)]);
        }
    }
}
