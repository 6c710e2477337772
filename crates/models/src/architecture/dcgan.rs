//! Deep convolutional GAN (Radford et al. 2016, arXiv 1511.06434) for small images: two strided convolutions each way,
//! batch normalisation everywhere but in the generator's last and the discriminator's first layer.

use super::{Entry, LEAK, check_quarters};
use crate::{ImageShape, Initialization};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{leaky_relu, relu, tanh};
use burn::tensor::{Device, Tensor};

pub(super) const ENTRY: Entry = Entry {
    name: "dcgan",
    about: "strided 4x4 convolutions with batch normalisation; ReLU up, LeakyReLU down",
    settings: "channels (64)",
    paper: "Radford et al. 2016, arXiv 1511.06434",
};

pub(super) const INITIALIZATION: Initialization = Initialization::Normal(0.02);

pub(super) fn default_channels() -> usize {
    64
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
    norm2: BatchNorm,
    head: Linear,
}

impl Discriminator {
    pub(super) fn new(channels: usize, image: ImageShape, device: &Device) -> Self {
        let halve = |from, to| {
            let layer = Conv2dConfig::new([from, to], [4, 4]).with_stride([2, 2]);
            let layer = layer.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
            layer.with_initializer(Initializer::Zeros).init(device)
        };
        let features = 2 * channels * (image[1] / 4) * (image[2] / 4);
        Self {
            down1: halve(image[0], channels),
            down2: halve(channels, 2 * channels),
            norm2: BatchNormConfig::new(2 * channels).init(device),
            head: LinearConfig::new(features, 1).with_initializer(Initializer::Zeros).init(device),
        }
    }

    pub(super) fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let x = leaky_relu(self.down1.forward(image), LEAK);
        let x = leaky_relu(self.norm2.forward(self.down2.forward(x)), LEAK);
        self.head.forward(x.flatten::<2>(1, 3))
    }
}

pub(super) fn check(channels: usize, image: ImageShape) -> Option<String> {
    if channels == 0 {
        return Some("`channels` must be at least 1".to_owned());
    }
    check_quarters(image)
}
