//! Generator input to samples.

use crate::layer::spectral::FIRST_ITERATIONS;
use crate::layer::{Chain, Layers};
use crate::{Domain, GeneratorInput, ModelConfig};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// A generator of any architecture.
#[derive(Module, Debug)]
pub struct Generator {
    network: Chain,
}

impl Generator {
    /// Of the model for such data, with the initial weights of `seed`.
    pub(crate) fn new(model: &ModelConfig, domain: &Domain, seed: u64, device: &Device) -> Self {
        let design = model.generator.design();
        let inputs = model.latent.dim + model.conditioning.classes(domain) + model.conditioning.factors();
        let make = Layers { device, spectral_norm: design.spectral_norm(), equalized: design.is_equalized() };
        let network = Self { network: Chain::new(design.layers(inputs, domain.output.shape(), &make)) };
        let distribution = model.initialization.unwrap_or_else(|| design.initialization());
        let network = distribution.apply(network, seed, "generator");
        (0..FIRST_ITERATIONS).fold(network, |network, _| network.before_update())
    }

    /// Images `[batch, channels, height, width]`.
    pub fn forward(&self, code: impl Into<GeneratorInput>) -> Tensor<4> {
        let numbers = code.into().numbers();
        let [batch, count] = numbers.dims();
        self.network.forward(numbers.reshape([batch, count, 1, 1]))
    }

    /// Carries on what must follow the weights before each update: the singular vectors of spectral normalisation.
    pub fn before_update(self) -> Self {
        Self { network: self.network.before_update() }
    }
}
