//! Network pairs. Each file owns one generator and one discriminator with their settings.
//!
//! # Shapes
//! Generators map `[batch, latent]` to images `[batch, channels, height, width]` in `[-1, 1]`; discriminators map such
//! images to logits `[batch]`.

pub mod dcgan;
pub mod guide;
pub mod mlp;
pub mod spectral;

use crate::{ImageShape, Initialization};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Slope of LeakyReLU below 0 in all networks here (Radford et al. 2016, section 3).
const LEAK: f64 = 0.2;

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
pub const ALL: [Entry; 3] = [guide::ENTRY, dcgan::ENTRY, mlp::ENTRY];

/// `run.model.generator`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "architecture", rename_all = "snake_case", deny_unknown_fields)]
pub enum GeneratorConfig {
    /// Dense, then three transposed convolutions; see [`guide`].
    Guide {},
    /// Dense, then two transposed convolutions with batch normalisation; see [`dcgan`].
    Dcgan {
        /// Channels of the last hidden layer; the one before has twice as many.
        #[serde(default = "dcgan::default_channels")]
        channels: usize,
    },
    /// Dense layers; see [`mlp`].
    Mlp {
        /// Widths of the hidden layers, latent side first.
        #[serde(default = "mlp::default_hidden")]
        hidden: Vec<usize>,
    },
}

/// `run.model.discriminator`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "architecture", rename_all = "snake_case", deny_unknown_fields)]
pub enum DiscriminatorConfig {
    /// Flatten, one dense layer of 4096; see [`guide`].
    Guide {
        /// Whether each weight is divided by its largest singular value; see [`spectral`].
        #[serde(default, skip_serializing_if = "is_false")]
        spectral_norm: bool,
    },
    /// Two strided convolutions with batch normalisation; see [`dcgan`].
    Dcgan {
        /// Channels of the first hidden layer; the next has twice as many.
        #[serde(default = "dcgan::default_channels")]
        channels: usize,
        /// Normalisation of the second convolution's output.
        #[serde(default, skip_serializing_if = "dcgan::Norm::is_batch")]
        norm: dcgan::Norm,
        /// Whether each weight is divided by its largest singular value; see [`spectral`].
        #[serde(default, skip_serializing_if = "is_false")]
        spectral_norm: bool,
    },
    /// Dense layers; see [`mlp`].
    Mlp {
        /// Widths of the hidden layers, image side first.
        #[serde(default = "mlp::default_hidden")]
        hidden: Vec<usize>,
        /// Whether each weight is divided by its largest singular value; see [`spectral`].
        #[serde(default, skip_serializing_if = "is_false")]
        spectral_norm: bool,
    },
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self::Guide {}
    }
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        Self::Guide { spectral_norm: false }
    }
}

impl GeneratorConfig {
    /// Builds the network with weights of 0: [`Initialization`] draws them.
    pub fn init(&self, latent: usize, image: ImageShape, device: &Device) -> Generator {
        match self {
            Self::Guide {} => Generator::Guide(guide::Generator::new(latent, image, device)),
            Self::Dcgan { channels } => Generator::Dcgan(dcgan::Generator::new(latent, *channels, image, device)),
            Self::Mlp { hidden } => Generator::Mlp(mlp::Generator::new(latent, hidden, image, device)),
        }
    }

    /// How its weights start.
    pub fn initialization(&self) -> Initialization {
        match self {
            Self::Dcgan { .. } => dcgan::INITIALIZATION,
            Self::Guide {} | Self::Mlp { .. } => Initialization::GlorotUniform,
        }
    }

    /// Why it cannot make images of this shape.
    pub fn check(&self, image: ImageShape) -> Option<String> {
        match self {
            Self::Guide {} => guide::check(image),
            Self::Dcgan { channels } => dcgan::check(*channels, image),
            Self::Mlp { hidden } => mlp::check(hidden),
        }
    }
}

impl DiscriminatorConfig {
    /// Builds the network with weights of 0: [`Initialization`] draws them.
    pub fn init(&self, image: ImageShape, device: &Device) -> Discriminator {
        match self {
            Self::Guide { spectral_norm } => {
                Discriminator::Guide(guide::Discriminator::new(*spectral_norm, image, device))
            }
            Self::Dcgan { channels, norm, spectral_norm } => {
                Discriminator::Dcgan(dcgan::Discriminator::new(*channels, *norm, *spectral_norm, image, device))
            }
            Self::Mlp { hidden, spectral_norm } => {
                Discriminator::Mlp(mlp::Discriminator::new(hidden, *spectral_norm, image, device))
            }
        }
    }

