//! Relativistic paired loss (Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2): how much more real the i-th real
//! image looks than the i-th generated one.

use super::{Entry, Loss, softplus};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Jolicoeur-Martineau 2018, section 4.2: in pairs.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relativistic {}

impl Settings for Relativistic {
    const NAME: &'static str = "relativistic";
}

/// Needs as many real logits as generated ones.
impl Loss for Relativistic {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean softplus(f - r)",
            generator: "mean softplus(r - f)",
            paper: "Jolicoeur-Martineau 2018, arXiv 1807.00734",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        softplus(fake - real).mean()
    }

    fn generator(&self, fake: Tensor<1>, real: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        softplus(real() - fake).mean()
    }

    fn least(&self) -> [f64; 2] {
        [0.0, 0.0]
    }
}
