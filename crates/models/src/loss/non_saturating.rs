//! Binary cross-entropy with the generator's labels flipped (Goodfellow et al. 2014, arXiv 1406.2661, section 3).

use super::{Entry, Loss, softplus};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Goodfellow et al. 2014, section 3.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NonSaturating {}

impl Settings for NonSaturating {
    const NAME: &'static str = "non_saturating";
}

impl Loss for NonSaturating {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean softplus(-r) + mean softplus(f)",
            generator: "mean softplus(-f)",
            paper: "Goodfellow et al. 2014, arXiv 1406.2661",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        softplus(real.neg()).mean() + softplus(fake).mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        softplus(fake.neg()).mean()
    }

    fn least(&self) -> [f64; 2] {
        [0.0, 0.0]
    }

    fn threshold(&self) -> Option<f32> {
        Some(0.0)
    }
}
