//! A border of reflected pixels.

use super::Layer;
use crate::ops;
use burn::module::Module;
use burn::tensor::Tensor;

/// Rows and columns beyond each border, as a mirror on the outermost pixels shows them. There are fewer than the image has.
#[derive(Module, Debug)]
pub struct Reflect {
    /// At each end of height and width.
    pub(crate) border: [usize; 2],
}

/// A border of so many reflected rows and columns.
pub const fn reflect(border: [usize; 2]) -> Layer {
    Layer::Reflect(Reflect { border })
}

impl Reflect {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        ops::reflect(x, self.border)
    }

    pub fn pullback(&self, gradient: Tensor<4>) -> Tensor<4> {
        ops::reflected_back(gradient, self.border)
    }
}
