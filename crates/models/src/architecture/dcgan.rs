//! Deep convolutional GAN (Radford et al. 2016, arXiv 1511.06434): strided 4 x 4 convolutions each way, two at least and as
//! many as it takes to maps below 8 pixels (7 x 7 for images of 28, the paper's 4 x 4 for those of 32 and 64), batch
//! normalisation everywhere but in the generator's last and the discriminator's first layer.
//!
//! `kernel: 5` and `halvings: 4` make the networks of the program DCGAN-tensorflow, those of VEEGAN's stacked MNIST (Srivastava
//! et al. 2017, arXiv 1705.07761).

use super::norm::Norm;
use super::{
    Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, divisible, halved, halvings,
    is_false,
};
use crate::Initialization;
use crate::layer::{LEAKY_RELU, Layer, Layers, RELU, TANH, fit, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "dcgan",
    about: "strided 4x4 convolutions with batch normalisation; ReLU up, LeakyReLU down",
    settings: "channels (64), kernel (4), halvings (by the image's size), norm (batch), spectral_norm (false)",
    paper: "Radford et al. 2016, arXiv 1511.06434",
};

const INITIALIZATION: Initialization = Initialization::Normal { deviation: 0.02 };
const CHANNELS: usize = 64;
const KERNEL: usize = 4;

/// Dense to the smallest maps, then transposed convolutions that double them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DcganGenerator {
    /// Channels of the last hidden layer; each one before has twice as many.
    pub channels: usize,
    /// Pixels across each kernel, 3 to 7.
    #[serde(skip_serializing_if = "is_kernel")]
    pub kernel: usize,
    /// How often the image is halved, 1 to 7; by default as often as it takes to maps below 8 pixels, twice at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halvings: Option<u32>,
    /// Normalisation of all layers' outputs but the last one's.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

/// Convolutions that halve the image, then a dense layer to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DcganDiscriminator {
    /// Channels of the first hidden layer; each next one has twice as many.
    pub channels: usize,
    /// Pixels across each kernel, 3 to 7.
    #[serde(skip_serializing_if = "is_kernel")]
    pub kernel: usize,
    /// How often the image is halved, 1 to 7; by default as often as it takes to maps below 8 pixels, twice at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halvings: Option<u32>,
    /// Normalisation of all convolutions' outputs but the first's.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for DcganGenerator {
    fn default() -> Self {
        Self { channels: CHANNELS, kernel: KERNEL, halvings: None, norm: Norm::Batch, spectral_norm: false }
    }
}

impl Default for DcganDiscriminator {
    fn default() -> Self {
        Self { channels: CHANNELS, kernel: KERNEL, halvings: None, norm: Norm::Batch, spectral_norm: false }
    }
}

impl Settings for DcganGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for DcganGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let [colours, height, width] = image;
        let doublings = self.halvings.unwrap_or_else(|| halvings(image));
        let channels = |doubling: u32| self.channels << (doublings - 1 - doubling);
        let size = |doubling: u32| [height, width].map(|side| halved(side, doublings - doubling));
        let [rows, columns] = size(0);
        let (kernel, stride) = (along(image, self.kernel), along(image, 2));
        let start = [channels(0), rows, columns];
        let mut layers = vec![make.dense(inputs, start.iter().product()), view(start)];
        for doubling in 0..doublings {
            let from = channels(doubling);
            let to = if doubling + 1 < doublings { channels(doubling + 1) } else { colours };
            layers.extend(self.norm.layer(from, make));
            layers.extend([RELU, make.transposed([from, to], kernel, stride)]);
            let [rows, columns] = size(doubling);
            if doubling + 1 < doublings && [stride[0] * rows, stride[1] * columns] != size(doubling + 1) {
                layers.push(fit(size(doubling + 1)));
            }
        }
        layers.extend([TANH, fit([height, width])]);
        layers
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(self.channels, self.kernel, self.halvings, format.shape())
    }
}

impl Settings for DcganDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for DcganDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let [colours, height, width] = image;
        let halvings = self.halvings.unwrap_or_else(|| halvings(image));
        let [rows, columns] = [height, width].map(|side| halved(side, halvings));
        let mut layers = Vec::new();
        // Odd kernels halve odd sides and round up; even ones would leave out the border.
        if self.kernel.is_multiple_of(2) {
            layers.push(fit(divisible(image, halvings)));
        }
        for halving in 0..halvings {
            let to = self.channels << halving;
            let from = if halving == 0 { colours } else { to / 2 };
            layers.push(make.convolution([from, to], along(image, self.kernel), along(image, 2)));
            layers.extend((halving > 0).then(|| self.norm.layer(to, make)).flatten());
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

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        check(self.channels, self.kernel, self.halvings, format.shape())
    }

    fn check_input_gradient(&self) -> Option<String> {
        self.norm.check_input_gradient()
    }
}

fn check(channels: usize, kernel: usize, depth: Option<u32>, image: [usize; 3]) -> Option<Problem> {
    if !(3..=7).contains(&kernel) {
        return Some(Problem::at("kernel", "must be within 3 and 7"));
    }
    if depth.is_some_and(|depth| !(1..=7).contains(&depth)) {
        return Some(Problem::at("halvings", "must be within 1 and 7"));
    }
    check_channels(channels, MAX_WIDTH >> depth.unwrap_or_else(|| halvings(image)), image)
}

fn is_kernel(kernel: &usize) -> bool {
    *kernel == KERNEL
}
