//! Images of a class on demand: how networks are conditioned on classes or on codes. Each file owns a way.
//!
//! The generator gets the class as one-hot numbers beside its latent vector, by every way but `none`. A generated batch
//! has the classes of the real batch that it is compared with, and so the data's own frequencies.
//!
//! # Shapes
//! Classes are one-hot `[batch, classes]`, what a network says of them is `[batch, classes]` logits.

pub mod auxiliary_classifier;
pub mod concat;
pub mod info;
pub mod projection;
pub mod unconditional;

use crate::layer::Dense;
use crate::{Domain, GeneratorInput, Scalars, Stream};
use auxiliary_classifier::AuxiliaryClassifier;
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use concat::Concat;
use family::{Choice, DefaultMember, Family, Holds, Member, Problem, Registry, Settings};
use info::Info;
use projection::Projection;
use serde::Serialize;
use std::sync::Arc;
use unconditional::Unconditional;

/// Every built-in conditioning.
const ALL: &[Member<dyn Conditioning>] = &[
    Member::of::<Unconditional>(),
    Member::of::<Concat>(),
    Member::of::<Projection>(),
    Member::of::<AuxiliaryClassifier>(),
    Member::of::<Info>(),
];

/// Every conditioning.
pub static CONDITIONINGS: Registry<dyn Conditioning> = Registry::new(ALL);

/// `run.model.conditioning`: a conditioning with its settings.
pub type ConditioningConfig = Choice<dyn Conditioning>;

/// What the networks know of classes or codes, and what they learn for it.
pub trait Conditioning: Send + Sync {
    /// What it is, settings and paper.
    fn entry() -> Entry
    where
        Self: Sized;

    /// Whether networks get the classes of the data, which then needs labels.
    fn is_by_class(&self) -> bool {
        false
    }

    /// Classes that the generator can be asked for: those of the data, or categories of its own; 0 if there are none.
    fn classes(&self, domain: &Domain) -> usize {
        if self.is_by_class() { domain.classes.unwrap_or(0) } else { 0 }
    }

    /// Numbers of the generator's input beside latent vector and class.
    fn factors(&self) -> usize {
        0
    }

    /// The generator's input for these latent vectors and, where they are given, classes. What else it needs is drawn.
    fn input(&self, latent: Tensor<2>, labels: Option<Tensor<2>>, _stream: &mut Stream) -> GeneratorInput {
        GeneratorInput::from(latent).with_labels(labels.filter(|_| self.is_by_class()))
    }

    /// How the discriminator sees classes.
    fn class_input(&self) -> ClassInput {
        ClassInput::Unseen
    }

    /// A head on the discriminator's features beside that of the logit, and how many numbers it says of an image.
    fn head(&self, _domain: &Domain) -> Option<(Head, usize)> {
        None
    }

    /// What the discriminator's update minimises for it.
    fn discriminator_loss(&self, _real: &Observed, _fake: &Observed) -> Option<AuxiliaryLoss> {
        None
    }

    /// What the generator's update minimises for it.
    fn generator_loss(&self, _fake: &Observed) -> Option<AuxiliaryLoss> {
        None
    }

    /// What is wrong with the settings.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }
}

/// How a discriminator sees the classes of its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassInput {
    /// Not at all.
    Unseen,
    /// As planes behind the image's channels.
    Planes,
    /// As a term of the logit.
    Projection,
}

/// A discriminator's further head; its name in weights and checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// `classifier`: logits of classes.
    Classifier,
    /// `codes`: what the generator's input was.
    Codes,
}

/// What an update adds to its adversarial loss.
pub struct AuxiliaryLoss {
    /// To add, `[1]`.
    pub loss: Tensor<1>,
    /// To record.
    pub scalars: Scalars,
}

/// What the discriminator has made of images, with what the images were made for.
pub struct Observed<'a> {
    pub(crate) features: &'a Tensor<4>,
    pub(crate) head: Option<&'a Dense>,
    /// Their classes, one-hot `[batch, classes]`.
    pub labels: Option<&'a Tensor<2>>,
    /// The further numbers of the generator's input, `[batch, numbers]`.
    pub factors: Option<&'a Tensor<2>>,
}

impl Observed<'_> {
    /// What the [head](Conditioning::head) says, `[batch, numbers]`.
    ///
    /// # Panics
    /// The conditioning has none.
    pub fn outputs(&self) -> Tensor<2> {
        let head = self.head.expect("a conditioning that asks for outputs has a head");
        head.forward(self.features.clone()).flatten(1, 3)
    }
}

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// What the discriminator does for it.
    pub about: &'static str,
    /// Its settings.
    pub settings: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

impl Family for dyn Conditioning {
    const NAME: &'static str = "Conditioning";
    const ABOUT: &'static str = "`run.model.conditioning`.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &CONDITIONINGS
    }
}

impl<S: Settings + Conditioning> Holds<S> for dyn Conditioning {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

impl DefaultMember for dyn Conditioning {
    fn default_member() -> ConditioningConfig {
        Choice::of(Unconditional {})
    }
}

/// Whether there is none.
pub fn is_none(conditioning: &ConditioningConfig) -> bool {
    conditioning.name() == Unconditional::NAME
}

/// Mean cross entropy of `logits` `[batch, classes]`.
pub fn cross_entropy(logits: Tensor<2>, labels: &Tensor<2>) -> Tensor<1> {
    (log_softmax(logits, 1) * labels.clone()).sum_dim(1).mean().neg()
}
