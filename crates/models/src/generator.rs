//! Latent vectors to images.

use crate::layer::{Chain, Layers};
use crate::{GeneratorConfig, ImageShape};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// A generator of any architecture.
#[derive(Module, Debug)]
pub struct Generator {
    network: Chain,
}

impl Generator {
    /// With the initial weights of `seed`.
    pub(crate) fn new(config: &GeneratorConfig, latent: usize, image: ImageShape, seed: u64, device: &Device) -> Self {
        let make = Layers { device, spectral_norm: false };
        let network = Chain::new(config.design().layers(latent, image, &make));
        config.design().initialization().apply(Self { network }, seed, "generator")
    }

    /// `[batch, latent]` to `[batch, channels, height, width]`.
    pub fn forward(&self, latent: Tensor<2>) -> Tensor<4> {
        let [batch, numbers] = latent.dims();
        self.network.forward(latent.reshape([batch, numbers, 1, 1]))
    }
}
