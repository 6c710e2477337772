//! A small pair in the manner of StyleGAN2 (Karras et al. 2020, arXiv 1912.04958): a mapping network, modulated convolutions
//! with noise, images summed over the sizes; a residual discriminator. Weights are equalised. What differs from the paper's
//! program is in the book (`docs/deviations.md`).

use super::{
    Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, divisible, halved, halvings,
};
use crate::Initialization;
use crate::check::refusal;
use crate::layer::{
    Chain, LEAKY_RELU_GAIN, Layer, Layers, MAPPING, MINIBATCH_DEVIATION, StyleBlock, StyleNetwork, TANH, fit,
    half_smooth, residual, times,
};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f32::consts::FRAC_1_SQRT_2;

const ENTRY: Entry = Entry {
    name: "stylegan2",
    about: "mapping network, modulated convolutions, noise, summed images; residual blocks down, minibatch deviation",
    settings: "channels (32); generator: style (128), mapping (4), mapping_rate (1), style_mixing (0)",
    paper: "Karras et al. 2020, arXiv 1912.04958",
};

/// Channels never grow beyond.
const MAX_CHANNELS: usize = 512;

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
    /// The mapping network's share of the learning rate; the paper's is 0.01. For optimizers that normalise gradients, as Adam.
    #[serde(skip_serializing_if = "is_one")]
    pub mapping_rate: f64,
    /// Share of the images of an update that have the styles of another latent vector from some layer on; the paper's is 0.9.
    #[serde(skip_serializing_if = "is_zero")]
    pub style_mixing: f64,
}

fn is_one(rate: &f64) -> bool {
    *rate == 1.0
}

fn is_zero(share: &f64) -> bool {
    *share == 0.0
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
        Self { channels: 32, style: 128, mapping: 4, mapping_rate: 1.0, style_mixing: 0.0 }
    }
}

impl Default for Stylegan2Discriminator {
    fn default() -> Self {
        Self { channels: 32 }
    }
}

impl Settings for Stylegan2Generator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for Stylegan2Generator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let [colours, height, width] = image;
        let doublings = halvings(image);
        let widths = widths(self.channels, doublings);
        let sizes = sizes(image);
        let mapping = (0..self.mapping).flat_map(|layer| {
            let from = if layer == 0 { inputs } else { self.style };
            [make.dense_at_rate(from, self.style, self.mapping_rate), LEAKY_RELU_GAIN]
        });
        let blocks = sizes.iter().enumerate().map(|(at, size)| {
            let from = (at > 0).then(|| widths[at - 1]);
            StyleBlock::new(from, [widths[at], colours], *size, along(image, 3), self.style, make)
        });
        let network = StyleNetwork::new(inputs, Chain::new(mapping.collect()), blocks.collect(), make);
        vec![Layer::Style(network), TANH, fit([height, width])]
    }

    fn noise(&self, image: [usize; 3]) -> usize {
        // One convolution at the smallest size, two at each other.
        let area = |[height, width]: [usize; 2]| height * width;
        sizes(image).into_iter().enumerate().map(|(at, size)| if at == 0 { area(size) } else { 2 * area(size) }).sum()
    }

    fn style_mixing(&self) -> f64 {
        self.style_mixing
    }

    fn initialization(&self) -> Initialization {
        Initialization::Normal { deviation: 1.0 }
    }

    fn started(&self, network: Chain) -> Chain {
        if self.mapping_rate == 1.0 {
            return network;
        }
        network.map(&mut Enlarge { rate: self.mapping_rate, path: Vec::new() })
    }

    fn is_equalized(&self) -> bool {
        true
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        if !(1..=MAX_WIDTH).contains(&self.style) {
            return Some(Problem::at("style", format!("must be within 1 and {MAX_WIDTH}")));
        }
        if !(1..=16).contains(&self.mapping) {
            return Some(Problem::at("mapping", "must be within 1 and 16 layers"));
        }
        if let Some(refusal) = refusal("above 0 and at most 1", self.mapping_rate, |rate| rate > 0.0 && rate <= 1.0) {
            return Some(Problem::at("mapping_rate", refusal));
        }
        if !(0.0..=1.0).contains(&self.style_mixing) {
            return Some(Problem::at("style_mixing", "must be in [0, 1]"));
        }
        check(self.channels, format.shape())
    }
}

impl Settings for Stylegan2Discriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for Stylegan2Discriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let [colours, height, width] = image;
        let halvings = halvings(image);
        let widths = widths(self.channels, halvings);
        let [rows, columns] = [height, width].map(|side| halved(side, halvings));
        let (kernel, factors) = (along(image, 3), along(image, 2));
        let mut layers = vec![
            fit(divisible(image, halvings)),
            make.convolution([colours, widths[widths.len() - 1]], [1; 2], [1; 2]),
            LEAKY_RELU_GAIN,
        ];
        for pair in widths.windows(2).rev() {
            let [to, from] = [pair[0], pair[1]];
            let main = vec![
                make.convolution([from, from], kernel, [1; 2]),
                LEAKY_RELU_GAIN,
                make.convolution([from, to], kernel, [1; 2]),
                half_smooth(factors),
                LEAKY_RELU_GAIN,
            ];
            let skip = vec![half_smooth(factors), make.convolution([from, to], [1; 2], [1; 2])];
            layers.push(residual(main, skip));
            layers.push(times(FRAC_1_SQRT_2));
        }
        let last = widths[0];
        layers.extend([MINIBATCH_DEVIATION, make.convolution([last + 1, last], kernel, [1; 2]), LEAKY_RELU_GAIN]);
        layers.extend([make.dense(last * rows * columns, last), LEAKY_RELU_GAIN]);
        Body { layers, features: last }
    }

    fn initialization(&self) -> Initialization {
        Initialization::Normal { deviation: 1.0 }
    }

    fn is_equalized(&self) -> bool {
        true
    }

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        check(self.channels, format.shape())
    }
}

/// Divides the weights of the mapping network by its rate.
struct Enlarge {
    rate: f64,
    path: Vec<String>,
}

impl ModuleMapper for Enlarge {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D < 2 || !self.path.iter().any(|name| name == MAPPING) {
            return param;
        }
        param.map(|weight| {
            let learns = weight.is_require_grad();
            let weight = (weight / self.rate).detach();
            if learns { weight.require_grad() } else { weight }
        })
    }
}

/// Channels from the smallest size to the image's.
fn widths(channels: usize, doublings: u32) -> Vec<usize> {
    (0..=doublings).rev().map(|below| (channels << below).min(MAX_CHANNELS.max(channels))).collect()
}

/// From the smallest size to the one that the image is cut from.
fn sizes(image: [usize; 3]) -> Vec<[usize; 2]> {
    let doublings = halvings(image);
    let whole = divisible(image, doublings);
    // An axis of length 1 stays so.
    (0..=doublings).map(|doubling| whole.map(|side| side.div_ceil(1 << (doublings - doubling)))).collect()
}

fn check(channels: usize, image: [usize; 3]) -> Option<Problem> {
    check_channels(channels, MAX_CHANNELS, image)
}
