//! Network pairs. Each file owns one generator and one discriminator: their settings, and the layers that they are.
//!
//! # Shapes
//! Generators map `[batch, numbers]` to images `[batch, channels, height, width]`, or to points in the plane
//! `[batch, 2, 1, 1]`; discriminators map such samples to
//! features, from which a logit is read. A pair makes images of any size: where a network halves and doubles, it works on
//! the next size that allows it and pads or cuts at the far borders.

pub mod autoencoder;
pub mod dcgan;
pub mod guide;
pub mod infogan;
pub mod maxout;
pub mod mlp;
pub mod norm;
pub mod resnet;
pub mod stacked;
pub mod stylegan2;

use crate::Initialization;
use crate::energy::Distance;
use crate::layer::{Layer, Layers};
use autoencoder::{AutoencoderDiscriminator, AutoencoderGenerator};
use dcgan::{DcganDiscriminator, DcganGenerator};
use guide::{GuideDiscriminator, GuideGenerator};
use infogan::{InfoganDiscriminator, InfoganGenerator};
use maxout::{MaxoutDiscriminator, MaxoutGenerator};
use mlp::{MlpDiscriminator, MlpGenerator};
use resnet::{ResnetDiscriminator, ResnetGenerator};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stacked::{StackedDiscriminator, StackedGenerator};
use stylegan2::{Stylegan2Discriminator, Stylegan2Generator};

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Value of `architecture`.
    pub name: &'static str,
    /// The pair in one line.
    pub about: &'static str,
    /// Settings of the generator and of the discriminator.
    pub settings: &'static str,
    /// Where it is described.
    pub paper: &'static str,
}

/// Numbers in a latent vector or in a layer, or channels; more is a slip of the hand that no memory holds.
pub(crate) const MOST_WIDTH: usize = 1 << 16;

/// Every architecture.
pub const ALL: [Entry; 9] = [
    guide::ENTRY,
    dcgan::ENTRY,
    resnet::ENTRY,
    infogan::ENTRY,
    stacked::ENTRY,
    stylegan2::ENTRY,
    mlp::ENTRY,
    autoencoder::ENTRY,
    maxout::ENTRY,
];

/// `run.model.generator`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "architecture", rename_all = "snake_case", deny_unknown_fields)]
pub enum GeneratorConfig {
    /// See [`guide`].
    Guide(GuideGenerator),
    /// See [`dcgan`].
    Dcgan(DcganGenerator),
    /// See [`resnet`].
    Resnet(ResnetGenerator),
    /// See [`infogan`].
    Infogan(InfoganGenerator),
    /// See [`stacked`].
    Stacked(StackedGenerator),
    /// See [`stylegan2`].
    Stylegan2(Stylegan2Generator),
    /// See [`mlp`].
    Mlp(MlpGenerator),
    /// See [`maxout`].
    Maxout(MaxoutGenerator),
    /// See [`autoencoder`].
    Autoencoder(AutoencoderGenerator),
}

/// `run.model.discriminator`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "architecture", rename_all = "snake_case", deny_unknown_fields)]
pub enum DiscriminatorConfig {
    /// See [`guide`].
    Guide(GuideDiscriminator),
    /// See [`dcgan`].
    Dcgan(DcganDiscriminator),
    /// See [`resnet`].
    Resnet(ResnetDiscriminator),
    /// See [`infogan`].
    Infogan(InfoganDiscriminator),
    /// See [`stacked`].
    Stacked(StackedDiscriminator),
    /// See [`stylegan2`].
    Stylegan2(Stylegan2Discriminator),
    /// See [`mlp`].
    Mlp(MlpDiscriminator),
    /// See [`maxout`].
    Maxout(MaxoutDiscriminator),
    /// See [`autoencoder`].
    Autoencoder(AutoencoderDiscriminator),
}

/// What an architecture knows of its generator.
pub(crate) trait GeneratorDesign {
    /// The layers from `inputs` numbers to an image.
    fn layers(&self, inputs: usize, image: [usize; 3], make: &Layers) -> Vec<Layer>;

    /// Numbers of noise that it takes after the `inputs`, normal with variance 1.
    fn noise(&self, _: [usize; 3]) -> usize {
        0
    }

    /// How its weights start.
    fn initialization(&self) -> Initialization {
        Initialization::GlorotUniform {}
    }

    /// Whether its weights are normalised by their largest singular values.
    fn spectral_norm(&self) -> bool {
        false
    }

