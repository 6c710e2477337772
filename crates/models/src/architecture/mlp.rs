//! Dense layers only, for any image shape: the smallest GAN that learns digits (Goodfellow et al. 2014 used such nets).

use super::{Entry, LEAK, slope};
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

    pub(super) fn input_gradient(&self, image: Tensor<4>) -> Tensor<4> {
        let layers: Vec<&Linear> = self.layers.iter().collect();
        dense_input_gradient(&layers, image.clone().flatten::<2>(1, 3)).reshape(image.dims())
    }
}

/// Gradient `[batch, in]` of the one output of dense layers with LeakyReLU between, at `x` `[batch, in]`, as operations
/// on the weights. LeakyReLU's slopes are constants almost everywhere, so only the weights are on the tape.
pub(super) fn dense_input_gradient(layers: &[&Linear], x: Tensor<2>) -> Tensor<2> {
    let [batch, _] = x.dims();
    let (head, hidden) = layers.split_last().expect("a stack has at least one layer");
    let mut slopes = Vec::with_capacity(hidden.len());
    hidden.iter().fold(x.detach(), |x, layer| {
        let before = layer.forward(x).detach();
        slopes.push(slope(&before));
        leaky_relu(before, LEAK)
    });
    let weight = head.weight.val();
    let gradient = weight.clone().transpose().expand([batch, weight.dims()[0]]);
    hidden
        .iter()
        .zip(slopes)
        .rev()
        .fold(gradient, |gradient, (layer, slope)| (gradient * slope).matmul(layer.weight.val().transpose()))
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
