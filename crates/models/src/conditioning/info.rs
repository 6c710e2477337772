//! Codes that the discriminator finds again in the images: InfoGAN (Chen et al. 2016, arXiv 1606.03657). Needs no labels.
//!
//! A category and some numbers, uniform in [-1, 1), are drawn with each latent vector. A head Q on the discriminator's
//! features says what they were: logits of the category, the mean of a normal distribution of variance 1 for each
//! number. Its mean negative log likelihood (the paper's -L_I, eq. 5, without constants) is added to both losses: Q and the
//! features below it learn in the discriminator's turn, the generator in its own, as in the authors' program.

use super::{AuxiliaryLoss, Conditioning, Entry, Head, Observed, cross_entropy};
use crate::check::above_zero;
use crate::{Domain, GeneratorInput, Stream, one_hot};
use burn::tensor::{Tensor, TensorData};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Values of the category, or numbers beside it; more of them are a slip of the hand.
const MAX_CODES: usize = 1000;

/// The discriminator finds codes of the generator's input again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Info {
    /// Values of the category.
    pub categorical: usize,
    /// Numbers beside it.
    pub continuous: usize,
    /// The paper's λ for the category.
    pub weight: f64,
    /// The paper's λ for the numbers, which it wants smaller.
    pub continuous_weight: f64,
}

impl Default for Info {
    fn default() -> Self {
        Self { categorical: 10, continuous: 2, weight: 1.0, continuous_weight: 0.1 }
    }
}

impl Settings for Info {
    const NAME: &'static str = "info";
}

impl Conditioning for Info {
    fn entry() -> Entry {
        Entry {
            about: "the discriminator recovers the codes that the generator was given; no labels needed",
            settings: "categorical (10), continuous (2), weight (1), continuous_weight (0.1)",
            paper: "Chen et al. 2016, arXiv 1606.03657",
        }
    }

    fn classes(&self, _: &Domain) -> usize {
        self.categorical
    }

    fn factors(&self) -> usize {
        self.continuous
    }

    fn input(&self, latent: Tensor<2>, labels: Option<Tensor<2>>, stream: &mut Stream) -> GeneratorInput {
        let ([batch, _], device) = (latent.dims(), latent.device());
        // Drawn in any case, so that the numbers are the same for a category that was asked for.
        let drawn = stream.uniforms(batch, 0.0, self.categorical as f32);
        let drawn: Vec<usize> = drawn.into_iter().map(|x| (x as usize).min(self.categorical - 1)).collect();
        let labels = labels.unwrap_or_else(|| one_hot(&drawn, self.categorical, &device));
        let factors = (self.continuous > 0).then(|| {
            let numbers = stream.uniforms(batch * self.continuous, -1.0, 1.0);
            Tensor::from_data(TensorData::new(numbers, [batch, self.continuous]), &device)
        });
        GeneratorInput { labels: Some(labels), factors, ..GeneratorInput::from(latent) }
    }

    fn head(&self, _: &Domain) -> Option<(Head, usize)> {
        Some((Head::Codes, self.categorical + self.continuous))
    }

    fn discriminator_loss(&self, _: &Observed, fake: &Observed) -> Option<AuxiliaryLoss> {
        let loss = self.loss(fake.outputs(), fake.labels?, fake.factors);
        Some(AuxiliaryLoss { scalars: vec![("loss/code", loss.clone().without_autodiff())], loss })
    }

    fn generator_loss(&self, fake: &Observed) -> Option<AuxiliaryLoss> {
        let loss = self.loss(fake.outputs(), fake.labels?, fake.factors);
        Some(AuxiliaryLoss { loss, scalars: Vec::new() })
    }

    fn check(&self) -> Vec<Problem> {
        let (few, some) = ((2..=MAX_CODES).contains(&self.categorical), self.continuous <= MAX_CODES);
        let problems = [
            Problem::unless(few, "categorical", format!("must be within 2 and {MAX_CODES}")),
            Problem::unless(some, "continuous", format!("must be at most {MAX_CODES}")),
            above_zero("weight", self.weight),
            above_zero("continuous_weight", self.continuous_weight),
        ];
        problems.into_iter().flatten().collect()
    }
}

impl Info {
    /// The loss of Q's outputs, `[batch, categorical + continuous]`.
    fn loss(&self, outputs: Tensor<2>, category: &Tensor<2>, factors: Option<&Tensor<2>>) -> Tensor<1> {
        let of_category = cross_entropy(outputs.clone().narrow(1, 0, self.categorical), category) * self.weight;
        let Some(factors) = factors else { return of_category };
        let distance = outputs.narrow(1, self.categorical, self.continuous) - factors.clone();
        of_category + distance.square().sum_dim(1).mean() * (self.continuous_weight / 2.0)
    }
}
