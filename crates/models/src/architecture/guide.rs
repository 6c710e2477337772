//! The pair of the beginner's guide to GANs in Keras, as it was meant: a convolutional generator against one wide
//! dense layer.

use super::mlp::dense_input_gradient;
use super::spectral::{SpectralNorm, dense};
use super::{Entry, LEAK, check_quarters};
use crate::ImageShape;
use burn::module::Module;
use burn::nn::conv::{ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{leaky_relu, tanh};
use burn::tensor::{Device, Tensor};

pub(super) const ENTRY: Entry = Entry {
    name: "guide",
    about: "dense 7x7x256, three transposed convolutions, tanh; flatten, dense 4096, dense 1",
    settings: "discriminator: spectral_norm (false)",
    paper: "Keras beginner's guide to GANs; after Radford et al. 2016, arXiv 1511.06434",
};

/// Dense to a quarter of the image's size and 256 channels, then transposed 5 x 5 convolutions to 128 (stride 1),
/// 64 (stride 2) and the image's channels (stride 2). LeakyReLU between, tanh last.
#[derive(Module, Debug)]
pub struct Generator {
    dense: Linear,
    up1: ConvTranspose2d,
    up2: ConvTranspose2d,
    up3: ConvTranspose2d,
    start: [usize; 2],
}

impl Generator {
    pub(super) fn new(latent: usize, [channels, height, width]: ImageShape, device: &Device) -> Self {
        let start = [height / 4, width / 4];
        let up = |from, to| {
            let layer = ConvTranspose2dConfig::new([from, to], [5, 5]).with_padding([2, 2]);
            layer.with_initializer(Initializer::Zeros)
        };
        let double = |layer: ConvTranspose2dConfig| layer.with_stride([2, 2]).with_padding_out([1, 1]).init(device);
        Self {
            dense: LinearConfig::new(latent, start[0] * start[1] * 256)
                .with_initializer(Initializer::Zeros)
                .init(device),
            up1: up(256, 128).init(device),
            up2: double(up(128, 64)),
            up3: double(up(64, channels)),
            start,
        }
    }

    pub(super) fn forward(&self, latent: Tensor<2>) -> Tensor<4> {
        let [batch, _] = latent.dims();
        let [height, width] = self.start;
        let x = leaky_relu(self.dense.forward(latent).reshape([batch, 256, height, width]), LEAK);
        let x = leaky_relu(self.up1.forward(x), LEAK);
        let x = leaky_relu(self.up2.forward(x), LEAK);
        tanh(self.up3.forward(x))
    }
}

/// Flatten, dense 4096, LeakyReLU, dense 1.
#[derive(Module, Debug)]
pub struct Discriminator {
    dense: Linear,
    head: Linear,
    /// One for each layer, or none at all.
    spectral: Vec<SpectralNorm>,
}

impl Discriminator {
    pub(super) fn new(spectral_norm: bool, [channels, height, width]: ImageShape, device: &Device) -> Self {
        let layer = |from, to| LinearConfig::new(from, to).with_initializer(Initializer::Zeros).init(device);
        let (dense, head): (Linear, Linear) = (layer(channels * height * width, 4096), layer(4096, 1));
        let norm = |layer: &Linear| SpectralNorm::new(layer.weight.dims(), device);
        let spectral = if spectral_norm { vec![norm(&dense), norm(&head)] } else { Vec::new() };
        Self { dense, head, spectral }
    }

    pub(super) fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let x = dense(&self.dense, self.spectral.first(), image.flatten::<2>(1, 3));
        dense(&self.head, self.spectral.get(1), leaky_relu(x, LEAK))
    }

    pub(super) fn input_gradient(&self, image: Tensor<4>) -> Tensor<4> {
        let layers = [&self.dense, &self.head];
        dense_input_gradient(&layers, &self.spectral, image.clone().flatten::<2>(1, 3)).reshape(image.dims())
    }

    pub(super) fn before_update(self) -> Self {
        let weights = [&self.dense.weight, &self.head.weight];
        let spectral =
            self.spectral.into_iter().zip(weights).map(|(norm, weight)| norm.iterate(weight.val())).collect();
        Self { spectral, ..self }
    }
}

pub(super) fn check(image: ImageShape) -> Option<String> {
    check_quarters(image)
}
