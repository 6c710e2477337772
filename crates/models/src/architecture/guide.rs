//! The pair of the beginner's guide to GANs in Keras, as it was meant: a convolutional generator against one wide
//! dense layer.

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, along, halved, is_false, smallest};
use crate::layer::{LEAKY_RELU, Layer, Layers, TANH, fit, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "guide",
    about: "dense 7x7x256, three transposed convolutions, tanh; flatten, dense 4096, dense 1",
    settings: "discriminator: spectral_norm (false)",
    paper: "Keras beginner's guide to GANs; after Radford et al. 2016, arXiv 1511.06434",
};

/// Dense to a quarter of the image's size and 256 channels, then transposed 5 x 5 convolutions to 128 (stride 1),
/// 64 (stride 2) and the image's channels (stride 2). LeakyReLU between, tanh last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuideGenerator {}

impl Settings for GuideGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for GuideGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let [channels, height, width] = image;
        let start = [256, halved(height, 2), halved(width, 2)];
        let (kernel, stride) = (along(image, 5), along(image, 2));
        vec![
            make.dense(inputs, start.iter().product()),
            view(start),
            LEAKY_RELU,
            make.transposed([256, 128], kernel, [1; 2]),
            LEAKY_RELU,
            make.transposed([128, 64], kernel, stride),
            LEAKY_RELU,
            make.transposed([64, channels], kernel, stride),
            TANH,
            fit([height, width]),
        ]
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        smallest(format.shape(), 4)
    }
}

/// Flatten, dense 4096, LeakyReLU, dense 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GuideDiscriminator {
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Settings for GuideDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for GuideDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        Body { layers: vec![make.dense(image.iter().product(), 4096), LEAKY_RELU], features: 4096 }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }
}
