//! The neutral pair of "Are GANs Created Equal?" (Lucic et al. 2018, arXiv 1711.10337, appendix), that of InfoGAN (Chen et al.
//! 2016, arXiv 1606.03657): two 4 x 4 convolutions and one wide dense layer each way. There the generator ends in a sigmoid
//! for data in [0, 1]; here in tanh for data in [-1, 1].

use super::norm::Norm;
use super::{
    Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, divisible, halved, is_false,
};
use crate::Initialization;
use crate::layer::{LEAKY_RELU, Layer, Layers, TANH, fit, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "infogan",
    about: "the neutral pair of the equal-GANs study: dense 1024 and two strided 4x4 convolutions each way, LeakyReLU",
    settings: "channels (64); discriminator: norm (batch), spectral_norm (false)",
    paper: "Lucic et al. 2018, arXiv 1711.10337; Chen et al. 2016, arXiv 1606.03657",
};

const CHANNELS: usize = 64;
const INITIALIZATION: Initialization = Initialization::Normal { deviation: 0.02 };

/// Dense 1024, dense to 128 maps of a quarter of the image's size, transposed convolutions to 64 maps and to the image.
/// Batch normalisation, of single numbers after the dense layers, and LeakyReLU between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InfoganGenerator {
    /// Channels of the last hidden layer; the one before has twice as many, the dense layer 16 times as many numbers.
    pub channels: usize,
}

/// Convolutions to 64 and 128 maps, dense 1024, LeakyReLU between; normalisation but after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InfoganDiscriminator {
    /// Channels of the first layer; the next one has twice as many, the dense layer 16 times as many numbers.
    pub channels: usize,
    /// Normalisation of the second and third layer's outputs.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for InfoganGenerator {
    fn default() -> Self {
        Self { channels: CHANNELS }
    }
}

impl Default for InfoganDiscriminator {
    fn default() -> Self {
        Self { channels: CHANNELS, norm: Norm::Batch, spectral_norm: false }
    }
}

impl Settings for InfoganGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for InfoganGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let ([colours, height, width], channels) = (image, self.channels);
        let start = [2 * channels, halved(height, 2), halved(width, 2)];
        let (dense, pixels) = (16 * channels, start.iter().product());
        let (kernel, stride) = (along(image, 4), along(image, 2));
        vec![
            make.dense(inputs, dense),
            batch_norm(dense, make),
            LEAKY_RELU,
            make.dense(dense, pixels),
            batch_norm(pixels, make),
            LEAKY_RELU,
            view(start),
            make.transposed([2 * channels, channels], kernel, stride),
            batch_norm(channels, make),
            LEAKY_RELU,
            make.transposed([channels, colours], kernel, stride),
            TANH,
            fit([height, width]),
        ]
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(self.channels, format.shape())
    }
}

impl Settings for InfoganDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for InfoganDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let ([colours, height, width], channels) = (image, self.channels);
        let [rows, columns] = [height, width].map(|side| halved(side, 2));
        let dense = 16 * channels;
        let norm = |channels| match self.norm {
            Norm::Batch => Some(batch_norm(channels, make)),
            other => other.layer(channels, make),
        };
        let convolution = |channels| make.convolution(channels, along(image, 4), along(image, 2));
        let mut layers = vec![fit(divisible(image, 2)), convolution([colours, channels]), LEAKY_RELU];
        layers.push(convolution([channels, 2 * channels]));
        layers.extend(norm(2 * channels));
        layers.extend([LEAKY_RELU, make.dense(2 * channels * rows * columns, dense)]);
        layers.extend(norm(dense));
        layers.push(LEAKY_RELU);
        Body { layers, features: dense }
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        check(self.channels, format.shape())
    }

    fn check_input_gradient(&self) -> Option<String> {
        self.norm.check_input_gradient()
    }
}

/// With the constants of the study's program.
fn batch_norm(channels: usize, make: &Layers) -> Layer {
    make.batch_norm_with(channels, 1e-3, 1.0 - 0.999)
}

fn check(channels: usize, image: [usize; 3]) -> Option<Problem> {
    check_channels(channels, MAX_WIDTH / 16, image)
}
