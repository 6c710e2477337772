//! The functions that an expression can have.

use crate::loss::softplus;
use burn::tensor::Tensor;
use burn::tensor::activation::{relu, sigmoid};
use std::fmt;

/// A function of one number, elementwise.
pub struct Function {
    /// How it is written.
    pub name: &'static str,
    pub(super) of_number: fn(f64) -> f64,
    pub(super) of_tensor: fn(Tensor<1>) -> Tensor<1>,
}

/// Every function of one number; `min`, `max` and `mean` are built in.
pub static FUNCTIONS: [Function; 9] = [
    Function { name: SOFTPLUS, of_number: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), of_tensor: softplus },
    Function { name: SIGMOID, of_number: |x| 1.0 / (1.0 + (-x).exp()), of_tensor: sigmoid },
    Function { name: LOG, of_number: f64::ln, of_tensor: Tensor::log },
    Function { name: "exp", of_number: f64::exp, of_tensor: Tensor::exp },
    Function { name: "relu", of_number: |x| x.max(0.0), of_tensor: relu },
    Function { name: "abs", of_number: f64::abs, of_tensor: Tensor::abs },
    Function { name: "square", of_number: |x| x * x, of_tensor: |x| x.square() },
    Function { name: "sqrt", of_number: f64::sqrt, of_tensor: Tensor::sqrt },
    Function { name: "tanh", of_number: f64::tanh, of_tensor: Tensor::tanh },
];

pub(super) const SOFTPLUS: &str = "softplus";
pub(super) const SIGMOID: &str = "sigmoid";
pub(super) const LOG: &str = "log";

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
