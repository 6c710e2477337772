//! Penalty on the gradient at real images (Mescheder et al. 2018, arXiv 1801.04406, eq. 9).

use super::{Entry, GradientPenalty, Penalty, squared_norms};
use crate::Stream;
use crate::check::{above_zero, at_least_one};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On the gradient at real images.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct R1 {
    /// The paper's γ.
    pub weight: f64,
    /// Discriminator updates from one with the penalty to the next; its weight is multiplied by as much.
    pub every: u64,
}

impl Default for R1 {
    fn default() -> Self {
        Self { weight: 10.0, every: 1 }
    }
}

impl Settings for R1 {
    const NAME: &'static str = "r1";
}

impl Penalty for R1 {
    fn entry() -> Entry {
        Entry {
            formula: "weight / 2 * mean |g|^2 at r",
            settings: "weight (10), every (1)",
            paper: "Mescheder et al. 2018, arXiv 1801.04406",
        }
    }

    fn on_gradient(&self) -> Option<&dyn GradientPenalty> {
        Some(self)
    }

    fn every(&self) -> u64 {
        self.every
    }

    fn check(&self) -> Vec<Problem> {
        [above_zero("weight", self.weight), at_least_one("every", self.every)].into_iter().flatten().collect()
    }
}

impl GradientPenalty for R1 {
    fn points(&self, real: Tensor<4>, _: Tensor<4>, _: &mut Stream) -> Tensor<4> {
        real
    }

    fn value(&self, gradient: Tensor<4>) -> Tensor<1> {
        squared_norms(gradient).mean() * (self.weight / 2.0)
    }
}
