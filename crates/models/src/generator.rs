//! Generator input to samples.

use crate::GeneratorInput;
use crate::architecture::GeneratorDesign;
use crate::initialization::Start;
use crate::layer::spectral::{FIRST_ITERATIONS, PowerIteration};
use crate::layer::{Chain, Draws, Layer, Layers, LogSpectrogram};
use burn::module::Module;
use burn::tensor::Tensor;
use samples::Format;

/// A generator of any architecture.
#[derive(Module, Debug)]
pub struct Generator {
    network: Chain,
    /// What makes samples of what the network makes, if that is something else.
    spectrogram: Option<LogSpectrogram>,
}

impl Generator {
    /// Of the design, from an input of this shape to such samples; its initial weights follow from the name, too.
    pub(crate) fn new(
        design: &dyn GeneratorDesign,
        input: [usize; 3],
        sample: Format,
        name: &str,
        start: Start,
    ) -> Self {
        let (spectral_norm, equalized) = (design.spectral_norm(), design.is_equalized());
        let make = Layers { device: start.device, spectral_norm, equalized, frames: sample.frames() };
        let network = Self { network: Chain::new(design.layers(input, sample.shape(), &make)), spectrogram: None };
        let Self { network, spectrogram } = start.apply(network, design.initialization(), name);
        let network = Self { network: design.started(network), spectrogram };
        (0..FIRST_ITERATIONS).fold(network, |network, _| network.before_update())
    }

    /// The same of spectrograms, where networks see those of sounds.
    pub(crate) fn with_spectrogram(self, spectrogram: Option<LogSpectrogram>) -> Self {
        Self { spectrogram, ..self }
    }

    /// With the statistics of these samples, where spectrograms are normalised by them.
    pub(crate) fn fitted(self, real: &mut dyn Iterator<Item = Tensor<4>>) -> Self {
        Self { spectrogram: self.spectrogram.map(|spectrogram| spectrogram.fitted(real)), ..self }
    }

    /// With weights as they act: normalised and scaled. The layers are those from the input to samples.
    pub(crate) fn folded(self) -> Chain {
        let Chain { mut layers } = self.network.folded();
        layers.extend(self.spectrogram.map(Layer::LogSpectrogram));
        Chain::new(layers)
    }

    /// What networks see of samples `[batch, channels, height, width]` of the data.
    pub(crate) fn seen(&self, samples: Tensor<4>) -> Tensor<4> {
        match &self.spectrogram {
            Some(spectrogram) => spectrogram.of(samples),
            None => samples,
        }
    }

    /// Samples as the data's.
    pub fn samples(&self, code: impl Into<GeneratorInput>) -> Tensor<4> {
        let made = self.forward(code);
        match &self.spectrogram {
            Some(spectrogram) => spectrogram.sounds(made),
            None => made,
        }
    }

    /// Images `[batch, channels, height, width]`, or whatever the networks see of samples.
    pub fn forward(&self, code: impl Into<GeneratorInput>) -> Tensor<4> {
        let numbers = code.into().numbers();
        let [batch, count] = numbers.dims();
        self.network.forward(numbers.reshape([batch, count, 1, 1]))
    }

    /// What it makes of samples, `[batch, channels, height, width]` both.
    pub fn translate(&self, samples: Tensor<4>) -> Tensor<4> {
        self.network.forward(samples)
    }

    /// What it makes of samples on its way down, `[batch, channels, height, width]` each, the samples first.
    pub(crate) fn maps(&self, samples: Tensor<4>) -> Vec<Tensor<4>> {
        self.network.maps(samples)
    }

    /// For passes in which layers draw random numbers: these. Others draw none.
    pub fn drawing(self, draws: &Draws) -> Self {
        Self { network: self.network.drawing(draws), ..self }
    }

    /// The same generator with styles at `share` of their way from the mean style of these inputs, ψ of the truncation trick;
    /// `None` if it has no styles.
    pub fn truncated(self, share: f64, inputs: GeneratorInput) -> Option<Self> {
        let numbers = inputs.numbers();
        let [batch, count] = numbers.dims();
        let network = self.network.clone().truncated(share, &numbers.reshape([batch, count, 1, 1]))?;
        Some(Self { network, ..self })
    }

    /// Carries on what must follow the weights before each update: the singular vectors of spectral normalisation.
    pub fn before_update(self) -> Self {
        Self { network: self.network.follow(PowerIteration::Once), ..self }
    }

    /// The same for weights that no update carries on, such as averages: to convergence.
    pub fn settle(self) -> Self {
        Self { network: self.network.follow(PowerIteration::Converged), ..self }
    }
}
