//! Images as they are.

use super::Augmentation;
use crate::{Stream, Variables};
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// None.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unaugmented {}

impl Settings for Unaugmented {
    const NAME: &'static str = "none";
}

impl Augmentation for Unaugmented {
    fn apply(&self, images: Tensor<4>, _: &Variables, _: &mut Stream) -> Tensor<4> {
        images
    }
}
