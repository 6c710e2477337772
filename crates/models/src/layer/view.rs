//! The same numbers in another shape.

use super::Layer;
use crate::ops::reshape;
use burn::module::Module;
use burn::tensor::Tensor;

/// Each sample's numbers as `[channels, height, width]`.
#[derive(Module, Debug)]
pub struct View {
    pub(crate) shape: [usize; 3],
}

/// Each sample's numbers in that shape.
pub fn view(shape: [usize; 3]) -> Layer {
    Layer::View(View { shape })
}

impl View {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        reshape(x, self.shape)
    }
}
