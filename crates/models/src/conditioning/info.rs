//! Codes that the discriminator finds again in the images: InfoGAN (Chen et al. 2016, arXiv 1606.03657). Needs no labels.
//!
//! A category and some numbers, uniform in [-1, 1), are drawn with each latent vector. A head Q on the discriminator's
//! features says what they were: logits of the category, the mean of a normal distribution of variance 1 for each
//! number. Its mean negative log likelihood (the paper's -L_I, eq. 5, without constants) is added to both losses: Q and the
//! features below it learn in the discriminator's turn, the generator in its own, as in the authors' program.

use super::{Entry, Lesson, Seen, cross_entropy, read};
use crate::{Discriminator, GeneratorInput, Stream, one_hot};
use burn::tensor::{Device, Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "info",
    about: "the discriminator finds codes again that the generator was told; no labels needed",
    settings: "categorical (10), continuous (2), weight (1), continuous_weight (0.1)",
    paper: "Chen et al. 2016, arXiv 1606.03657",
};

/// `{ kind: info }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// More of them are a slip of the hand.
const MOST_CODES: usize = 1000;

impl Default for Info {
    fn default() -> Self {
        Self { categorical: 10, continuous: 2, weight: 1.0, continuous_weight: 0.1 }
    }
}

impl Info {
    /// Numbers that Q says of an image.
    pub(crate) fn outputs(&self) -> usize {
        self.categorical + self.continuous
    }

    pub(super) fn code(
        &self,
        latent: Tensor<2>,
        labels: Option<Tensor<2>>,
        stream: &mut Stream,
        device: &Device,
    ) -> GeneratorInput {
        let [batch, _] = latent.dims();
        // Drawn in any case, so that the numbers are the same for a category that was asked for.
        let drawn = stream.uniforms(batch, 0.0, self.categorical as f32);
        let drawn: Vec<usize> = drawn.into_iter().map(|x| (x as usize).min(self.categorical - 1)).collect();
        let labels = labels.unwrap_or_else(|| one_hot(&drawn, self.categorical, device));
        let factors = (self.continuous > 0).then(|| {
            let numbers = stream.uniforms(batch * self.continuous, -1.0, 1.0);
            Tensor::from_data(TensorData::new(numbers, [batch, self.continuous]), device)
        });
        GeneratorInput { labels: Some(labels), factors, ..GeneratorInput::from(latent) }
    }

    pub(super) fn discriminator(&self, network: &Discriminator, fake: &Seen) -> Option<Lesson> {
        let loss = self.loss(read(network.codes.as_ref(), fake.features), fake.labels?, fake.factors);
        Some(Lesson { scalars: vec![("loss/code", loss.clone().without_autodiff())], loss })
    }

    pub(super) fn generator(&self, network: &Discriminator, fake: &Seen) -> Option<Lesson> {
        let loss = self.loss(read(network.codes.as_ref(), fake.features), fake.labels?, fake.factors);
        Some(Lesson { loss, scalars: Vec::new() })
    }

    /// Of what Q says, `[batch, categorical + continuous]`.
    fn loss(&self, said: Tensor<2>, category: &Tensor<2>, factors: Option<&Tensor<2>>) -> Tensor<1> {
        let of_category = cross_entropy(said.clone().narrow(1, 0, self.categorical), category) * self.weight;
        let Some(factors) = factors else { return of_category };
        let distance = said.narrow(1, self.categorical, self.continuous) - factors.clone();
        of_category + distance.square().sum_dim(1).mean() * (self.continuous_weight / 2.0)
    }

    pub(super) fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, message: String| {
            if !holds {
                problems.push(message);
            }
        };
        let above = |weight: f64| weight.is_finite() && weight > 0.0;
        demand(
            (2..=MOST_CODES).contains(&self.categorical),
            format!("`categorical` must be within 2 and {MOST_CODES}"),
        );
        demand(self.continuous <= MOST_CODES, format!("`continuous` must be at most {MOST_CODES}"));
        demand(above(self.weight), "`weight` must be above 0".to_owned());
        demand(above(self.continuous_weight), "`continuous_weight` must be above 0".to_owned());
        problems
    }
}