    /// Whether its weights are equalised; see [`Layers`].
    fn is_equalized(&self) -> bool {
        false
    }

    /// Why it cannot make images of this shape.
    fn check(&self, _: Format) -> Option<String> {
        None
    }
}

/// What an architecture knows of its discriminator.
pub(crate) trait DiscriminatorDesign {
    /// The layers from an image to its features.
    fn body(&self, image: [usize; 3], make: &Layers) -> Body;

    /// The layers from the features back to an image, where the logit is minus the distance from it.
    fn decoder(&self, _: [usize; 3], _: &Layers) -> Option<(Vec<Layer>, Distance)> {
        None
    }

    /// How its weights start.
    fn initialization(&self) -> Initialization {
        Initialization::GlorotUniform {}
    }

    /// Whether its weights are equalised; see [`Layers`].
    fn is_equalized(&self) -> bool {
        false
    }

    /// Whether its weights are normalised by their largest singular values.
    fn spectral_norm(&self) -> bool;

    /// Why it cannot read images of this shape.
    fn check(&self, _: Format) -> Option<String> {
        None
    }

    /// Why the gradient of one image's logit at that image is not to be had, and what to set instead.
    fn check_input_gradient(&self) -> Option<String> {
        None
    }
}

/// A discriminator without the layers that read its features.
pub(crate) struct Body {
    pub layers: Vec<Layer>,
    /// Numbers that the last layer gives for each image.
    pub features: usize,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self::Guide(GuideGenerator::default())
    }
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        Self::Guide(GuideDiscriminator::default())
    }
}

impl GeneratorConfig {
    /// Why it cannot make samples of this shape.
    pub(crate) fn check(&self, format: Format) -> Option<String> {
        if format.is_points() && !matches!(self, Self::Mlp(_) | Self::Maxout(_)) {
            let why = "makes images, but the data set holds points in the plane";
            return Some(format!("{why}: set `model.generator: {{ architecture: mlp, output: linear }}`"));
        }
        self.design().check(format)
    }

    pub(crate) fn design(&self) -> &dyn GeneratorDesign {
        match self {
            Self::Guide(design) => design,
            Self::Dcgan(design) => design,
            Self::Resnet(design) => design,
            Self::Infogan(design) => design,
            Self::Stacked(design) => design,
            Self::Stylegan2(design) => design,
            Self::Mlp(design) => design,
            Self::Maxout(design) => design,
            Self::Autoencoder(design) => design,
        }
    }
}

impl DiscriminatorConfig {
    /// Why it cannot read samples of this shape.
    pub(crate) fn check(&self, format: Format) -> Option<String> {
        if format.is_points() && !matches!(self, Self::Mlp(_) | Self::Maxout(_)) {
            let why = "reads images, but the data set holds points in the plane";
            return Some(format!("{why}: set `model.discriminator: {{ architecture: mlp }}`"));
        }
        self.design().check(format)
    }

    pub(crate) fn design(&self) -> &dyn DiscriminatorDesign {
        match self {
            Self::Guide(design) => design,
            Self::Dcgan(design) => design,
            Self::Resnet(design) => design,
            Self::Infogan(design) => design,
            Self::Stacked(design) => design,
            Self::Stylegan2(design) => design,
            Self::Mlp(design) => design,
            Self::Maxout(design) => design,
            Self::Autoencoder(design) => design,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature.
fn is_false(value: &bool) -> bool {
    !*value
}

/// A side after it was halved so many times, rounded up each time.
fn halved(side: usize, times: u32) -> usize {
    side.div_ceil(1 << times)
}

/// How often an image is halved: twice at least, and as often as it takes to maps below 8 pixels.
fn halvings([_, height, width]: [usize; 3]) -> u32 {
    (2..).find(|halvings| halved(height.min(width), *halvings) < 8).expect("halving comes to an end")
}

/// Why a network of so many `channels`, of at most `most`, for images of this shape cannot be.
fn check_channels(channels: usize, most: usize, image: [usize; 3]) -> Option<String> {
    if !(1..=most).contains(&channels) {
        return Some(format!("`channels` must be within 1 and {most}"));
    }
    smallest(image, 4)
}

/// Why images of this shape are too small for a network that needs `side` pixels each way.
fn smallest([_, height, width]: [usize; 3], side: usize) -> Option<String> {
    (height.min(width) < side)
        .then(|| format!("makes images of at least {side} x {side} pixels; the data set's are {height} x {width}"))
}
