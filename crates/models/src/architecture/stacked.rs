//! The tiny pair of the study of unrolled GANs on stacked MNIST (Metz et al. 2017, arXiv 1611.02163, appendix), which PacGAN
//! repeats: 3 x 3 kernels, a few channels, three halvings.

use super::norm::Norm;
use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, halved, is_false};
use crate::layer::{Layer, Layers, RELU, TANH, fit, leaky, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "stacked",
    about: "tiny 3x3 convolutions with batch normalisation, against which collapse is studied",
    settings: "channels (generator 8, discriminator 4); discriminator: norm (batch), spectral_norm (false)",
    paper: "Metz et al. 2017, arXiv 1611.02163; Lin et al. 2018, arXiv 1712.04086",
};

const HALVINGS: u32 = 3;

/// Dense to 64 maps of an eighth of the image's size, transposed convolutions to 32, 16 and 8, one convolution to the
/// image. Batch normalisation and ReLU between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StackedGenerator {
    /// Channels of the last hidden layer; each one before has twice as many.
    pub channels: usize,
}

/// Convolutions that halve the image, to 4, 8 and 16 maps, each with normalisation and LeakyReLU of slope 0.3; a dense
/// layer to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StackedDiscriminator {
    /// Channels of the first layer; each next one has twice as many. 4 makes the study's discriminator of half the
    /// generator's size, 2 the one of a quarter.
    pub channels: usize,
    /// Normalisation of all convolutions' outputs.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for StackedGenerator {
    fn default() -> Self {
        Self { channels: 8 }
    }
}

impl Default for StackedDiscriminator {
    fn default() -> Self {
        Self { channels: 4, norm: Norm::Batch, spectral_norm: false }
    }
}

impl Settings for StackedGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for StackedGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let [colours, height, width] = image;
        let (kernel, stride) = (along(image, 3), along(image, 2));
        let size = |halvings| [height, width].map(|side| halved(side, halvings));
        let [rows, columns] = size(HALVINGS);
        let start = [self.channels << HALVINGS, rows, columns];
        let mut layers = vec![make.dense(inputs, start.iter().product()), view(start)];
        for left in (0..HALVINGS).rev() {
            let to = self.channels << left;
            let up = make.transposed([2 * to, to], kernel, stride);
            layers.extend([make.batch_norm(2 * to), RELU, up, fit(size(left))]);
        }
        layers.extend([
            make.batch_norm(self.channels),
            RELU,
            make.convolution([self.channels, colours], kernel, [1; 2]),
            TANH,
        ]);
        layers
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(self.channels, format.shape())
    }
}

impl Settings for StackedDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for StackedDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let [colours, height, width] = image;
        let mut layers = Vec::new();
        let mut from = colours;
        for halving in 0..HALVINGS {
            let to = self.channels << halving;
            layers.push(make.convolution([from, to], along(image, 3), along(image, 2)));
            layers.extend(self.norm.layer(to, make));
            layers.push(leaky(0.3));
            from = to;
        }
        Body { layers, features: from * halved(height, HALVINGS) * halved(width, HALVINGS) }
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

fn check(channels: usize, image: [usize; 3]) -> Option<Problem> {
    check_channels(channels, MAX_WIDTH >> HALVINGS, image)
}
