//! Images to logits.

use crate::architecture::Body;
use crate::layer::spectral::FIRST_ITERATIONS;
use crate::layer::{Chain, Dense, Layers};
use crate::packing::packed_shape;
use crate::{ImageShape, ModelConfig};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// A discriminator of any architecture.
#[derive(Module, Debug)]
pub struct Discriminator {
    /// Images to features.
    body: Chain,
    /// Features to the logit.
    head: Dense,
}

impl Discriminator {
    /// Of the model for images of that shape, with the initial weights of `seed`.
    pub fn new(model: &ModelConfig, image: ImageShape, seed: u64, device: &Device) -> Self {
        let design = model.discriminator.design();
        let make = Layers { device, spectral_norm: design.spectral_norm() };
        let Body { mut layers, features } = design.body(packed_shape(image, model.packing), &make);
        let (minibatch, features) = model.minibatch.layers(features, &make);
        layers.extend(minibatch);
        let network = Self { body: Chain::new(layers), head: Dense::new(features, 1, &make) };
        let network = design.initialization().apply(network, seed, "discriminator");
        (0..FIRST_ITERATIONS).fold(network, |network, _| network.before_update())
    }

    /// Packs `[batch, channels, height, width]` to logits `[batch]`: large for what looks real.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<1> {
        flat(self.head.forward(self.body.forward(image)))
    }

    /// The gradient of the sum of all logits at each image, `[batch, channels, height, width]`, exact and itself
    /// differentiable by the weights, which Burn's first-order autodiff cannot give: it is written out as operations on
    /// them. `image` is taken as a constant.
    ///
    /// # Panics
    /// The network has none; the check of the configuration tells which.
    pub fn input_gradient(&self, image: Tensor<4>) -> Tensor<4> {
        let [batch, ..] = image.dims();
        let (features, traces) = self.body.trace(image.detach());
        let ones = Tensor::ones([batch, 1, 1, 1], &features.device());
        self.body.pullback(traces, self.head.pullback(features.dims(), ones))
    }

    /// Carries on what must follow the weights before each update: the singular vectors of spectral normalisation.
    pub fn before_update(self) -> Self {
        Self { body: self.body.before_update(), head: self.head.before_update() }
    }
}

fn flat(column: Tensor<4>) -> Tensor<1> {
    let [batch, ..] = column.dims();
    column.reshape([batch])
}
