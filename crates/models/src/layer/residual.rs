//! A residual block: the sum of two ways.

use super::spectral::PowerIteration;
use super::{Chain, Draws, Trace};
use crate::ops::add;
use burn::module::Module;
use burn::tensor::Tensor;

/// main(x) + skip(x); an empty skip is x itself (He et al. 2016, arXiv 1512.03385).
#[derive(Module, Debug)]
pub struct Residual {
    pub(crate) main: Chain,
    pub(crate) skip: Chain,
}

impl Residual {
    pub fn new(main: Chain, skip: Chain) -> Self {
        Self { main, skip }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        add(self.main.forward(x.clone()), self.skip.forward(x))
    }

    pub fn trace(&self, x: Tensor<4>) -> (Tensor<4>, Vec<Vec<Trace>>) {
        let (main, of_main) = self.main.trace(x.clone());
        let (skip, of_skip) = self.skip.trace(x);
        (add(main, skip), vec![of_main, of_skip])
    }

    pub fn pullback(&self, inner: Vec<Vec<Trace>>, gradient: Tensor<4>) -> Tensor<4> {
        let ways = [&self.main, &self.skip].into_iter().zip(inner);
        let gradients = ways.map(|(way, trace)| way.pullback(trace, gradient.clone()));
        gradients.reduce(add).expect("there are two ways")
    }

    pub fn mixes_samples(&self) -> bool {
        self.main.mixes_samples() || self.skip.mixes_samples()
    }

    /// With weights as they act.
    pub(crate) fn folded(self) -> Self {
        Self { main: self.main.folded(), skip: self.skip.folded() }
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        Self { main: self.main.follow(power), skip: self.skip.follow(power) }
    }

    pub fn drawing(self, draws: &Draws, number: &mut usize) -> Self {
        Self { main: self.main.drawing_from(draws, number), skip: self.skip.drawing_from(draws, number) }
    }
}
