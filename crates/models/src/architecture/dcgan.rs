//! Deep convolutional GAN (Radford et al. 2016, arXiv 1511.06434) for small images: two strided convolutions each way,
//! batch normalisation everywhere but in the generator's last and the discriminator's first layer.

use super::spectral::{SpectralNorm, dense, effective};
use super::{Entry, LEAK, MOST_WIDTH, check_quarters, slope};
use crate::{ImageShape, Initialization};
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{leaky_relu, relu, tanh};
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "dcgan",
    about: "strided 4x4 convolutions with batch normalisation; ReLU up, LeakyReLU down",
    settings: "channels (64); discriminator: norm (batch), spectral_norm (false)",
    paper: "Radford et al. 2016, arXiv 1511.06434",
};

pub(super) const INITIALIZATION: Initialization = Initialization::Normal(0.02);

pub(super) fn default_channels() -> usize {
    64
}

/// Normalisation between the discriminator's convolutions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// By the statistics of the batch (Ioffe and Szegedy 2015, arXiv 1502.03167), as in the paper.
    #[default]
    Batch,
    /// None, as a penalty on the gradient needs it.
    None,
}

impl Norm {
    pub(super) fn is_batch(&self) -> bool {
        *self == Self::Batch
    }
}

/// Dense to a quarter of the image's size, then two transposed convolutions that double it.
#[derive(Module, Debug)]
pub struct Generator {
    dense: Linear,
    norm1: BatchNorm,
    up1: ConvTranspose2d,
    norm2: BatchNorm,
    up2: ConvTranspose2d,
    start: [usize; 3],
}

impl Generator {
    pub(super) fn new(latent: usize, channels: usize, image: ImageShape, device: &Device) -> Self {
        let start = [2 * channels, image[1] / 4, image[2] / 4];
        let double = |from, to| {
            let layer = ConvTranspose2dConfig::new([from, to], [4, 4]).with_stride([2, 2]).with_padding([1, 1]);
            layer.with_initializer(Initializer::Zeros).init(device)
        };
        Self {
            dense: LinearConfig::new(latent, start.iter().product()).with_initializer(Initializer::Zeros).init(device),
            norm1: BatchNormConfig::new(2 * channels).init(device),
            up1: double(2 * channels, channels),
            norm2: BatchNormConfig::new(channels).init(device),
            up2: double(channels, image[0]),
            start,
        }
    }

    pub(super) fn forward(&self, latent: Tensor<2>) -> Tensor<4> {
        let [batch, _] = latent.dims();
        let [channels, height, width] = self.start;
        let x = self.dense.forward(latent).reshape([batch, channels, height, width]);
        let x = relu(self.norm1.forward(x));
        let x = relu(self.norm2.forward(self.up1.forward(x)));
        tanh(self.up2.forward(x))
    }
}

/// Two convolutions that halve the image, then a dense layer to the logit.
#[derive(Module, Debug)]
pub struct Discriminator {
    down1: Conv2d,
    down2: Conv2d,
    norm2: Option<BatchNorm>,
    head: Linear,
    /// One for each convolution and the dense layer, or none at all.
    spectral: Vec<SpectralNorm>,
}

impl Discriminator {
    pub(super) fn new(channels: usize, norm: Norm, spectral_norm: bool, image: ImageShape, device: &Device) -> Self {
        let halve = |from, to| {
            let layer = Conv2dConfig::new([from, to], [4, 4]).with_stride([2, 2]);
            let layer = layer.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
            layer.with_initializer(Initializer::Zeros).init(device)
        };
        let features = 2 * channels * (image[1] / 4) * (image[2] / 4);
        let (down1, down2): (Conv2d, Conv2d) = (halve(image[0], channels), halve(channels, 2 * channels));
        let head: Linear = LinearConfig::new(features, 1).with_initializer(Initializer::Zeros).init(device);
        let spectral = || {
            let conv = |layer: &Conv2d| SpectralNorm::new(layer.weight.dims(), device);
            vec![conv(&down1), conv(&down2), SpectralNorm::new(head.weight.dims(), device)]
        };
        let spectral = if spectral_norm { spectral() } else { Vec::new() };
        let norm2 = norm.is_batch().then(|| BatchNormConfig::new(2 * channels).init(device));
        Self { down1, down2, norm2, head, spectral }
    }

    pub(super) fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let x = leaky_relu(halve(&self.down1, self.spectral.first(), image), LEAK);
        let x = halve(&self.down2, self.spectral.get(1), x);
        let x = match &self.norm2 {
            Some(norm) => norm.forward(x),
            None => x,
        };
        dense(&self.head, self.spectral.get(2), leaky_relu(x, LEAK).flatten::<2>(1, 3))
    }

    /// Each convolution's transpose takes the gradient back; LeakyReLU's slopes are constants almost everywhere.
    pub(super) fn input_gradient(&self, image: Tensor<4>) -> Tensor<4> {
        assert!(self.norm2.is_none(), "the configuration check refuses penalties on a batch-normalised network");
        let [norm1, norm2, norm3] = [0, 1, 2].map(|index| self.spectral.get(index));
        let before1 = halve(&self.down1, norm1, image.detach()).detach();
        let before2 = halve(&self.down2, norm2, leaky_relu(before1.clone(), LEAK)).detach();
        let [batch, channels, height, width] = before2.dims();
        let gradient = effective(&self.head.weight, norm3).reshape([1, channels, height, width]);
        let gradient = gradient.expand([batch, channels, height, width]) * slope(&before2);
        let back = |gradient, layer: &Conv2d, norm| {
            let options = ConvTransposeOptions::new([2, 2], [1, 1], [0, 0], [1, 1], 1);
            conv_transpose2d(gradient, effective(&layer.weight, norm), None, options)
        };
        back(back(gradient, &self.down2, norm2) * slope(&before1), &self.down1, norm1)
    }

    pub(super) fn before_update(mut self) -> Self {
        if !self.spectral.is_empty() {
            let norms = std::mem::take(&mut self.spectral);
            let weights = [self.down1.weight.val(), self.down2.weight.val()];
            let iterate = |(index, norm): (usize, SpectralNorm)| match weights.get(index) {
                Some(weight) => norm.iterate(weight.clone()),
                None => norm.iterate(self.head.weight.val()),
            };
            self.spectral = norms.into_iter().enumerate().map(iterate).collect();
        }
        self
    }
}

/// The convolution with its weight as it acts.
fn halve(layer: &Conv2d, norm: Option<&SpectralNorm>, x: Tensor<4>) -> Tensor<4> {
    match norm {
        None => layer.forward(x),
        Some(_) => {
            let options = ConvOptions::new([2, 2], [1, 1], [1, 1], 1);
            conv2d(x, effective(&layer.weight, norm), layer.bias.as_ref().map(Param::val), options)
        }
    }
}

pub(super) fn check(channels: usize, image: ImageShape) -> Option<String> {
    if !(1..=MOST_WIDTH).contains(&channels) {
        return Some(format!("`channels` must be within 1 and {MOST_WIDTH}"));
    }
    check_quarters(image)
}
