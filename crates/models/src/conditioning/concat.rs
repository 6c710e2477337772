//! Classes as further inputs (Mirza and Osindero 2014, arXiv 1411.1784): the discriminator sees a plane for each class
//! behind the image's channels, 1 throughout for its class and 0 for the others.

use super::{ClassInput, Conditioning, Entry};
use crate::Samples;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The discriminator sees a plane for each class.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concat {}

impl Settings for Concat {
    const NAME: &'static str = "concat";
}

impl Conditioning for Concat {
    fn entry() -> Entry {
        Entry {
            about: "the discriminator sees a plane for each class behind the image's channels",
            settings: "",
            paper: "Mirza and Osindero 2014, arXiv 1411.1784",
        }
    }

    fn is_by_class(&self) -> bool {
        true
    }

    fn class_input(&self) -> ClassInput {
        ClassInput::Planes
    }
}

/// Images with their planes, `[batch, channels + classes, height, width]`.
pub(crate) fn planes(examples: Samples) -> Tensor<4> {
    let Samples { images, labels } = examples;
    let [batch, _, height, width] = images.dims();
    let labels = labels.expect("examples for a discriminator that sees classes have them");
    let classes = labels.dims()[1];
    let planes = labels.reshape([batch, classes, 1, 1]).expand([batch, classes, height, width]);
    Tensor::cat(vec![images, planes], 1)
}
