//! The largest of several numbers.

use super::Layer;
use crate::ops;
use burn::module::Module;
use burn::tensor::{Int, Tensor};

/// The largest of each `pieces` numbers that follow one another in a vector (Goodfellow et al. 2013, arXiv 1302.4389).
#[derive(Module, Debug)]
pub struct Maxout {
    pub(crate) pieces: usize,
}

/// A vector `pieces` times as short: the largest of each so many numbers.
pub fn maxout(pieces: usize) -> Layer {
    Layer::Maxout(Maxout { pieces })
}

impl Maxout {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        ops::maxout(x, self.pieces)
    }

    /// The choice is a constant almost everywhere.
    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let split = self.split(x.clone());
        let shape = split.dims();
        let pieces = Tensor::<1, Int>::arange(0..self.pieces as i64, &x.device()).reshape([1, 1, -1, 1]);
        let chosen = split.argmax(2).expand(shape).equal(pieces.expand(shape)).float();
        (gradient * chosen).reshape(x.dims())
    }

    fn split(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, length, ..] = x.dims();
        x.reshape([batch, length / self.pieces, self.pieces, 1])
    }
}
