//! Layers of videos as operators.

use super::graph::{Graph, Value, int, ints};
use crate::layer::{PerFrame, Recurrent};
use burn::tensor::Tensor;

impl Graph {
    /// Frames one below the other become samples and come together again.
    pub(super) fn per_frame(&mut self, layer: &PerFrame, path: &str, x: &Value) -> Value {
        let ([channels, rows, width], frames) = (x.shape, layer.frames);
        let height = rows / frames;
        let apart = self.sized(&x.name, &[channels, frames, height, width]);
        let apart = self.node("Transpose", &[&apart], &[ints("perm", [0, 2, 1, 3, 4])]);
        let images = self.reshape(&apart, [channels, height, width]);
        let made = self.chain(&layer.chain, &format!("{path}.chain"), images);
        let [channels, height, width] = made.shape;
        let apart = self.sized(&made.name, &[frames, channels, height, width]);
        let together = self.node("Transpose", &[&apart], &[ints("perm", [0, 2, 1, 3, 4])]);
        self.reshape(&together, [channels, frames * height, width])
    }

    /// The operator has the update's gate before the reset's.
    pub(super) fn recurrent(&mut self, layer: &Recurrent, path: &str, x: &Value) -> Value {
        let ([inputs, _, time], [outputs, _]) = (x.shape, layer.state_weight.dims());
        let turned = |weight: Tensor<2>| {
            let [r, z, n] = [0, 1, 2].map(|gate| weight.clone().narrow(1, gate * outputs, outputs));
            Tensor::cat(vec![z, r, n], 1).transpose().unsqueeze::<3>()
        };
        let biases = [&layer.bias, &layer.state_bias].map(|bias| turned(bias.val().unsqueeze()));
        let [of_input, of_state] = biases.map(|bias| bias.reshape([1, 3 * outputs]));
        let weight = self.tensor(&format!("{path}.weight"), turned(layer.weight.val()));
        let state = self.tensor(&format!("{path}.state_weight"), turned(layer.state_weight.val()));
        let bias = self.tensor(&format!("{path}.bias"), Tensor::cat(vec![of_input, of_state], 1));
        let sequence = self.sized(&x.name, &[inputs, time]);
        let sequence = self.node("Transpose", &[&sequence], &[ints("perm", [2, 0, 1])]);
        let attributes = [int("hidden_size", outputs as i64), int("linear_before_reset", 1)];
        let states = self.node("GRU", &[&sequence, &weight, &state, &bias], &attributes);
        // [time, 1, batch, outputs]
        self.image("Transpose", &[&states], &[ints("perm", [2, 3, 1, 0])], [outputs, 1, time])
    }

    /// The numbers of each sample in a shape of any rank.
    fn sized(&mut self, from: &str, shape: &[usize]) -> String {
        let target: Vec<i64> = [-1].into_iter().chain(shape.iter().map(|size| *size as i64)).collect();
        let target = self.integers(&target);
        self.node("Reshape", &[from, &target], &[])
    }
}
