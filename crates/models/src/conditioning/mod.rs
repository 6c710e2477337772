//! Images of a class on demand: what networks are told of classes, and what is asked of them for it. Each file owns a way.
//!
//! The generator is told the class as one-hot numbers beside its latent vector, by every way but `none`. A generated batch
//! has the classes of the real batch that it is compared with, and so the data's own frequencies.
//!
//! # Shapes
//! Classes are one-hot `[batch, classes]`, what a network says of them is `[batch, classes]` logits.

pub mod auxiliary_classifier;
pub mod concat;
pub mod info;
pub mod projection;

use crate::layer::Dense;
use crate::{Discriminator, Domain, GeneratorInput, Stream};
use auxiliary_classifier::AuxiliaryClassifier;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor};
use info::Info;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Value of `conditioning`.
    pub name: &'static str,
    /// What the discriminator does for it.
    pub about: &'static str,
    /// Its settings.
    pub settings: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

/// Every way but `none`.
pub const ALL: [Entry; 4] = [concat::ENTRY, projection::ENTRY, auxiliary_classifier::ENTRY, info::ENTRY];

/// `run.model.conditioning`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Conditioning {
    /// No classes.
    // Braces make `deny_unknown_fields` hold: serde lets a unit variant of a tagged enum take any key.
    None {},
    /// See [`mod@concat`].
    Concat {},
    /// See [`projection`].
    Projection {},
    /// See [`auxiliary_classifier`].
    AuxiliaryClassifier(AuxiliaryClassifier),
    /// See [`info`].
    Info(Info),
}

impl Default for Conditioning {
    fn default() -> Self {
        Self::None {}
    }
}

/// What a turn has to add to its adversarial loss.
pub(crate) struct Lesson {
    /// To add, `[1]`.
    pub loss: Tensor<1>,
    /// To record.
    pub scalars: Vec<(&'static str, Tensor<1>)>,
}

/// Features of images, of any shape, with the code or the classes that they are of.
pub(crate) struct Seen<'a> {
    pub features: &'a Tensor<4>,
    pub labels: Option<&'a Tensor<2>>,
    pub factors: Option<&'a Tensor<2>>,
}

impl<'a> Seen<'a> {
    /// Of images that were made from this code.
    pub fn of(features: &'a Tensor<4>, code: &'a GeneratorInput) -> Self {
        Self { features, labels: code.labels.as_ref(), factors: code.factors.as_ref() }
    }
}

impl Conditioning {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::None {}
    }

    /// Whether networks must be told the classes of the data.
    pub fn is_by_class(&self) -> bool {
        matches!(self, Self::Concat {} | Self::Projection {} | Self::AuxiliaryClassifier(_))
    }

    /// Classes that the generator can be asked for: those of the data, or its own categories; 0 without conditioning.
    pub fn classes(&self, domain: &Domain) -> usize {
        match self {
            Self::None {} => 0,
            Self::Info(info) => info.categorical,
            _ => domain.classes.unwrap_or(0),
        }
    }

    /// Numbers that the generator is told beside the latent vector.
    pub(crate) fn told(&self, domain: &Domain) -> usize {
        let factors = if let Self::Info(info) = self { info.continuous } else { 0 };
        self.classes(domain) + factors
    }

    /// A code of these latents for images of these classes. What else it needs is drawn, categories where none are given.
    pub fn code(
        &self,
        latent: Tensor<2>,
        labels: Option<Tensor<2>>,
        stream: &mut Stream,
        device: &Device,
    ) -> GeneratorInput {
        match self {
            Self::None {} => latent.into(),
            Self::Info(info) => info.code(latent, labels, stream, device),
            _ => GeneratorInput::from(latent).with_labels(labels),
        }
    }

    /// What the discriminator learns in its turn.
    pub(crate) fn discriminator(&self, network: &Discriminator, [real, fake]: [Seen; 2]) -> Option<Lesson> {
        match self {
            Self::AuxiliaryClassifier(classifier) => classifier.discriminator(network, &real, &fake),
            Self::Info(info) => info.discriminator(network, &fake),
            Self::None {} | Self::Concat {} | Self::Projection {} => None,
        }
    }

    /// What the generator learns in its turn.
    pub(crate) fn generator(&self, network: &Discriminator, fake: Seen) -> Option<Lesson> {
        match self {
            Self::AuxiliaryClassifier(classifier) => classifier.generator(network, &fake),
            Self::Info(info) => info.generator(network, &fake),
            Self::None {} | Self::Concat {} | Self::Projection {} => None,
        }
    }

    /// What is wrong with the settings for this data.
    pub(crate) fn check(&self, domain: &Domain) -> Vec<String> {
        let mut problems = match self {
            Self::AuxiliaryClassifier(classifier) => classifier.check(),
            Self::Info(info) => info.check(),
            Self::None {} | Self::Concat {} | Self::Projection {} => Vec::new(),
        };
        if self.is_by_class() && domain.classes.is_none() {
            problems.push(format!(
                "`{}` needs classes, and the data set has no labels: set `model.conditioning: none`, or `info`, which finds \
                 categories of its own",
                self.name()
            ));
        }
        problems
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None {} => "none",
            Self::Concat {} => concat::ENTRY.name,
            Self::Projection {} => projection::ENTRY.name,
            Self::AuxiliaryClassifier(_) => auxiliary_classifier::ENTRY.name,
            Self::Info(_) => info::ENTRY.name,
        }
    }
}

/// What a head makes of features, `[batch, outputs]`.
fn read(head: Option<&Dense>, features: &Tensor<4>) -> Tensor<2> {
    let outputs = head.expect("the discriminator was built for this conditioning").forward(features.clone());
    outputs.flatten(1, 3)
}

/// Mean cross entropy of `logits` `[batch, classes]`.
fn cross_entropy(logits: Tensor<2>, labels: &Tensor<2>) -> Tensor<1> {
    (log_softmax(logits, 1) * labels.clone()).sum_dim(1).mean().neg()
}
