//! A loss written in the experiment file: `loss: { discriminator: "softplus(-real) + softplus(fake)", generator:
//! "softplus(-fake)" }`.
//!
//! An expression is a function of logits, elementwise, with numbers, `+ - * / ^`, brackets, `real`, `fake` and the functions
//! of [`FUNCTIONS`]. The loss is the mean of each of its terms over the batch; `mean(real)` within a term is one number.
//! `log(sigmoid(x))` and `log(1 - sigmoid(x))` are computed as softplus, so that no finite logit overflows.

mod evaluate;
mod expression;
mod function;
mod parse;
mod token;

#[cfg(test)]
mod tests;

pub use expression::Expression;
pub use function::FUNCTIONS;
pub use parse::FormulaError;

use super::{Entry, Loss};
use crate::Variables;
use crate::check::refusal;
use burn::tensor::Tensor;
use expression::Logits;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Written out: functions of the logits `real` and `fake` of real and generated images.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// What the discriminator minimises, such as `softplus(-real) + softplus(fake)`.
    pub discriminator: Expression,
    /// What the generator minimises, such as `softplus(-fake)`; one that compares may have `real`.
    pub generator: Expression,
    /// The logit above which the discriminator takes an image for a real one: accuracies are recorded if it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

impl Settings for Formula {
    const NAME: &'static str = "formula";
    const KEYS: &'static [&'static str] = &["discriminator", "generator"];
}

impl Loss for Formula {
    fn entry() -> Entry {
        Entry {
            discriminator: "written out, such as softplus(-real) + softplus(fake)",
            generator: "written out, such as softplus(-fake)",
            paper: "",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        self.discriminator.mean(&Logits { real: Some(real), fake })
    }

    fn generator(&self, fake: Tensor<1>, real: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        let real = self.generator.has_real().then(real);
        self.generator.mean(&Logits { real, fake })
    }

    fn threshold(&self) -> Option<f32> {
        self.threshold.map(|threshold| threshold as f32)
    }

    fn check(&self) -> Vec<Problem> {
        let (discriminator, generator) = (&self.discriminator, &self.generator);
        let problems = [
            Problem::unless(discriminator.has_real(), "discriminator", "the discriminator's formula has no `real`"),
            Problem::unless(discriminator.has_fake(), "discriminator", "the discriminator's formula has no `fake`"),
            Problem::unless(generator.has_fake(), "generator", "the generator's formula has no `fake`"),
            self.threshold
                .and_then(|threshold| refusal("a finite number", threshold, f64::is_finite))
                .map(|refusal| Problem::at("threshold", refusal)),
        ];
        problems.into_iter().flatten().collect()
    }
}
