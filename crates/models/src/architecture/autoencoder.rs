//! A discriminator that puts images together again; its logit is minus the distance, the image's energy (EBGAN: Zhao et al.
//! 2017, arXiv 1609.03126; BEGAN: Berthelot et al. 2017, arXiv 1703.10717). The generator is built like its decoder, as in
//! BEGAN. Strided 4 x 4 convolutions with LeakyReLU, as many as in `dcgan`, without normalisation; no tanh in the decoder.

use super::{
    Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, divisible, halved, halvings,
    is_false,
};
use crate::energy::Distance;
use crate::layer::{LEAKY_RELU, Layer, Layers, TANH, fit, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "autoencoder",
    about: "strided 4x4 convolutions to a code and back; the logit is minus the distance",
    settings: "channels (64); discriminator: code (64), distance (squared), spectral_norm (false)",
    paper: "Zhao et al. 2017, arXiv 1609.03126; Berthelot et al. 2017, arXiv 1703.10717",
};

const CHANNELS: usize = 64;

/// Dense to the smallest maps, then transposed convolutions that double them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AutoencoderGenerator {
    /// Channels of the last hidden layer; each one before has twice as many.
    pub channels: usize,
}

/// Convolutions that halve the image, a dense layer to the code, and the way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AutoencoderDiscriminator {
    /// Channels of the largest maps; each next smaller have twice as many.
    pub channels: usize,
    /// Numbers between encoder and decoder.
    pub code: usize,
    /// Of an image from its reconstruction.
    pub distance: Distance,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for AutoencoderGenerator {
    fn default() -> Self {
        Self { channels: CHANNELS }
    }
}

impl Default for AutoencoderDiscriminator {
    fn default() -> Self {
        Self { channels: CHANNELS, code: 64, distance: Distance::Squared, spectral_norm: false }
    }
}

impl Settings for AutoencoderGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for AutoencoderGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let mut layers = decoder(inputs, self.channels, image, make);
        layers.push(TANH);
        layers
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(self.channels, format.shape())
    }
}

impl Settings for AutoencoderDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for AutoencoderDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let [colours, height, width] = image;
        let halvings = halvings(image);
        let [rows, columns] = [height, width].map(|side| halved(side, halvings));
        let (kernel, stride) = (along(image, 4), along(image, 2));
        let mut layers = vec![fit(divisible(image, halvings))];
        for halving in 0..halvings {
            let to = self.channels << halving;
            let from = if halving == 0 { colours } else { to / 2 };
            layers.extend([make.convolution([from, to], kernel, stride), LEAKY_RELU]);
        }
        layers.push(make.dense((self.channels << (halvings - 1)) * rows * columns, self.code));
        Body { layers, features: self.code }
    }

    fn decoder(&self, image: [usize; 3], make: &Layers) -> Option<(Vec<Layer>, Distance)> {
        Some((decoder(self.code, self.channels, image, make), self.distance))
    }

    fn has_energies(&self) -> bool {
        true
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        if !(1..=MAX_WIDTH).contains(&self.code) {
            return Some(Problem::at("code", format!("must be within 1 and {MAX_WIDTH}")));
        }
        check(self.channels, format.shape())
    }
}

/// From so many numbers to an image of any values.
fn decoder(inputs: usize, channels: usize, image: [usize; 3], make: &Layers) -> Vec<Layer> {
    let [colours, height, width] = image;
    let doublings = halvings(image);
    let channels = |doubling: u32| channels << (doublings - 1 - doubling);
    let start = [channels(0), halved(height, doublings), halved(width, doublings)];
    let (kernel, stride) = (along(image, 4), along(image, 2));
    let mut layers = vec![make.dense(inputs, start.iter().product()), view(start)];
    for doubling in 0..doublings {
        let to = if doubling + 1 < doublings { channels(doubling + 1) } else { colours };
        layers.extend([LEAKY_RELU, make.transposed([channels(doubling), to], kernel, stride)]);
    }
    layers.push(fit([height, width]));
    layers
}

fn check(channels: usize, image: [usize; 3]) -> Option<Problem> {
    check_channels(channels, MAX_WIDTH >> halvings(image), image)
}
