//! PatchGAN (Isola et al. 2017, arXiv 1611.07004, section 3.2.2): convolutions that give each patch of an image a logit of its
//! own. Strided 4 x 4 convolutions, then two with stride 1.
//!
//! By default patches are about a quarter of the image's shorter side, as the paper's 70 of 256 pixels are, and no smaller than 16:
//! one halving up to 127 pixels, two up to 255, then the paper's three.

use super::norm::Norm;
use super::{Body, DiscriminatorDesign, Entry, MAX_WIDTH, along, check_channels, is_false};
use crate::Initialization;
use crate::layer::{LEAKY_RELU, Layer, Layers, Window};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "patchgan",
    about: "discriminator: 4x4 convolutions that give each patch of an image a logit",
    settings: "channels (64), halvings (by the image's size), norm (batch), spectral_norm (false)",
    paper: "Isola et al. 2017, arXiv 1611.07004",
};

/// The smallest maps have at most so many times the channels of the largest.
const WIDEST: usize = 8;
const MOST_HALVINGS: u32 = 5;

/// Convolutions to a logit of each patch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PatchganDiscriminator {
    /// Channels of the largest maps; each next smaller have twice as many, up to eight times these.
    pub channels: usize,
    /// How often the image is halved, 1 to 5: patches are 16, 34, 70, 142 or 286 pixels wide. By default about a quarter of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halvings: Option<u32>,
    /// Normalisation of all convolutions' outputs but the first's and the last's.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for PatchganDiscriminator {
    fn default() -> Self {
        Self { channels: 64, halvings: None, norm: Norm::Batch, spectral_norm: false }
    }
}

impl Settings for PatchganDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl PatchganDiscriminator {
    fn halvings(&self, [_, height, width]: [usize; 3]) -> u32 {
        let shorter = [height, width].into_iter().filter(|side| *side > 1).min().unwrap_or(1);
        self.halvings.unwrap_or_else(|| shorter.ilog2().saturating_sub(5).clamp(1, 3))
    }

    fn width(&self, convolutions: u32) -> usize {
        self.channels * WIDEST.min(1 << convolutions)
    }

    /// Height and width of the features and of the map of logits, if the image is large enough.
    fn sizes(&self, image: [usize; 3]) -> Option<[[usize; 2]; 2]> {
        let [_, height, width] = image;
        let halved = (0..self.halvings(image)).try_fold([height, width], |size, _| window(image, 2).small(size))?;
        let features = window(image, 1).small(halved)?;
        Some([features, window(image, 1).small(features)?])
    }
}

impl DiscriminatorDesign for PatchganDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let ([colours, ..], halvings) = (image, self.halvings(image));
        let mut layers = vec![make.convolution_through([colours, self.channels], window(image, 2), true), LEAKY_RELU];
        for convolution in 1..=halvings {
            let stride = if convolution < halvings { 2 } else { 1 };
            let (from, to) = (self.width(convolution - 1), self.width(convolution));
            layers.push(make.convolution_through([from, to], window(image, stride), self.norm == Norm::None));
            layers.extend(self.norm.layer(to, make));
            layers.push(LEAKY_RELU);
        }
        let [features, _] = self.sizes(image).expect("the check found patches");
        Body { layers, features: self.width(halvings) * features[0] * features[1] }
    }

    fn patches(&self, image: [usize; 3], make: &Layers) -> Option<(Vec<Layer>, usize)> {
        let [_, [rows, columns]] = self.sizes(image).expect("the check found patches");
        let last = make.convolution_through([self.width(self.halvings(image)), 1], window(image, 1), true);
        Some((vec![last], rows * columns))
    }

    fn has_patches(&self) -> bool {
        true
    }

    fn initialization(&self) -> Initialization {
        Initialization::Normal { deviation: 0.02 }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        let (image, range) = (format.shape(), format!("must be within 1 and {MOST_HALVINGS}"));
        let is_deep = self.halvings.is_none_or(|halvings| (1..=MOST_HALVINGS).contains(&halvings));
        check_channels(self.channels, MAX_WIDTH / WIDEST, image)
            .or_else(|| Problem::unless(is_deep, "halvings", range))
            .or_else(|| {
                let message = "leaves no patch of images as small as the data set's: they need fewer, or more pixels";
                Problem::unless(self.sizes(image).is_some(), "halvings", message)
            })
    }

    fn check_input_gradient(&self) -> Option<String> {
        self.norm.check_input_gradient()
    }
}

/// 4 pixels wide with one of padding.
fn window(image: [usize; 3], stride: usize) -> Window {
    let padding = along(image, 4).map(|kernel| usize::from(kernel > 1));
    Window::padded(along(image, 4), along(image, stride), padding)
}
