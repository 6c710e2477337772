//! Layers that see the whole batch.

use super::graph::{Graph, Value, int, ints};
use crate::layer::{MinibatchDeviation, MinibatchDiscrimination, VARIANCE_EPSILON};

impl Graph {
    pub(super) fn minibatch_deviation(&mut self, layer: &MinibatchDeviation, x: &Value) -> Value {
        let [channels, height, width] = x.shape;
        // As many samples as a group has, or all if they do not divide the batch.
        let (group, none, rest) = (self.integers(&[layer.group as i64]), self.integers(&[0]), self.integers(&[-1]));
        let shape = self.node("Shape", &[&x.name], &[]);
        let batch = self.slice(&shape, 0, 0, 1);
        let over = self.node("Mod", &[&batch, &group], &[]);
        let divides = self.node("Equal", &[&over, &none], &[]);
        let group = self.node("Where", &[&divides, &group, &batch], &[]);
        let groups = self.node("Div", &[&batch, &group], &[]);
        let target = self.node("Concat", &[&group, &groups, &rest], &[int("axis", 0)]);

        let grouped = self.node("Reshape", &[&x.name, &target], &[]);
        let mean_over = |axis| [ints("axes", [axis]), int("keepdims", 1)];
        let mean = self.node("ReduceMean", &[&grouped], &mean_over(0));
        let centred = self.node("Sub", &[&grouped, &mean], &[]);
        let square = self.node("Mul", &[&centred, &centred], &[]);
        let variance = self.node("ReduceMean", &[&square], &mean_over(0));
        let deviation = self.root(&variance, VARIANCE_EPSILON);
        let deviation = self.node("ReduceMean", &[&deviation], &mean_over(2));
        // One number a sample, then one a pixel.
        let one = self.integers(&[1]);
        let times = self.node("Concat", &[&group, &one, &one], &[int("axis", 0)]);
        let deviation = self.node("Tile", &[&deviation, &times], &[]);
        let deviation = self.reshape(&deviation, [1, 1, 1]);
        let one = self.number(1.0);
        let sizes = self.integers(&[1, 1, height as i64, width as i64]);
        let pixels = self.node("Expand", &[&one, &sizes], &[]);
        let channel = self.image("Mul", &[&deviation.name, &pixels], &[], [1, height, width]);
        let y = self.beside(x, &channel);
        Value { shape: [channels + 1, height, width], ..y }
    }

    pub(super) fn minibatch_discrimination(&mut self, layer: &MinibatchDiscrimination, path: &str, x: &Value) -> Value {
        let (flat, kernels) = (self.flat(x), layer.kernels);
        let weight = self.tensor(&format!("{path}.weight"), layer.weight.val());
        let views = self.node("MatMul", &[&flat, &weight], &[]);
        let dimensions = (layer.weight.dims()[1] / kernels) as i64;
        let [rows, columns] = [[-1, 1], [1, -1]].map(|[first, second]| {
            let target = self.integers(&[first, second, kernels as i64, dimensions]);
            self.node("Reshape", &[&views, &target], &[])
        });
        let difference = self.node("Sub", &[&rows, &columns], &[]);
        let [of_dimensions, of_samples] = [3, 1].map(|axis| self.integers(&[axis]));
        let size = self.node("Abs", &[&difference], &[]);
        let distance = self.node("ReduceSum", &[&size, &of_dimensions], &[int("keepdims", 0)]);
        let nearness = self.node("Neg", &[&distance], &[]);
        let likeness = self.node("Exp", &[&nearness], &[]);
        let sums = self.node("ReduceSum", &[&likeness, &of_samples], &[int("keepdims", 0)]);
        let y = self.node("Concat", &[&flat, &sums], &[int("axis", 1)]);
        self.reshape(&y, [x.shape.iter().product::<usize>() + kernels, 1, 1])
    }
}
