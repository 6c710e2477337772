//! Penalty on the gradient at real images (Mescheder et al. 2018, arXiv 1801.04406, eq. 9).

use super::{Entry, squared_norms};
use burn::tensor::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "r1",
    formula: "weight / 2 * mean |g|^2 at r",
    settings: "weight (10), every (1)",
    paper: "Mescheder et al. 2018, arXiv 1801.04406",
};

/// `{ kind: r1 }` or `{ kind: r2 }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ZeroCentred {
    /// The paper's γ.
    pub weight: f64,
    /// Discriminator updates from one with the penalty to the next; its weight is multiplied by as much.
    pub every: u64,
}

impl Default for ZeroCentred {
    fn default() -> Self {
        Self { weight: 10.0, every: 1 }
    }
}

impl ZeroCentred {
    pub(super) fn of_gradient(&self, gradient: Tensor<4>) -> Tensor<1> {
        squared_norms(gradient).mean() * (self.weight / 2.0)
    }
}
