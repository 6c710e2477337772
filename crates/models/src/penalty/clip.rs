//! Weight clipping: every weight and bias of the discriminator is put back into a box after each of its updates
//! (Arjovsky et al. 2017, arXiv 1701.07875, algorithm 1).

use super::{Entry, Penalty};
use crate::Discriminator;
use crate::check::above_zero;
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A bound on the discriminator's weights.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Clip {
    /// Greatest magnitude of a weight; the paper's c.
    pub bound: f64,
}

impl Default for Clip {
    fn default() -> Self {
        Self { bound: 0.01 }
    }
}

impl Settings for Clip {
    const NAME: &'static str = "clip";
}

/// Without `every`: between two clips the bound would not hold.
impl Penalty for Clip {
    fn entry() -> Entry {
        Entry {
            formula: "w = min(max(w, -bound), bound) after each update",
            settings: "bound (0.01)",
            paper: "Arjovsky et al. 2017, arXiv 1701.07875",
        }
    }

    fn after_update(&self, discriminator: Discriminator) -> Discriminator {
        discriminator.map(&mut Clamp { bound: self.bound })
    }

    fn bounds_weights(&self) -> bool {
        true
    }

    fn check(&self) -> Vec<Problem> {
        above_zero("bound", self.bound).into_iter().collect()
    }
}

struct Clamp {
    bound: f64,
}

impl ModuleMapper for Clamp {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        // Running statistics are visited, too, but they are no weights: nothing learns them.
        if !param.is_require_grad() {
            return param;
        }
        param.map(|weight| weight.clamp(-self.bound, self.bound).detach().require_grad())
    }
}
