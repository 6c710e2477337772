//! The same operations on every image (DiffAugment: Zhao et al. 2020, arXiv 2006.10738).

use super::{Augmentation, Operation, check_operations};
use crate::{Stream, Variables};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All operations on every image.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiffAugment {
    /// In this order.
    pub operations: Vec<Operation>,
}

/// The paper's policy: color, translation, cutout.
impl Default for DiffAugment {
    fn default() -> Self {
        use Operation::{Brightness, Contrast, Cutout, Saturation, Translation};
        Self { operations: vec![Brightness, Saturation, Contrast, Translation, Cutout] }
    }
}

impl Settings for DiffAugment {
    const NAME: &'static str = "diff_augment";
}

impl Augmentation for DiffAugment {
    fn apply(&self, images: Tensor<4>, _: &Variables, stream: &mut Stream) -> Tensor<4> {
        self.operations.iter().fold(images, |images, operation| operation.apply(images, stream))
    }

    fn check(&self) -> Vec<Problem> {
        check_operations(&self.operations).into_iter().collect()
    }
}
