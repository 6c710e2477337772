//! A small pair in the manner of StyleGAN2 (Karras et al. 2020, arXiv 1912.04958): a mapping network, modulated convolutions
//! with noise, images summed over the sizes; a residual discriminator. Weights are equalised. Unlike the paper's program,
//! the mapping network learns at the pace of the rest, and the image ends in tanh.

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MOST_WIDTH, check_channels, halved, halvings};
use crate::Initialization;
use crate::layer::{
    Chain, HALF_SMOOTH, LEAKY_RELU_GAIN, Layer, Layers, MINIBATCH_DEVIATION, Residual, StyleBlock, StyleNetwork, TANH,
    fit, times,
};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f32::consts::FRAC_1_SQRT_2;

pub(super) const ENTRY: Entry = Entry {
    name: "stylegan2",
    about: "mapping network, modulated convolutions, noise, summed images; residual blocks down, minibatch deviation",
    settings: "channels (32); generator: style (128), mapping (4)",
    paper: "Karras et al. 2020, arXiv 1912.04958",
};

/// Channels never grow beyond.
const MOST_CHANNELS: usize = 512;

/// Latent vector to style, style to image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stylegan2Generator {
    /// Channels at the image's size; each size below has twice as many, up to 512.
    pub channels: usize,
    /// Numbers in a style.
    pub style: usize,
    /// Layers of the mapping network.
    pub mapping: usize,
}

/// Residual blocks that halve the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stylegan2Discriminator {
    /// Channels at the image's size; each size below has twice as many, up to 512.
    pub channels: usize,
}

impl Default for Stylegan2Generator {
    fn default() -> Self {
        Self { channels: 32, style: 128, mapping: 4 }
    }
}

impl Default for Stylegan2Discriminator {
    fn default() -> Self {
        Self { channels: 32 }
    }
}

impl GeneratorDesign for Stylegan2Generator {
    fn layers(&self, inputs: usize, image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let [colours, height, width] = image;
        let doublings = halvings(image);
        let widths = widths(self.channels, doublings);
        let sizes = sizes(image);
        let mapping = (0..self.mapping).flat_map(|layer| {
            let from = if layer == 0 { inputs } else { self.style };
            [make.dense(from, self.style), LEAKY_RELU_GAIN]
        });
        let blocks = sizes.iter().enumerate().map(|(at, size)| {
            let from = (at > 0).then(|| widths[at - 1]);
            StyleBlock::new(from, widths[at], colours, *size, self.style, make)
        });
        let network = StyleNetwork::new(inputs, Chain::new(mapping.collect()), blocks.collect(), make);
        vec![Layer::Style(network), TANH, fit([height, width])]
    }

    fn noise(&self, image: [usize; 3]) -> usize {
        // One convolution at the smallest size, two at each other.
        let area = |[height, width]: [usize; 2]| height * width;
        sizes(image).into_iter().enumerate().map(|(at, size)| if at == 0 { area(size) } else { 2 * area(size) }).sum()
    }

    fn initialization(&self) -> Initialization {
        Initialization::Normal { deviation: 1.0 }
    }

    fn is_equalized(&self) -> bool {
        true
    }

    fn check(&self, format: Format) -> Option<String> {
        if !(1..=MOST_WIDTH).contains(&self.style) {
            return Some(format!("`style` must be within 1 and {MOST_WIDTH}"));
        }
        if !(1..=16).contains(&self.mapping) {
            return Some("`mapping` must be within 1 and 16 layers".to_owned());
        }
        check(self.channels, format.shape())
    }
}

impl DiscriminatorDesign for Stylegan2Discriminator {
    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let [colours, height, width] = image;
        let halvings = halvings(image);
        let widths = widths(self.channels, halvings);
        let [rows, columns] = [height, width].map(|side| halved(side, halvings));
        let mut layers = vec![
            fit([rows << halvings, columns << halvings]),
            make.convolution([colours, widths[widths.len() - 1]], 1, 1, 0),
            LEAKY_RELU_GAIN,
        ];
        for pair in widths.windows(2).rev() {
            let [to, from] = [pair[0], pair[1]];
            let main = vec![
                make.convolution([from, from], 3, 1, 1),
                LEAKY_RELU_GAIN,
                make.convolution([from, to], 3, 1, 1),
                HALF_SMOOTH,
                LEAKY_RELU_GAIN,
            ];
            let skip = vec![HALF_SMOOTH, make.convolution([from, to], 1, 1, 0)];
            layers.push(Layer::Residual(Residual::new(Chain::new(main), Chain::new(skip))));
            layers.push(times(FRAC_1_SQRT_2));
        }
        let last = widths[0];
        layers.extend([MINIBATCH_DEVIATION, make.convolution([last + 1, last], 3, 1, 1), LEAKY_RELU_GAIN]);
        layers.extend([make.dense(last * rows * columns, last), LEAKY_RELU_GAIN]);
        Body { layers, features: last }
    }

    fn initialization(&self) -> Initialization {
        Initialization::Normal { deviation: 1.0 }
    }

    fn is_equalized(&self) -> bool {
        true
    }

    fn spectral_norm(&self) -> bool {
        false
    }

    fn check(&self, format: Format) -> Option<String> {
        check(self.channels, format.shape())
    }
}

/// Channels from the smallest size to the image's.
fn widths(channels: usize, doublings: u32) -> Vec<usize> {
    (0..=doublings).rev().map(|below| (channels << below).min(MOST_CHANNELS.max(channels))).collect()
}

/// From the smallest to that which the image is cut from.
fn sizes(image: [usize; 3]) -> Vec<[usize; 2]> {
    let doublings = halvings(image);
    let start = [image[1], image[2]].map(|side| halved(side, doublings));
    (0..=doublings).map(|doubling| start.map(|side| side << doubling)).collect()
}

fn check(channels: usize, image: [usize; 3]) -> Option<String> {
    check_channels(channels, MOST_CHANNELS, image)
}
