//! A discriminator that also classifies (Odena et al. 2017, arXiv 1610.09585, eqs. 2 and 3). It learns from real and
//! from generated images; the generator learns to make images of the class that it was given.

use super::{AuxiliaryLoss, Conditioning, Entry, Head, Observed, cross_entropy};
use crate::Domain;
use crate::check::above_zero;
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The discriminator classifies, too.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
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

impl Settings for AuxiliaryClassifier {
    const NAME: &'static str = "auxiliary_classifier";
}

impl Conditioning for AuxiliaryClassifier {
    fn entry() -> Entry {
        Entry {
            about: "the discriminator predicts the class; both networks minimise its cross entropy",
            settings: "weight (1)",
            paper: "Odena et al. 2017, arXiv 1610.09585",
        }
    }

    fn is_by_class(&self) -> bool {
        true
    }

    fn head(&self, domain: &Domain) -> Option<(Head, usize)> {
        Some((Head::Classifier, self.classes(domain)))
    }

    fn discriminator_loss(&self, real: &Observed, fake: &Observed) -> Option<AuxiliaryLoss> {
        let [of_real, of_fake] = [real, fake].map(Observed::outputs);
        let (real, fake) = (real.labels?, fake.labels?);
        let accuracy = accuracy(of_real.clone(), real);
        let loss = cross_entropy(of_real, real) + cross_entropy(of_fake, fake);
        let scalars = vec![("loss/classifier", loss.clone().without_autodiff()), ("accuracy/classifier", accuracy)];
        Some(AuxiliaryLoss { loss: loss * self.weight, scalars })
    }

    fn generator_loss(&self, fake: &Observed) -> Option<AuxiliaryLoss> {
        let loss = cross_entropy(fake.outputs(), fake.labels?);
        Some(AuxiliaryLoss { loss: loss * self.weight, scalars: Vec::new() })
    }

    fn check(&self) -> Vec<Problem> {
        above_zero("weight", self.weight).into_iter().collect()
    }
}

/// Share of rows whose largest logit is that of their class.
fn accuracy(logits: Tensor<2>, labels: &Tensor<2>) -> Tensor<1> {
    let right = logits.without_autodiff().argmax(1).equal(labels.clone().without_autodiff().argmax(1));
    right.float().mean()
}
