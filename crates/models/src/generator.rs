//! Generator input to samples.

use crate::architecture::GeneratorDesign;
use crate::initialization::Start;
use crate::layer::spectral::{FIRST_ITERATIONS, PowerIteration};
use crate::layer::{Chain, Layers};
use crate::{Folded, GeneratorInput};
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
        let Self { network } = start.apply(network, design.initialization(), "generator");
        let network = Self { network: design.started(network) };
        (0..FIRST_ITERATIONS).fold(network, |network, _| network.before_update())
    }

    /// With weights as they act: normalised and scaled.
    pub(crate) fn folded(self) -> Folded<Self> {
        let layers = self.network.folded();
        Folded { networks: Self { network: layers.clone() }, layers }
    }

    /// Images `[batch, channels, height, width]`.
    pub fn forward(&self, code: impl Into<GeneratorInput>) -> Tensor<4> {
        let numbers = code.into().numbers();
        let [batch, count] = numbers.dims();
        self.network.forward(numbers.reshape([batch, count, 1, 1]))
    }

    /// The same generator with styles at `share` of their way from the mean style of these inputs, ψ of the truncation trick;
    /// `None` if it has no styles.
    pub fn truncated(self, share: f64, inputs: GeneratorInput) -> Option<Self> {
        let numbers = inputs.numbers();
        let [batch, count] = numbers.dims();
        let network = self.network.truncated(share, &numbers.reshape([batch, count, 1, 1]))?;
        Some(Self { network })
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