    /// How its weights start.
    pub fn initialization(&self) -> Initialization {
        match self {
            Self::Dcgan { .. } => dcgan::INITIALIZATION,
            Self::Guide { .. } | Self::Mlp { .. } => Initialization::GlorotUniform,
        }
    }

    /// Why it cannot read images of this shape.
    pub fn check(&self, image: ImageShape) -> Option<String> {
        match self {
            Self::Guide { .. } => None,
            Self::Dcgan { channels, .. } => dcgan::check(*channels, image),
            Self::Mlp { hidden, .. } => mlp::check(hidden),
        }
    }

    /// Whether its weights are normalised by their largest singular values.
    pub fn spectral_norm(&self) -> bool {
        match self {
            Self::Guide { spectral_norm } | Self::Dcgan { spectral_norm, .. } | Self::Mlp { spectral_norm, .. } => {
                *spectral_norm
            }
        }
    }

    /// Why the gradient of one image's logit at that image is not to be had, and what to set instead.
    pub fn check_input_gradient(&self) -> Option<String> {
        match self {
            Self::Dcgan { norm: dcgan::Norm::Batch, .. } => {
                let why = "batch normalisation makes a logit depend on the whole batch";
                Some(format!("{why}: set `model.discriminator.norm: none`"))
            }
            Self::Guide { .. } | Self::Dcgan { .. } | Self::Mlp { .. } => None,
        }
    }
}

/// Latent vectors to images.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A handle or two a run; the weights are elsewhere.
pub enum Generator {
    /// See [`guide`].
    Guide(guide::Generator),
    /// See [`dcgan`].
    Dcgan(dcgan::Generator),
    /// See [`mlp`].
    Mlp(mlp::Generator),
}

impl Generator {
    /// `[batch, latent]` to `[batch, channels, height, width]` in `[-1, 1]`.
    pub fn forward(&self, latent: Tensor<2>) -> Tensor<4> {
        match self {
            Self::Guide(network) => network.forward(latent),
            Self::Dcgan(network) => network.forward(latent),
            Self::Mlp(network) => network.forward(latent),
        }
    }
}

/// Images to logits.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // See `Generator`.
pub enum Discriminator {
    /// See [`guide`].
    Guide(guide::Discriminator),
    /// See [`dcgan`].
    Dcgan(dcgan::Discriminator),
    /// See [`mlp`].
    Mlp(mlp::Discriminator),
}

impl Discriminator {
    /// `[batch, channels, height, width]` to logits `[batch]`: large for what looks real.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<1> {
        let logits = match self {
            Self::Guide(network) => network.forward(image),
            Self::Dcgan(network) => network.forward(image),
            Self::Mlp(network) => network.forward(image),
        };
        logits.squeeze_dim(1)
    }

    /// Carries on what must follow the weights before each update: the singular vectors of spectral normalisation.
    pub fn before_update(self) -> Self {
        match self {
            Self::Guide(network) => Self::Guide(network.before_update()),
            Self::Dcgan(network) => Self::Dcgan(network.before_update()),
            Self::Mlp(network) => Self::Mlp(network.before_update()),
        }
    }

    /// The gradient of each image's logit at that image, `[batch, channels, height, width]`, exact and itself
    /// differentiable by the weights, which Burn's first-order autodiff cannot give: it is written out as operations on
    /// them. `image` is taken as a constant.
    ///
    /// # Panics
    /// The network has none; see [`DiscriminatorConfig::check_input_gradient`].
    pub fn input_gradient(&self, image: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Guide(network) => network.input_gradient(image),
            Self::Dcgan(network) => network.input_gradient(image),
            Self::Mlp(network) => network.input_gradient(image),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature.
fn is_false(value: &bool) -> bool {
    !*value
}

/// Slope of LeakyReLU at its arguments; 1 at 0, as in Burn's own backward pass.
fn slope<const D: usize>(before: &Tensor<D>) -> Tensor<D> {
    before.clone().greater_equal_elem(0.0).float() * (1.0 - LEAK) + LEAK
}

/// Why images of this shape cannot be made from maps of a quarter of their size.
fn check_quarters([_, height, width]: ImageShape) -> Option<String> {
    (height % 4 != 0 || width % 4 != 0 || height == 0 || width == 0)
        .then(|| format!("makes images whose sides are multiples of 4; the data set's are {height} x {width}"))
}
