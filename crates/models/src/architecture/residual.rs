//! The residual generator of CycleGAN (Zhu et al. 2017, arXiv 1703.10593, appendix 7.2; Johnson et al. 2016, arXiv 1603.08155):
//! a 7 x 7 convolution, strided 3 x 3 convolutions that halve the image, residual blocks, as many transposed convolutions, a
//! 7 x 7 convolution. Borders are reflected where nothing is halved.
//!
//! The image is halved once below 32 pixels along its shorter side, else twice. There are three blocks up to 64 pixels, six up to
//! 128 and nine beyond, as in the paper for 128 and 256.

use super::norm::Norm;
use super::unet::{Upsampling, check_dropout, check_translation};
use super::{Entry, GeneratorDesign, MAX_WIDTH, along, halved, is_false};
use crate::Initialization;
use crate::layer::{Layer, Layers, RELU, TANH, Window, dropout, reflect, residual};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "residual",
    about: "translates images: 3x3 convolutions down, residual blocks, and up",
    settings: "channels (64), halvings and blocks (by the image's size), norm (instance), dropout (0), upsampling (transposed), spectral_norm (false)",
    paper: "Johnson et al. 2016, arXiv 1603.08155; Zhu et al. 2017, arXiv 1703.10593",
};

const MOST_HALVINGS: u32 = 4;
const MOST_BLOCKS: usize = 32;

/// Convolutions down, residual blocks, convolutions up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ResidualGenerator {
    /// Channels of the largest maps; each next smaller have twice as many.
    pub channels: usize,
    /// How often the image is halved before the blocks, 1 to 4; by default once below 32 pixels, else twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halvings: Option<u32>,
    /// Residual blocks, up to 32; by default three up to 64 pixels, six up to 128, nine beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<usize>,
    /// Normalisation of all convolutions' outputs but the last's.
    pub norm: Norm,
    /// Probability that a number between a block's convolutions is left out while the network learns, in [0, 1).
    pub dropout: f64,
    /// How maps are doubled.
    #[serde(skip_serializing_if = "Upsampling::is_transposed")]
    pub upsampling: Upsampling,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for ResidualGenerator {
    fn default() -> Self {
        let (norm, upsampling) = (Norm::Instance, Upsampling::Transposed);
        Self { channels: 64, halvings: None, blocks: None, norm, dropout: 0.0, upsampling, spectral_norm: false }
    }
}

impl Settings for ResidualGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl ResidualGenerator {
    fn depth(&self, image: [usize; 3]) -> u32 {
        self.halvings.unwrap_or(if shorter(image) < 32 { 1 } else { 2 })
    }

    /// Two convolutions beside nothing.
    fn block(&self, channels: usize, image: [usize; 3], make: &Layers) -> Layer {
        let mut main = bordered([channels; 2], 3, image, self.norm == Norm::None, make);
        main.extend(self.norm.layer(channels, make));
        main.push(RELU);
        main.extend((self.dropout > 0.0).then(|| dropout(self.dropout)));
        main.extend(bordered([channels; 2], 3, image, self.norm == Norm::None, make));
        main.extend(self.norm.layer(channels, make));
        residual(main, Vec::new())
    }
}

impl GeneratorDesign for ResidualGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let ([colours, ..], [made, height, width]) = (input, image);
        let (depth, is_plain) = (self.depth(image), self.norm == Norm::None);
        let map = |halvings: u32| [self.channels << halvings, halved(height, halvings), halved(width, halvings)];
        let mut layers = bordered([colours, self.channels], 7, image, is_plain, make);
        layers.extend(self.norm.layer(self.channels, make));
        layers.push(RELU);
        for halving in 0..depth {
            let ([from, ..], [to, ..]) = (map(halving), map(halving + 1));
            layers.push(make.convolution_through([from, to], Window::same(along(image, 3), along(image, 2)), is_plain));
            layers.extend(self.norm.layer(to, make));
            layers.push(RELU);
        }
        let blocks = self.blocks.unwrap_or(match shorter(image) {
            ..=64 => 3,
            65..=128 => 6,
            _ => 9,
        });
        layers.extend((0..blocks).map(|_| self.block(map(depth)[0], image, make)));
        for doubling in (0..depth).rev() {
            let ([from, ..], to) = (map(doubling + 1), map(doubling));
            layers.extend(self.upsampling.layers([from, to[0]], [image, to], 3, is_plain, make));
            layers.extend(self.norm.layer(to[0], make));
            layers.push(RELU);
        }
        layers.extend(bordered([self.channels, made], 7, image, true, make));
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
        let depth = format!("must be within 1 and {MOST_HALVINGS}");
        let blocks = format!("must be at most {MOST_BLOCKS}");
        let channels = format!("must be within 1 and {}", MAX_WIDTH >> MOST_HALVINGS);
        let least = 2 << self.depth(image).min(MOST_HALVINGS);
        check_translation(input, image)
            .or_else(|| {
                Problem::unless((1..=MAX_WIDTH >> MOST_HALVINGS).contains(&self.channels), "channels", channels)
            })
            .or_else(|| Problem::unless((1..=MOST_HALVINGS).contains(&self.depth(image)), "halvings", depth))
            .or_else(|| Problem::unless(self.blocks.is_none_or(|blocks| blocks <= MOST_BLOCKS), "blocks", blocks))
            .or_else(|| super::smallest(image, least.max(4)))
            .or_else(|| check_dropout(self.dropout))
    }
}

fn shorter([_, height, width]: [usize; 3]) -> usize {
    [height, width].into_iter().filter(|side| *side > 1).min().unwrap_or(1)
}

/// A convolution to maps of one size, over a border of reflected pixels.
fn bordered(channels: [usize; 2], kernel: usize, image: [usize; 3], bias: bool, make: &Layers) -> Vec<Layer> {
    let kernel = along(image, kernel);
    let window = Window::padded(kernel, [1; 2], [0; 2]);
    vec![reflect(kernel.map(|kernel| kernel / 2)), make.convolution_through(channels, window, bias)]
}
