//! Dense layers only, for any image shape: the smallest GAN that learns digits (Goodfellow et al. 2014 used such nets).

use super::{Entry, LEAK};
use crate::ImageShape;
use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{leaky_relu, tanh};
use burn::tensor::{Device, Tensor};

pub(super) const ENTRY: Entry = Entry {
    name: "mlp",
    about: "dense layers with LeakyReLU; tanh last in the generator",
    settings: "hidden ([256, 256])",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
};

pub(super) fn default_hidden() -> Vec<usize> {
    vec![256, 256]
}

/// Hidden layers, then one dense layer to the pixels.
#[derive(Module, Debug)]
pub struct Generator {
    layers: Vec<Linear>,
    image: [usize; 3],
}

impl Generator {
    pub(super) fn new(latent: usize, hidden: &[usize], image: ImageShape, device: &Device) -> Self {
        Self { layers: stack(latent, hidden, image.iter().product(), device), image }
    }

    pub(super) fn forward(&self, latent: Tensor<2>) -> Tensor<4> {
        let [batch, _] = latent.dims();
        let [channels, height, width] = self.image;
        tanh(run(&self.layers, latent)).reshape([batch, channels, height, width])
    }
}

/// Flatten, hidden layers, one dense layer to the logit.
#[derive(Module, Debug)]
pub struct Discriminator {
    layers: Vec<Linear>,
}

impl Discriminator {
    pub(super) fn new(hidden: &[usize], image: ImageShape, device: &Device) -> Self {
        Self { layers: stack(image.iter().product(), hidden, 1, device) }
    }

    pub(super) fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        run(&self.layers, image.flatten::<2>(1, 3))
    }
}

fn stack(from: usize, hidden: &[usize], to: usize, device: &Device) -> Vec<Linear> {
    let widths: Vec<usize> = [from].into_iter().chain(hidden.iter().copied()).chain([to]).collect();
    let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).with_initializer(Initializer::Zeros).init(device);
    widths.windows(2).map(layer).collect()
}

fn run(layers: &[Linear], x: Tensor<2>) -> Tensor<2> {
    layers.iter().enumerate().fold(x, |x, (index, layer)| {
        let x = layer.forward(x);
        if index + 1 < layers.len() { leaky_relu(x, LEAK) } else { x }
    })
}

pub(super) fn check(hidden: &[usize]) -> Option<String> {
    hidden.contains(&0).then(|| "`hidden` has a layer of width 0".to_owned())
}
