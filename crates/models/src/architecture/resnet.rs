//! Residual networks (Gulrajani et al. 2017, arXiv 1704.00028, appendix F; Miyato et al. 2018, arXiv 1802.05957,
//! appendix B.4): blocks of two 3 x 3 convolutions that double or halve the image, all of one width. With self-attention between
//! two blocks, those of SAGAN (Zhang et al. 2019, arXiv 1805.08318).

use super::{
    Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, along, check_channels, divisible, halved, halvings,
    is_false,
};
use crate::layer::{Layer, Layers, RELU, SUM, TANH, average, fit, repeat, residual, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
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

impl Settings for ResnetGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for ResnetGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let ([colours, height, width], channels) = (image, self.channels);
        let doublings = halvings(image);
        let start = [channels, halved(height, doublings), halved(width, doublings)];
        let kernel = along(image, 3);
        let convolution = || make.convolution([channels, channels], kernel, [1; 2]);
        let double = || repeat(along(image, 2));
        let block = || {
            let norm = || make.batch_norm(channels);
            let main = vec![norm(), RELU, double(), convolution(), norm(), RELU, convolution()];
            let skip = vec![double(), make.convolution([channels, channels], [1; 2], [1; 2])];
            residual(main, skip)
        };
        let mut layers = vec![make.dense(inputs, start.iter().product()), view(start)];
        for left in (0..doublings).rev() {
            layers.push(block());
            layers.extend((self.attention && left == attended(image)).then(|| make.self_attention(channels)));
        }
        layers.extend([make.batch_norm(channels), RELU, make.convolution([channels, colours], kernel, [1; 2]), TANH]);
        layers.push(fit([height, width]));
        layers
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(self.channels, self.attention, format.shape())
    }
}

impl Settings for ResnetDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for ResnetDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let ([colours, ..], channels) = (image, self.channels);
        let halvings = halvings(image);
        let convolution = |from| make.convolution([from, channels], along(image, 3), [1; 2]);
        let half = || average(along(image, 2));
        let mut layers = vec![fit(divisible(image, halvings))];
        for halving in 0..halvings {
            let from = if halving == 0 { colours } else { channels };
            // The image itself is not cut at 0, and its skip halves before the convolution, which is cheaper.
            let first = if halving == 0 { vec![] } else { vec![RELU] };
            let main = first.into_iter().chain([convolution(from), RELU, convolution(channels), half()]).collect();
            let skip = make.convolution([from, channels], [1; 2], [1; 2]);
            let skip = if halving == 0 { vec![half(), skip] } else { vec![skip, half()] };
            layers.push(residual(main, skip));
            let attention = self.attention && halving + 1 == attended(image);
            layers.extend(attention.then(|| make.self_attention(channels)));
        }
        let main = vec![RELU, convolution(channels), RELU, convolution(channels)];
        layers.extend([residual(main, vec![]), RELU, SUM]);
        Body { layers, features: channels }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        check(self.channels, self.attention, format.shape())
    }
}

/// How often an image is halved to the largest hidden maps of up to 32 x 32 pixels.
fn attended([_, height, width]: [usize; 3]) -> u32 {
    (1..).find(|halvings| halved(height.max(width), *halvings) <= 32).expect("halving comes to an end")
}

fn check(channels: usize, attention: bool, image: [usize; 3]) -> Option<Problem> {
    if attention && attended(image) > halvings(image) {
        return Some(Problem::at("attention", "finds no maps of up to 32 x 32 pixels in images that long"));
    }
    check_channels(channels, MAX_WIDTH, image)
}
