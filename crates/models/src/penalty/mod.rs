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
//! Points and gradients are `[batch, channels, height, width]`; a penalty is a scalar, a mean over the batch.

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

use crate::{Discriminator, Generator, Samples, Stream};
use burn::tensor::Tensor;
use orthogonal::On;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Below the root of a norm, so that a gradient of 0 has a finite derivative.
const ROOT_EPSILON: f64 = 1e-12;

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Value of `kind`.
    pub name: &'static str,
    /// What it comes to; r, f and w are real images, generated images and weights, g is the gradient at the point.
    pub formula: &'static str,
    /// Its settings.
    pub settings: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

/// Every penalty.
pub const ALL: [Entry; 6] = [gradient_norm::ENTRY, r1::ENTRY, r2::ENTRY, dragan::ENTRY, orthogonal::ENTRY, clip::ENTRY];

/// One entry of `run.model.penalty`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Penalty {
    /// Between real and generated images; see [`gradient_norm`].
    GradientNorm(gradient_norm::GradientNorm),
    /// At real images; see [`r1`].
    R1(r1::ZeroCentred),
    /// At generated images; see [`r2`].
    R2(r1::ZeroCentred),
    /// Around real images; see [`dragan`].
    Dragan(dragan::Dragan),
    /// On the weights of either network; see [`orthogonal`].
    Orthogonal(orthogonal::Orthogonal),
    /// On the discriminator's weights, as a bound; see [`clip`].
    Clip(clip::Clip),
}

impl Penalty {
    /// Name, formula, paper.
    pub fn entry(&self) -> Entry {
        match self {
            Self::GradientNorm(_) => gradient_norm::ENTRY,
            Self::R1(_) => r1::ENTRY,
            Self::R2(_) => r2::ENTRY,
            Self::Dragan(_) => dragan::ENTRY,
            Self::Orthogonal(_) => orthogonal::ENTRY,
            Self::Clip(_) => clip::ENTRY,
        }
    }

    /// Its value where the discriminator's input gradient is `gradient`; `None` for one that is not on the gradient.
    pub fn of_gradient(&self, gradient: Tensor<4>) -> Option<Tensor<1>> {
        match self {
            Self::GradientNorm(penalty) => Some(penalty.of_gradient(gradient)),
            Self::R1(penalty) | Self::R2(penalty) => Some(penalty.of_gradient(gradient)),
            Self::Dragan(penalty) => Some(penalty.of_gradient(gradient)),
            Self::Orthogonal(_) | Self::Clip(_) => None,
        }
    }

    /// Its value in discriminator update `update` of the run of `seed`, without the factor of `every`.
    fn value(
        &self,
        discriminator: &Discriminator,
        real: &Samples,
        fake: &Samples,
        (seed, update): (u64, u64),
    ) -> Option<Tensor<1>> {
        let mut stream = Stream::new(seed, &format!("penalty/{}", self.entry().name), update);
        let Samples { images, labels } = real;
        let points = match self {
            Self::GradientNorm(_) => {
                gradient_norm::GradientNorm::points(images.clone(), fake.images.clone().detach(), &mut stream)
            }
            Self::R1(_) => images.clone(),
            Self::R2(_) => fake.images.clone().detach(),
            Self::Dragan(penalty) => penalty.points(images.clone(), &mut stream),
            Self::Orthogonal(penalty) if penalty.on == On::Generator => return None,
            Self::Orthogonal(penalty) => return penalty.of_weights(discriminator),
            Self::Clip(_) => return None,
        };
        // Generated images have the classes of the real ones, and so has what lies between.
        let points = Samples::from(points).with_labels(labels.clone());
        self.of_gradient(discriminator.input_gradient(points))
    }

    /// Its value in a generator update.
    fn of_generator(&self, generator: &Generator) -> Option<Tensor<1>> {
        match self {
            Self::Orthogonal(penalty) if penalty.on != On::Discriminator => penalty.of_weights(generator),
            _ => None,
        }
    }

    /// Whether it needs the discriminator's input gradient.
    pub(crate) fn is_on_gradient(&self) -> bool {
        !matches!(self, Self::Orthogonal(_) | Self::Clip(_))
    }

    fn every(&self) -> u64 {
        match self {
            Self::GradientNorm(penalty) => penalty.every,
            Self::R1(penalty) | Self::R2(penalty) => penalty.every,
            Self::Dragan(penalty) => penalty.every,
            Self::Orthogonal(_) | Self::Clip(_) => 1,
        }
    }

    fn check(&self) -> Vec<String> {
        let above =
            |name: &str, value: f64| (!(value.is_finite() && value > 0.0)).then(|| format!("`{name}` must be above 0"));
        let from = |name: &str, value: f64| {
            (!(value.is_finite() && value >= 0.0)).then(|| format!("`{name}` must be at least 0"))
        };
        let every = (self.every() == 0).then(|| "`every` must be at least 1".to_owned());
        let problems = match self {
            Self::GradientNorm(p) => [above("weight", p.weight), from("target", p.target), None, every],
            Self::R1(p) | Self::R2(p) => [above("weight", p.weight), None, None, every],
            Self::Dragan(p) => [above("weight", p.weight), from("target", p.target), above("scale", p.scale), every],
            Self::Orthogonal(p) => [above("weight", p.weight), None, None, None],
            Self::Clip(p) => [above("bound", p.bound), None, None, None],
        };
        problems.into_iter().flatten().collect()
    }
}

/// Σ g² of each image, `[batch]`.
fn squared_norms(gradient: Tensor<4>) -> Tensor<1> {
    gradient.flatten::<2>(1, 3).square().sum_dim(1).squeeze_dim(1)
}

/// |g| of each image, `[batch]`.
fn norms(gradient: Tensor<4>) -> Tensor<1> {
    (squared_norms(gradient) + ROOT_EPSILON).sqrt()
}
