//! Nodes and constants of a graph that grows from its inputs to its outputs.

use super::proto::{
    A_FLOAT, A_STRING, AN_INT, Attribute, FLOAT, GraphProto, INT64, INTS, Node, TensorProto, ValueInfo,
};
use burn::module::Param;
use burn::tensor::Tensor;

/// The output of a node, `[batch, channels, height, width]`.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub name: String,
    /// Channels, height and width.
    pub shape: [usize; 3],
}

#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    constants: Vec<TensorProto>,
}

impl Graph {
    /// An operator with one output, of which it returns the name.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        let name = format!("{operator}_{}", self.nodes.len());
        let inputs = inputs.iter().map(|input| (*input).to_owned()).collect();
        let (outputs, operator, attributes) = (vec![name.clone()], operator.to_owned(), attributes.to_vec());
        self.nodes.push(Node { inputs, outputs, name: name.clone(), operator, attributes });
        name
    }

    /// The same, with an output of the shape `[batch, ...shape]`.
    pub(super) fn image(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute],
        shape: [usize; 3],
    ) -> Value {
        Value { name: self.node(operator, inputs, attributes), shape }
    }

    /// Calls the output of the newest node by another name.
    pub(super) fn rename(&mut self, output: String, name: &str) {
        // What passes the layers unchanged is the output of none of them.
        let is_newest = self.nodes.last().is_some_and(|node| node.outputs[0] == output);
        if !is_newest {
            self.node("Identity", &[&output], &[]);
        }
        if let Some(node) = self.nodes.last_mut() {
            node.outputs = vec![name.to_owned()];
        }
    }

    /// Numbers in row-major order.
    pub(super) fn numbers(&mut self, name: &str, shape: &[usize], numbers: &[f32]) -> String {
        let data = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.constant(name, FLOAT, shape, data)
    }

    /// A tensor of the layers.
    pub(super) fn tensor<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> String {
        let (shape, data) = (tensor.dims(), tensor.into_data());
        self.numbers(name, &shape, &data.iter().collect::<Vec<f32>>())
    }

    /// A vector that has a number for each channel, if there is one.
    pub(super) fn of_channels(&mut self, name: &str, vector: &Param<Tensor<1>>) -> String {
        let vector = vector.val();
        let [channels] = vector.dims();
        self.tensor(name, vector.reshape([channels, 1, 1]))
    }

    /// One number.
    pub(super) fn number(&mut self, number: f32) -> String {
        let name = format!("number_{}", self.constants.len());
        self.numbers(&name, &[], &[number])
    }

    /// A list of whole numbers.
    pub(super) fn integers(&mut self, integers: &[i64]) -> String {
        let name = format!("integers_{}", self.constants.len());
        let data = integers.iter().flat_map(|integer| integer.to_le_bytes()).collect();
        self.constant(&name, INT64, &[integers.len()], data)
    }

    /// The same numbers of each sample in another shape.
    pub(super) fn reshape(&mut self, from: &str, shape: [usize; 3]) -> Value {
        let [channels, height, width] = shape.map(|size| size as i64);
        let target = self.integers(&[-1, channels, height, width]);
        self.image("Reshape", &[from, &target], &[], shape)
    }

    /// All numbers of each sample, `[batch, numbers]`.
    pub(super) fn flat(&mut self, x: &Value) -> String {
        let numbers = x.shape.iter().product::<usize>() as i64;
        let target = self.integers(&[-1, numbers]);
        self.node("Reshape", &[&x.name, &target], &[])
    }

    /// From `first` on along an axis, up to `end`.
    pub(super) fn slice(&mut self, from: &str, axis: i64, first: usize, end: usize) -> String {
        let [first, end] = [first, end].map(|at| self.integers(&[at as i64]));
        let axis = self.integers(&[axis]);
        self.node("Slice", &[from, &first, &end, &axis], &[])
    }

    pub(super) fn finish(self, name: &str, inputs: Vec<ValueInfo>, outputs: Vec<ValueInfo>) -> GraphProto {
        GraphProto { nodes: self.nodes, name: name.to_owned(), initializers: self.constants, inputs, outputs }
    }

    fn constant(&mut self, name: &str, kind: i32, shape: &[usize], data: Vec<u8>) -> String {
        let dims = shape.iter().map(|size| *size as i64).collect();
        self.constants.push(TensorProto { dims, kind, name: name.to_owned(), data });
        name.to_owned()
    }
}

pub(super) fn int(name: &str, int: i64) -> Attribute {
    Attribute { name: name.to_owned(), int, kind: AN_INT, ..Attribute::default() }
}

pub(super) fn ints(name: &str, ints: impl IntoIterator<Item = usize>) -> Attribute {
    let ints = ints.into_iter().map(|int| int as i64).collect();
    Attribute { name: name.to_owned(), ints, kind: INTS, ..Attribute::default() }
}

pub(super) fn float(name: &str, float: f32) -> Attribute {
    Attribute { name: name.to_owned(), float, kind: A_FLOAT, ..Attribute::default() }
}

pub(super) fn text(name: &str, text: &str) -> Attribute {
    Attribute { name: name.to_owned(), text: text.as_bytes().to_vec(), kind: A_STRING, ..Attribute::default() }
}
