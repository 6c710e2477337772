//! Deep convolutional GAN (Radford et al. 2016, arXiv 1511.06434): strided 4 x 4 convolutions each way, two at least and as
//! many as it takes to maps below 8 pixels (7 x 7 for images of 28, the paper's 4 x 4 for those of 32 and 64), batch
//! normalisation everywhere but in the generator's last and the discriminator's first layer.

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MOST_WIDTH, halved, halvings, is_false, smallest};
use crate::layer::{LEAKY_RELU, Layer, Layers, RELU, TANH, fit, view};
use crate::{ImageShape, Initialization};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "dcgan",
    about: "strided 4x4 convolutions with batch normalisation; ReLU up, LeakyReLU down",
    settings: "channels (64); discriminator: norm (batch), spectral_norm (false)",
    paper: "Radford et al. 2016, arXiv 1511.06434",
};

const INITIALIZATION: Initialization = Initialization::Normal { deviation: 0.02 };

/// Dense to the smallest maps, then transposed convolutions that double them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DcganGenerator {
    /// Channels of the last hidden layer; each one before has twice as many.
    pub channels: usize,
}

/// Convolutions that halve the image, then a dense layer to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DcganDiscriminator {
    /// Channels of the first hidden layer; each next one has twice as many.
    pub channels: usize,
    /// Normalisation of all convolutions' outputs but the first's.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

/// Normalisation between the discriminator's convolutions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// By the statistics of the batch (Ioffe and Szegedy 2015, arXiv 1502.03167), as in the paper.
    #[default]
    Batch,
    /// None, as a penalty on the gradient needs it.
    None,
}

impl Norm {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature.
    fn is_batch(&self) -> bool {
        *self == Self::Batch
    }
}

impl Default for DcganGenerator {
    fn default() -> Self {
        Self { channels: 64 }
    }
}

impl Default for DcganDiscriminator {
    fn default() -> Self {
        Self { channels: 64, norm: Norm::Batch, spectral_norm: false }
    }
}

impl GeneratorDesign for DcganGenerator {
    fn layers(&self, inputs: usize, image: ImageShape, make: &Layers) -> Vec<Layer> {
        let [colours, height, width] = image;
        let doublings = halvings(image);
        let channels = |doubling: u32| self.channels << (doublings - 1 - doubling);
        let start = [channels(0), halved(height, doublings), halved(width, doublings)];
        let mut layers = vec![make.dense(inputs, start.iter().product()), view(start)];
        for doubling in 0..doublings {
            let from = channels(doubling);
            let to = if doubling + 1 < doublings { channels(doubling + 1) } else { colours };
            layers.extend([make.batch_norm(from), RELU, make.transposed([from, to], 4, 2)]);
        }
        layers.extend([TANH, fit([height, width])]);
        layers
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn check(&self, image: ImageShape) -> Option<String> {
        check(self.channels, image)
    }
}

impl DiscriminatorDesign for DcganDiscriminator {
    fn body(&self, image: ImageShape, make: &Layers) -> Body {
        let [colours, height, width] = image;
        let halvings = halvings(image);
        let [rows, columns] = [height, width].map(|side| halved(side, halvings));
        let mut layers = vec![fit([rows << halvings, columns << halvings])];
        for halving in 0..halvings {
            let to = self.channels << halving;
            let from = if halving == 0 { colours } else { to / 2 };
            layers.push(make.convolution([from, to], 4, 2, 1));
            if halving > 0 && self.norm.is_batch() {
                layers.push(make.batch_norm(to));
            }
            layers.push(LEAKY_RELU);
        }
        Body { layers, features: (self.channels << (halvings - 1)) * rows * columns }
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, image: ImageShape) -> Option<String> {
        check(self.channels, image)
    }

    fn check_input_gradient(&self) -> Option<String> {
        let why = "batch normalisation makes a logit depend on the whole batch";
        self.norm.is_batch().then(|| format!("{why}: set `model.discriminator.norm: none`"))
    }
}

fn check(channels: usize, image: ImageShape) -> Option<String> {
    let most = MOST_WIDTH >> halvings(image);
    if !(1..=most).contains(&channels) {
        return Some(format!("`channels` must be within 1 and {most}"));
    }
    smallest(image, 4)
}
