//! U-Net (Ronneberger et al. 2015, arXiv 1505.04597) as in pix2pix (Isola et al. 2017, arXiv 1611.07004, section 6.1.1): strided
//! 4 x 4 convolutions that halve the image until its shorter side is one pixel, and as many that double it again. Maps of one size
//! stand side by side: what the way down has seen there need not pass the narrow middle.
//!
//! It has as many halvings as the image allows, eight at most: five for 28 and 32 pixels, the paper's eight for 256. Odd sides are
//! rounded up on the way down and cut off on the way up.

use super::norm::Norm;
use super::{Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, halved, is_false};
use crate::Initialization;
use crate::check::refusal;
use crate::layer::{LEAKY_RELU, Layer, Layers, RELU, TANH, Window, dropout, fit, repeat, skip};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "unet",
    about: "translates images: strided 4x4 convolutions down and up, maps of one size side by side",
    settings: "channels (64), halvings (by the image's size), norm (batch), dropout (0.5), upsampling (transposed), spectral_norm (false)",
    paper: "Ronneberger et al. 2015, arXiv 1505.04597; Isola et al. 2017, arXiv 1611.07004",
};

/// The smallest maps have at most so many times the channels of the largest.
const WIDEST: usize = 8;
const MOST_HALVINGS: u32 = 8;
/// Up-convolutions with dropout, from the middle on.
const DROPPED: u32 = 3;

/// Convolutions down and up, maps of one size side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UnetGenerator {
    /// Channels of the largest maps; each next smaller have twice as many, up to eight times these.
    pub channels: usize,
    /// How often the image is halved, 1 to 8; by default as often as it takes to one pixel along its shorter side, at most 8 times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halvings: Option<u32>,
    /// Normalisation of all convolutions' outputs but those of the first, the middle and the last.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Probability that a number behind the first three up-convolutions is left out while the network learns, in [0, 1).
    pub dropout: f64,
    /// How maps are doubled.
    #[serde(skip_serializing_if = "Upsampling::is_transposed")]
    pub upsampling: Upsampling,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

/// How a network that translates doubles maps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Upsampling {
    /// By a transposed convolution.
    #[default]
    Transposed,
    /// Each pixel twice, then a 3 x 3 convolution, which leaves no checkerboard (Odena et al. 2016, Distill).
    Resize,
}

impl Upsampling {
    pub(super) fn is_transposed(&self) -> bool {
        *self == Self::Transposed
    }

    /// Twice as large along the axes of `image` that are longer than 1, then cut to `size`; `kernel` is that of a transposed
    /// convolution.
    pub(super) fn layers(
        self,
        channels: [usize; 2],
        [image, to]: [[usize; 3]; 2],
        kernel: usize,
        bias: bool,
        make: &Layers,
    ) -> Vec<Layer> {
        let (double, [_, height, width]) = (along(image, 2), to);
        let mut layers = match self {
            Self::Transposed => {
                let window = Window::same(along(image, kernel), double);
                vec![make.transposed_through(channels, window, double.map(|factor| factor - 1), bias)]
            }
            Self::Resize => {
                let window = Window::same(along(image, 3), [1; 2]);
                vec![repeat(double), make.convolution_through(channels, window, bias)]
            }
        };
        if height % 2 + width % 2 > 0 {
            layers.push(fit([height, width]));
        }
        layers
    }
}

impl Default for UnetGenerator {
    fn default() -> Self {
        let (norm, upsampling) = (Norm::Batch, Upsampling::Transposed);
        Self { channels: 64, halvings: None, norm, dropout: 0.5, upsampling, spectral_norm: false }
    }
}

impl Settings for UnetGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl UnetGenerator {
    fn depth(&self, image: [usize; 3]) -> u32 {
        self.halvings.unwrap_or_else(|| most_halvings(image).min(MOST_HALVINGS))
    }

    /// Channels of maps that were halved so many times.
    fn width(&self, halvings: u32) -> usize {
        self.channels * WIDEST.min(1 << (halvings - 1))
    }

