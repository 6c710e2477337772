//! Difference of means (Arjovsky et al. 2017, arXiv 1701.07875, eq. 2). Means something only for a critic whose slope
//! is bounded.

use super::{Entry, Loss};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Arjovsky et al. 2017, eq. 2.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wasserstein {}

impl Settings for Wasserstein {
    const NAME: &'static str = "wasserstein";
}

impl Loss for Wasserstein {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean f - mean r",
            generator: "-mean f",
            paper: "Arjovsky et al. 2017, arXiv 1701.07875",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        fake.mean() - real.mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        fake.mean().neg()
    }
}
