//! What can happen to an image.

use super::{color, cutout, geometry};
use crate::Stream;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

impl Operation {
    pub(super) fn apply(self, images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
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
pub(super) fn column(numbers: Vec<f32>, like: &Tensor<4>) -> Tensor<4> {
    let shape = [numbers.len(), 1, 1, 1];
    Tensor::from_data(TensorData::new(numbers, shape), &like.device())
}

/// A whole number from `0..count`.
pub(super) fn below(count: usize, stream: &mut Stream) -> usize {
    ((stream.uniform() * count as f32) as usize).min(count - 1)
}
