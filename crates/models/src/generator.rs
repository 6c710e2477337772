//! Codes to images.

use crate::layer::{Chain, Layers};
use crate::{Code, GeneratorConfig, ImageShape};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// A generator of any architecture.
#[derive(Module, Debug)]
pub struct Generator {
    network: Chain,
}

impl Generator {
    /// From codes of `inputs` numbers, with the initial weights of `seed`.
    pub(crate) fn new(config: &GeneratorConfig, inputs: usize, image: ImageShape, seed: u64, device: &Device) -> Self {
        let make = Layers { device, spectral_norm: false, equalized: config.design().is_equalized() };
        let network = Chain::new(config.design().layers(inputs, image, &make));
        config.design().initialization().apply(Self { network }, seed, "generator")
    }

    /// Images `[batch, channels, height, width]`.
    pub fn forward(&self, code: impl Into<Code>) -> Tensor<4> {
        let numbers = code.into().numbers();
        let [batch, count] = numbers.dims();
        self.network.forward(numbers.reshape([batch, count, 1, 1]))
    }
}
