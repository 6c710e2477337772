//! A discriminator that also tells the class (Odena et al. 2017, arXiv 1610.09585, eqs. 2 and 3). It learns from real and
//! from generated images; the generator learns to make images of the class that it was told.

use super::{Entry, Lesson, Seen, cross_entropy, read};
use crate::Discriminator;
use burn::tensor::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "auxiliary_classifier",
    about: "the discriminator tells the class; both networks minimise its cross entropy",
    settings: "weight (1)",
    paper: "Odena et al. 2017, arXiv 1610.09585",
};

/// `{ kind: auxiliary_classifier }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuxiliaryClassifier {
    /// Factor of the cross entropies in both networks' losses.
    pub weight: f64,
}

impl Default for AuxiliaryClassifier {
    fn default() -> Self {
        Self { weight: 1.0 }
    }
}

impl AuxiliaryClassifier {
    pub(super) fn discriminator(&self, network: &Discriminator, real: &Seen, fake: &Seen) -> Option<Lesson> {
        let said = [real, fake].map(|seen| read(network.classifier.as_ref(), seen.features));
        let [of_real, of_fake] = [real, fake].map(|seen| seen.labels);
        let (of_real, of_fake) = (of_real?, of_fake?);
        let accuracy = accuracy(said[0].clone(), of_real);
        let [real, fake] = said;
        let loss = cross_entropy(real, of_real) + cross_entropy(fake, of_fake);
        let scalars = vec![("loss/classifier", loss.clone().without_autodiff()), ("accuracy/classifier", accuracy)];
        Some(Lesson { loss: loss * self.weight, scalars })
    }

    pub(super) fn generator(&self, network: &Discriminator, fake: &Seen) -> Option<Lesson> {
        let loss = cross_entropy(read(network.classifier.as_ref(), fake.features), fake.labels?);
        Some(Lesson { loss: loss * self.weight, scalars: Vec::new() })
    }

    pub(super) fn check(&self) -> Vec<String> {
        let holds = self.weight.is_finite() && self.weight > 0.0;
        if holds { Vec::new() } else { vec!["`weight` must be above 0".to_owned()] }
    }
}

/// Share of rows whose largest logit is that of their class.
fn accuracy(logits: Tensor<2>, labels: &Tensor<2>) -> Tensor<1> {
    let right = logits.without_autodiff().argmax(1).equal(labels.clone().without_autodiff().argmax(1));
    right.float().mean()
}
