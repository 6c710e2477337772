//! Penalties that keep a network in bounds, the discriminator's slope above all. Each file owns one.
//!
//! Those on the gradient are exact: the gradient g of each image's logit at that image is written out as operations on
//! the weights ([`Discriminator::input_gradient`](crate::Discriminator::input_gradient)), because Burn differentiates
//! once. The points where it is taken are constants: no gradient goes from a penalty into the generator.
//!
//! `every: n` takes a penalty at every n-th update only, n times as strong (Karras et al. 2020, arXiv 1912.04958,
//! section 3.1: lazy regularisation).
//!
//! # Shapes
//! Points and gradients are `[batch, channels, height, width]`; a penalty is a scalar `[1]`, a mean over the batch.

pub mod clip;
pub mod dragan;
pub mod gradient_norm;
pub mod orthogonal;
pub mod r1;
pub mod r2;

#[cfg(test)]
mod fixture;
mod list;

pub(crate) use list::Due;
pub use list::Penalties;

use crate::{Discriminator, Generator, Stream};
use burn::tensor::Tensor;
use family::{Choice, Family, Holds, Member, Problem, Registry, Settings};
use serde::Serialize;
use std::sync::Arc;

/// Every built-in penalty.
const ALL: &[Member<dyn Penalty>] = &[
    Member::of::<gradient_norm::GradientNorm>(),
    Member::of::<r1::R1>(),
    Member::of::<r2::R2>(),
    Member::of::<dragan::Dragan>(),
    Member::of::<orthogonal::Orthogonal>(),
    Member::of::<clip::Clip>(),
];

/// Every penalty.
pub static PENALTIES: Registry<dyn Penalty> = Registry::new(ALL);

/// One entry of `run.model.penalty`: a penalty with its settings.
pub type PenaltyConfig = Choice<dyn Penalty>;

/// A term of a network's loss besides the adversarial one, or a bound on its weights.
pub trait Penalty: Send + Sync {
    /// Formula, settings and paper.
    fn entry() -> Entry
    where
        Self: Sized;

    /// One on the discriminator's input gradient, if it is one.
    fn on_gradient(&self) -> Option<&dyn GradientPenalty> {
        None
    }

    /// Its value for the discriminator's weights, in the discriminator's update.
    fn on_discriminator(&self, _discriminator: &Discriminator) -> Option<Tensor<1>> {
        None
    }

    /// Its value for the generator's weights, in the generator's update.
    fn on_generator(&self, _generator: &Generator) -> Option<Tensor<1>> {
        None
    }

    /// What becomes of the discriminator's weights after each of its updates.
    fn after_update(&self, discriminator: Discriminator) -> Discriminator {
        discriminator
    }

    /// Whether [`after_update`](Self::after_update) bounds weights, which those that are normalised by their largest
    /// singular values escape.
    fn bounds_weights(&self) -> bool {
        false
    }

    /// Discriminator updates from one with the penalty to the next; its weight is multiplied by as much.
    fn every(&self) -> u64 {
        1
    }

    /// What is wrong with the settings.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }
}

/// A penalty on the gradient of each image's logit at that image.
pub trait GradientPenalty {
    /// Where it is taken, for real and generated images; draws come from `stream`.
    fn points(&self, real: Tensor<4>, fake: Tensor<4>, stream: &mut Stream) -> Tensor<4>;

    /// Its value where the gradient is this, without the factor of `every`.
    fn value(&self, gradient: Tensor<4>) -> Tensor<1>;
}

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// What it comes to; r, f and w are real images, generated images and weights, g is the gradient at the point.
    pub formula: &'static str,
    /// Its settings.
    pub settings: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

impl Family for dyn Penalty {
    const NAME: &'static str = "Penalty";
    const ABOUT: &'static str = "One entry of `run.model.penalty`.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &PENALTIES
    }
}

impl<S: Settings + Penalty> Holds<S> for dyn Penalty {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

/// Below the root of a norm, so that a gradient of 0 has a finite derivative.
const ROOT_EPSILON: f64 = 1e-12;

/// Σ g² of each image, `[batch]`.
pub fn squared_norms(gradient: Tensor<4>) -> Tensor<1> {
    gradient.flatten::<2>(1, 3).square().sum_dim(1).squeeze_dim(1)
}

/// |g| of each image, `[batch]`.
pub fn norms(gradient: Tensor<4>) -> Tensor<1> {
    (squared_norms(gradient) + ROOT_EPSILON).sqrt()
}
