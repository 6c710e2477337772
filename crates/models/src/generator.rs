//! Generator input to samples.

use crate::GeneratorInput;
use crate::architecture::GeneratorDesign;
use crate::initialization::Start;
use crate::layer::spectral::{FIRST_ITERATIONS, PowerIteration};
use crate::layer::{Chain, Layers};
use burn::module::Module;
use burn::tensor::Tensor;

/// A generator of any architecture.
#[derive(Module, Debug)]
pub struct Generator {
    network: Chain,
}

impl Generator {
    /// Of the design, from so many numbers to samples of this shape.
    pub(crate) fn new(design: &dyn GeneratorDesign, inputs: usize, sample: [usize; 3], start: Start) -> Self {
        let make =
            Layers { device: start.device, spectral_norm: design.spectral_norm(), equalized: design.is_equalized() };
        let network = Self { network: Chain::new(design.layers(inputs, sample, &make)) };
        let network = start.apply(network, design.initialization(), "generator");
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
        Self { network: self.network.follow(PowerIteration::Once) }
    }

    /// The same for weights that no update carries on, such as averages: to convergence.
    pub fn settle(self) -> Self {
        Self { network: self.network.follow(PowerIteration::Converged) }
    }
}
