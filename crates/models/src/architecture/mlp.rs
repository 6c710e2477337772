//! Dense layers only, for any image shape: the smallest GAN that learns digits (Goodfellow et al. 2014 used such nets).

use super::spectral::{SpectralNorm, dense, effective};
use super::{Entry, LEAK, MOST_WIDTH, slope};
use crate::ImageShape;
use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{leaky_relu, tanh};
use burn::tensor::{Device, Tensor};

pub(super) const ENTRY: Entry = Entry {
    name: "mlp",
    about: "dense layers with LeakyReLU; tanh last in the generator",
    settings: "hidden ([256, 256]); discriminator: spectral_norm (false)",
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
        tanh(run(&self.layers, &[], latent)).reshape([batch, channels, height, width])
    }
}

/// Flatten, hidden layers, one dense layer to the logit.
#[derive(Module, Debug)]
pub struct Discriminator {
    layers: Vec<Linear>,
    /// One for each layer, or none at all.
    spectral: Vec<SpectralNorm>,
}

impl Discriminator {
    pub(super) fn new(hidden: &[usize], spectral_norm: bool, image: ImageShape, device: &Device) -> Self {
        let layers = stack(image.iter().product(), hidden, 1, device);
        let norm = |layer: &Linear| SpectralNorm::new(layer.weight.dims(), device);
        let spectral = if spectral_norm { layers.iter().map(norm).collect() } else { Vec::new() };
        Self { layers, spectral }
    }

    pub(super) fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        run(&self.layers, &self.spectral, image.flatten::<2>(1, 3))
    }

    pub(super) fn input_gradient(&self, image: Tensor<4>) -> Tensor<4> {
        let layers: Vec<&Linear> = self.layers.iter().collect();
        dense_input_gradient(&layers, &self.spectral, image.clone().flatten::<2>(1, 3)).reshape(image.dims())
    }

    pub(super) fn before_update(self) -> Self {
        let pairs = self.spectral.into_iter().zip(&self.layers);
        let spectral = pairs.map(|(norm, layer)| norm.iterate(layer.weight.val())).collect();
        Self { spectral, ..self }
    }
}

/// Gradient `[batch, in]` of the one output of dense layers with LeakyReLU between, at `x` `[batch, in]`, as operations
/// on the weights. LeakyReLU's slopes are constants almost everywhere, so only the weights are on the tape.
pub(super) fn dense_input_gradient(layers: &[&Linear], spectral: &[SpectralNorm], x: Tensor<2>) -> Tensor<2> {
    let [batch, _] = x.dims();
    let last = layers.len() - 1;
    let weight = |index: usize| effective(&layers[index].weight, spectral.get(index));
    let mut slopes = Vec::with_capacity(last);
    (0..last).fold(x.detach(), |x, index| {
        let before = dense(layers[index], spectral.get(index), x).detach();
        slopes.push(slope(&before));
        leaky_relu(before, LEAK)
    });
    let head = weight(last).transpose();
    let width = head.dims()[1];
    let back =
        |gradient: Tensor<2>, (index, slope): (usize, Tensor<2>)| (gradient * slope).matmul(weight(index).transpose());
    slopes.into_iter().enumerate().rev().fold(head.expand([batch, width]), back)
}

fn stack(from: usize, hidden: &[usize], to: usize, device: &Device) -> Vec<Linear> {
    let widths: Vec<usize> = [from].into_iter().chain(hidden.iter().copied()).chain([to]).collect();
    let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).with_initializer(Initializer::Zeros).init(device);
    widths.windows(2).map(layer).collect()
}

fn run(layers: &[Linear], spectral: &[SpectralNorm], x: Tensor<2>) -> Tensor<2> {
    layers.iter().enumerate().fold(x, |x, (index, layer)| {
        let x = dense(layer, spectral.get(index), x);
        if index + 1 < layers.len() { leaky_relu(x, LEAK) } else { x }
    })
}

pub(super) fn check(hidden: &[usize]) -> Option<String> {
    let wrong = hidden.iter().find(|width| !(1..=MOST_WIDTH).contains(width))?;
    Some(format!("`hidden` has a layer of width {wrong}, not within 1 and {MOST_WIDTH}"))
}