    /// What lies between maps that were halved so many times and their way up, and the channels that it makes of them.
    fn middle(&self, halvings: u32, image: [usize; 3], make: &Layers) -> (Vec<Layer>, usize) {
        let (depth, width) = (self.depth(image), self.width(halvings));
        if halvings == depth {
            return (Vec::new(), width);
        }
        let (below, is_plain) = (self.width(halvings + 1), self.norm == Norm::None);
        let is_narrowest = halvings + 1 == depth;
        let mut branch = vec![LEAKY_RELU, down([width, below], image, is_plain || is_narrowest, make)];
        branch.extend((!is_narrowest).then(|| self.norm.layer(below, make)).flatten());
        let (inner, from) = self.middle(halvings + 1, image, make);
        branch.extend(inner);
        branch.push(RELU);
        let shape = sized(width, image, halvings);
        branch.extend(self.upsampling.layers([from, width], [image, shape], 4, is_plain, make));
        branch.extend(self.norm.layer(width, make));
        if self.dropout > 0.0 && depth - halvings <= DROPPED {
            branch.push(dropout(self.dropout));
        }
        (vec![skip(branch)], 2 * width)
    }
}

impl GeneratorDesign for UnetGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let ([colours, ..], [made, ..]) = (input, image);
        let mut layers = vec![down([colours, self.channels], image, true, make)];
        let (middle, from) = self.middle(1, image, make);
        layers.extend(middle);
        layers.push(RELU);
        layers.extend(self.upsampling.layers([from, made], [image, image], 4, true, make));
        layers.push(TANH);
        layers
    }

    fn initialization(&self) -> Initialization {
        Initialization::Normal { deviation: 0.02 }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn translates(&self) -> bool {
        true
    }

    fn check(&self, input: [usize; 3], format: Format) -> Option<Problem> {
        let image = format.shape();
        let most = most_halvings(image).min(MOST_HALVINGS);
        let range = || format!("must be within 1 and {most} for such images");
        check_translation(input, image)
            .or_else(|| check_channels(self.channels, MAX_WIDTH / WIDEST, image))
            .or_else(|| Problem::unless(self.halvings.is_none_or(|it| (1..=most).contains(&it)), "halvings", range()))
            .or_else(|| check_dropout(self.dropout))
    }
}

/// Halves an image.
fn down(channels: [usize; 2], image: [usize; 3], bias: bool, make: &Layers) -> Layer {
    make.convolution_through(channels, Window::same(along(image, 4), along(image, 2)), bias)
}

/// Maps of an image that was halved so many times.
fn sized(channels: usize, [_, height, width]: [usize; 3], halvings: u32) -> [usize; 3] {
    [channels, halved(height, halvings), halved(width, halvings)]
}

/// Until the shorter side is one pixel. An axis of length 1 does not count.
fn most_halvings([_, height, width]: [usize; 3]) -> u32 {
    let shorter = [height, width].into_iter().filter(|side| *side > 1).min().unwrap_or(2);
    shorter.next_power_of_two().ilog2()
}

/// Why a network that translates maps of one size cannot make such images of such.
pub(super) fn check_translation([_, height, width]: [usize; 3], image: [usize; 3]) -> Option<Problem> {
    let [_, rows, columns] = image;
    if [height, width] == [rows, columns] {
        return None;
    }
    let message = if [height, width] == [1, 1] {
        "translates images, but the task makes samples of latent vectors: set `model.task: translation`, or another \
         architecture"
            .to_owned()
    } else {
        let sizes = format!("{height} x {width} and {rows} x {columns}");
        format!("translates images to others of their size; the data set's are {sizes}")
    };
    Some(Problem::here(message))
}

pub(super) fn check_dropout(probability: f64) -> Option<Problem> {
    let refusal = refusal("in [0, 1)", probability, |probability| (0.0..1.0).contains(&probability))?;
    Some(Problem::at("dropout", refusal))
}
