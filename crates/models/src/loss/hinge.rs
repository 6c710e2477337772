//! Hinge (Lim and Ye 2017, arXiv 1705.02894; Miyato et al. 2018, arXiv 1802.05957, eq. 16 and 17).

use super::{Entry, Loss};
use crate::Variables;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lim and Ye 2017.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hinge {}

impl Settings for Hinge {
    const NAME: &'static str = "hinge";
}

impl Loss for Hinge {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean max(0, 1 - r) + mean max(0, 1 + f)",
            generator: "-mean f",
            paper: "Lim and Ye 2017, arXiv 1705.02894",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        relu(real.neg() + 1.0).mean() + relu(fake + 1.0).mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        fake.mean().neg()
    }

    fn least(&self) -> [f64; 2] {
        [0.0, f64::NEG_INFINITY]
    }

    fn threshold(&self) -> Option<f32> {
        Some(0.0)
    }
}
