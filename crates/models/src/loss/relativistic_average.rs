//! Relativistic average loss (Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.3): how much more real an image looks
//! than the average one of the other kind.

use super::{Entry, Loss, softplus};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Jolicoeur-Martineau 2018, section 4.3: against the mean.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelativisticAverage {}

impl Settings for RelativisticAverage {
    const NAME: &'static str = "relativistic_average";
}

impl Loss for RelativisticAverage {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean softplus(mean f - r) + mean softplus(f - mean r)",
            generator: "mean softplus(mean r - f) + mean softplus(r - mean f)",
            paper: "Jolicoeur-Martineau 2018, arXiv 1807.00734",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        against_means(real, fake)
    }

    fn generator(&self, fake: Tensor<1>, real: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        against_means(fake, real())
    }

    fn least(&self) -> [f64; 2] {
        [0.0, 0.0]
    }
}

/// How much less real `above` looks than the mean of `below`, and `below` more than the mean of `above`.
fn against_means(above: Tensor<1>, below: Tensor<1>) -> Tensor<1> {
    let (mean_above, mean_below) = (above.clone().mean(), below.clone().mean());
    softplus(mean_below - above).mean() + softplus(below - mean_above).mean()
}
