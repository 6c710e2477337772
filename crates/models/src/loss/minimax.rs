//! The minimax game (Goodfellow et al. 2014, arXiv 1406.2661, eq. 1). Its generator learns little from a discriminator
//! that is sure of itself.

use super::{Entry, Loss, softplus};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Goodfellow et al. 2014, eq. 1.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Minimax {}

impl Settings for Minimax {
    const NAME: &'static str = "minimax";
}

impl Loss for Minimax {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean softplus(-r) + mean softplus(f)",
            generator: "-mean softplus(f)",
            paper: "Goodfellow et al. 2014, arXiv 1406.2661",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        softplus(real.neg()).mean() + softplus(fake).mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        softplus(fake).mean().neg()
    }

    fn least(&self) -> [f64; 2] {
        [0.0, f64::NEG_INFINITY]
    }

    fn threshold(&self) -> Option<f32> {
        Some(0.0)
    }
}
