//! Differentiable augmentation of all that the discriminator sees, real and generated, in both turns: with few images it
//! cannot learn them by heart, and the generator learns nothing of the augmentation (DiffAugment: Zhao et al. 2020,
//! arXiv 2006.10738; adaptive: Karras et al. 2020, arXiv 2006.06676).
//!
//! Draws come from the run's streams. Each operation draws for each image anew.
//!
//! # Shapes
//! Images are `[batch, channels, height, width]` in `[-1, 1]`, before and after; black, which fills what is uncovered, is
//! the middle grey 0, as in the papers' programs.

mod adaptive;
mod color;
mod cutout;
mod geometry;
#[cfg(test)]
mod tests;

pub use adaptive::Adaptive;
pub(crate) use adaptive::Probability;

use crate::Stream;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `run.model.augmentation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Augmentation {
    /// None.
    None {},
    /// All operations on every image.
    DiffAugment(DiffAugment),
    /// Each operation with a probability that grows while the discriminator learns the images by heart.
    Adaptive(Adaptive),
}

/// `{ kind: diff_augment }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiffAugment {
    /// In this order.
    pub operations: Vec<Operation>,
}

/// What happens to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A number from `[-0.5, 0.5)` is added to all values.
    Brightness,
    /// The channels' distance from their mean is multiplied by a number from `[0, 2)`.
    Saturation,
    /// The values' distance from their mean is multiplied by a number from `[0.5, 1.5)`.
    Contrast,
    /// Left and right change places in every other image.
    Flip,
    /// Up to an eighth of the image's sides, each way.
    Translation,
    /// A rectangle of half the image's sides becomes grey.
    Cutout,
}

/// The paper's policy: color, translation, cutout.
impl Default for DiffAugment {
    fn default() -> Self {
        use Operation::{Brightness, Contrast, Cutout, Saturation, Translation};
        Self { operations: vec![Brightness, Saturation, Contrast, Translation, Cutout] }
    }
}

impl Default for Augmentation {
    fn default() -> Self {
        Self::None {}
    }
}

impl Augmentation {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None {}
    }

    /// Augmented images; `probability` `[1]` is that of [`Adaptive`].
    pub(crate) fn apply(&self, images: Tensor<4>, probability: Option<Tensor<1>>, stream: &mut Stream) -> Tensor<4> {
        let operations = match self {
            Self::None {} => return images,
            Self::DiffAugment(settings) => &settings.operations,
            Self::Adaptive(settings) => &settings.operations,
        };
        operations.iter().fold(images, |images, operation| {
            let augmented = operation.apply(images.clone(), stream);
            match &probability {
                None => augmented,
                Some(probability) => {
                    let draws = column(stream.uniforms(images.dims()[0], 0.0, 1.0), &images);
                    let chosen = draws.lower(probability.clone().reshape([1, 1, 1, 1])).float();
                    images.clone() + chosen * (augmented - images)
                }
            }
        })
    }

    /// What is wrong with the values.
    pub(crate) fn check(&self) -> Vec<String> {
        let (operations, mut problems) = match self {
            Self::None {} => return Vec::new(),
            Self::DiffAugment(settings) => (&settings.operations, Vec::new()),
            Self::Adaptive(settings) => (&settings.operations, settings.check()),
        };
        if operations.is_empty() {
            problems.push("`operations` is empty: set `model.augmentation: none`".to_owned());
        }
        problems
    }
}

impl Operation {
    fn apply(self, images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
        match self {
            Self::Brightness => color::brightness(images, stream),
            Self::Saturation => color::saturation(images, stream),
            Self::Contrast => color::contrast(images, stream),
            Self::Flip => geometry::flip(images, stream),
            Self::Translation => geometry::translation(images, stream),
            Self::Cutout => cutout::cutout(images, stream),
        }
    }
}

/// A number for each image, `[batch, 1, 1, 1]`.
fn column(numbers: Vec<f32>, like: &Tensor<4>) -> Tensor<4> {
    let shape = [numbers.len(), 1, 1, 1];
    Tensor::from_data(TensorData::new(numbers, shape), &like.device())
}

/// A whole number from `0..count`.
fn below(count: usize, stream: &mut Stream) -> usize {
    ((stream.uniform() * count as f32) as usize).min(count - 1)
}
