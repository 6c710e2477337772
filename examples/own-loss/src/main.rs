//! The program with one more loss: cross-entropy with one-sided label smoothing (Salimans et al. 2016, arXiv 1606.03498,
//! section 3.4).

use burn::tensor::Tensor;
use runner::family::{Problem, Settings};
use runner::models::Variables;
use runner::models::loss::{Entry, Loss, softplus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::process::ExitCode;

/// Cross-entropy in which real images are real with less than certainty.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Smoothed {
    /// Probability that the discriminator shall leave to a real image's being generated, in [0, 0.5).
    smoothing: f64,
}

impl Default for Smoothed {
    fn default() -> Self {
        Self { smoothing: 0.1 }
    }
}

impl Settings for Smoothed {
    const NAME: &'static str = "smoothed";
}

impl Loss for Smoothed {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean softplus(-r) + smoothing * mean r + mean softplus(f)",
            generator: "mean softplus(-f)",
            paper: "Salimans et al. 2016, arXiv 1606.03498",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        softplus(real.clone().neg()).mean() + real.mean() * self.smoothing + softplus(fake).mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        softplus(fake.neg()).mean()
    }

    fn threshold(&self) -> Option<f32> {
        Some(0.0)
    }

    fn check(&self) -> Vec<Problem> {
        let holds = (0.0..0.5).contains(&self.smoothing);
        Problem::unless(holds, "smoothing", "must be in [0, 0.5)").into_iter().collect()
    }
}

fn main() -> ExitCode {
    runner::Program::new().loss::<Smoothed>().run()
}
