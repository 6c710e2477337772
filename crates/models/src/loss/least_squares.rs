//! Least squares (Mao et al. 2017, arXiv 1611.04076, eq. 9, with a = 0 and b = c = 1).

use super::{Entry, Loss};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mao et al. 2017, eq. 9.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeastSquares {}

impl Settings for LeastSquares {
    const NAME: &'static str = "least_squares";
}

impl Loss for LeastSquares {
    fn entry() -> Entry {
        Entry {
            discriminator: "(mean (r - 1)^2 + mean f^2) / 2",
            generator: "mean (f - 1)^2 / 2",
            paper: "Mao et al. 2017, arXiv 1611.04076",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        ((real - 1.0).square().mean() + fake.square().mean()) / 2.0
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        (fake - 1.0).square().mean() / 2.0
    }

    fn least(&self) -> [f64; 2] {
        [0.0, 0.0]
    }

    fn threshold(&self) -> Option<f32> {
        Some(0.5)
    }
}
