//! A skip connection: the input beside what a branch makes of it.

use super::spectral::PowerIteration;
use super::{Chain, Draws, Trace};
use crate::ops::beside;
use burn::module::Module;
use burn::tensor::Tensor;

/// The channels of x, then those of branch(x), which has the height and width of x (U-Net: Ronneberger et al. 2015, arXiv
/// 1505.04597).
#[derive(Module, Debug)]
pub struct Skip {
    pub(crate) branch: Chain,
}

impl Skip {
    pub fn new(branch: Chain) -> Self {
        Self { branch }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        beside(x.clone(), self.branch.forward(x))
    }

    pub fn trace(&self, x: Tensor<4>) -> (Tensor<4>, Vec<Vec<Trace>>) {
        let (y, trace) = self.branch.trace(x.clone());
        (beside(x, y), vec![trace])
    }

    /// `channels` are those of x.
    pub fn pullback(&self, channels: usize, inner: Vec<Vec<Trace>>, gradient: Tensor<4>) -> Tensor<4> {
        let others = gradient.dims()[1] - channels;
        let through = gradient.clone().narrow(1, 0, channels);
        let trace = inner.into_iter().next().expect("the branch was traced");
        through + self.branch.pullback(trace, gradient.narrow(1, channels, others))
    }

    pub fn mixes_samples(&self) -> bool {
        self.branch.mixes_samples()
    }

    /// With weights as they act.
    pub(crate) fn folded(self) -> Self {
        Self { branch: self.branch.folded() }
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        Self { branch: self.branch.follow(power) }
    }

    pub fn drawing(self, draws: &Draws, number: &mut usize) -> Self {
        Self { branch: self.branch.drawing_from(draws, number) }
    }
}
