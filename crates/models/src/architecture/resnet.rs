//! Residual networks (Gulrajani et al. 2017, arXiv 1704.00028, appendix F; Miyato et al. 2018, arXiv 1802.05957,
//! appendix B.4): blocks of two 3 x 3 convolutions that double or halve the image, all of one width. With self-attention between
//! two blocks, those of SAGAN (Zhang et al. 2019, arXiv 1805.08318).

use super::{
    Body, DiscriminatorDesign, Entry, GeneratorDesign, MOST_WIDTH, check_channels, halved, halvings, is_false,
};
use crate::layer::{Chain, DOUBLE, HALF, Layer, Layers, RELU, Residual, SUM, TANH, fit, view};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "resnet",
    about: "residual blocks of 3x3 convolutions with ReLU; batch normalisation in the generator only",
    settings: "channels (128), attention (false), spectral_norm (false)",
    paper: "Gulrajani et al. 2017, arXiv 1704.00028; Miyato et al. 2018, arXiv 1802.05957; \
            attention: Zhang et al. 2019, arXiv 1805.08318",
};

const CHANNELS: usize = 128;

/// Dense to the smallest maps, a block for each doubling, one 3 x 3 convolution to the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ResnetGenerator {
    /// Channels of all hidden layers.
    pub channels: usize,
    /// Whether there is self-attention among the largest hidden maps of up to 32 x 32 pixels: 14 x 14 for images of 28,
    /// 32 x 32 for those of 64 and 128.
    #[serde(skip_serializing_if = "is_false")]
    pub attention: bool,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

/// A block for each halving, one more, the sum over all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ResnetDiscriminator {
    /// Channels of all hidden layers.
    pub channels: usize,
    /// Whether there is self-attention among the largest hidden maps of up to 32 x 32 pixels: 14 x 14 for images of 28,
    /// 32 x 32 for those of 64 and 128.
    #[serde(skip_serializing_if = "is_false")]
    pub attention: bool,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for ResnetGenerator {
    fn default() -> Self {
        Self { channels: CHANNELS, attention: false, spectral_norm: false }
    }
}

impl Default for ResnetDiscriminator {
    fn default() -> Self {
        Self { channels: CHANNELS, attention: false, spectral_norm: false }
    }
}

impl GeneratorDesign for ResnetGenerator {
    fn layers(&self, inputs: usize, image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let ([colours, height, width], channels) = (image, self.channels);
        let doublings = halvings(image);
        let start = [channels, halved(height, doublings), halved(width, doublings)];
        let convolution = || make.convolution([channels, channels], 3, 1, 1);
        let block = || {
            let norm = || make.batch_norm(channels);
            let main = vec![norm(), RELU, DOUBLE, convolution(), norm(), RELU, convolution()];
            let skip = vec![DOUBLE, make.convolution([channels, channels], 1, 1, 0)];
            Layer::Residual(Residual::new(Chain::new(main), Chain::new(skip)))
        };
        let mut layers = vec![make.dense(inputs, start.iter().product()), view(start)];
        for left in (0..doublings).rev() {
            layers.push(block());
            layers.extend((self.attention && left == attended(image)).then(|| make.self_attention(channels)));
        }
        layers.extend([make.batch_norm(channels), RELU, make.convolution([channels, colours], 3, 1, 1), TANH]);
        layers.push(fit([height, width]));
        layers
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format) -> Option<String> {
        check(self.channels, self.attention, format.shape())
    }
}

impl DiscriminatorDesign for ResnetDiscriminator {
    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let ([colours, height, width], channels) = (image, self.channels);
        let halvings = halvings(image);
        let convolution = |from| make.convolution([from, channels], 3, 1, 1);
        let mut layers = vec![fit([height, width].map(|side| halved(side, halvings) << halvings))];
        for halving in 0..halvings {
            let from = if halving == 0 { colours } else { channels };
            // The image itself is not cut at 0, and its skip halves before the convolution, which is cheaper.
            let first = if halving == 0 { vec![] } else { vec![RELU] };
            let main = first.into_iter().chain([convolution(from), RELU, convolution(channels), HALF]).collect();
            let skip = make.convolution([from, channels], 1, 1, 0);
            let skip = if halving == 0 { vec![HALF, skip] } else { vec![skip, HALF] };
            layers.push(Layer::Residual(Residual::new(Chain::new(main), Chain::new(skip))));
            let attention = self.attention && halving + 1 == attended(image);
            layers.extend(attention.then(|| make.self_attention(channels)));
        }
        let main = vec![RELU, convolution(channels), RELU, convolution(channels)];
        layers.extend([Layer::Residual(Residual::new(Chain::new(main), Chain::new(vec![]))), RELU, SUM]);
        Body { layers, features: channels }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format) -> Option<String> {
        check(self.channels, self.attention, format.shape())
    }
}

/// How often an image is halved to the largest hidden maps of up to 32 x 32 pixels.
fn attended([_, height, width]: [usize; 3]) -> u32 {
    (1..).find(|halvings| halved(height.max(width), *halvings) <= 32).expect("halving comes to an end")
}

fn check(channels: usize, attention: bool, image: [usize; 3]) -> Option<String> {
    if attention && attended(image) > halvings(image) {
        return Some("`attention` finds no maps of up to 32 x 32 pixels in images that long".to_owned());
    }
    check_channels(channels, MOST_WIDTH, image)
}
