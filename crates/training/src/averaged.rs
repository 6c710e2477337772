//! The averaged networks of a run that make its samples, as a checkpoint has them.

use crate::checkpoint;
use crate::device::DeviceKind;
use crate::digest::sampler_digest;
use crate::fixed_input::in_turn;
use crate::{DeviceError, GenerateError, RunConfig};
use burn::tensor::Device;
use models::task::AnySampler;
use models::{Domain, GeneratorInput, Stream};
use record::RunFolder;

/// Samples that pass through the generator at once.
const BATCH: usize = 256;

/// Inputs whose styles' mean is truncated towards.
const MEAN_STYLE_INPUTS: usize = 4096;

/// Networks that make samples, and what they were trained for.
pub(crate) struct Averaged<'a> {
    /// Of the checkpoint.
    pub step: u64,
    pub sampler: Box<dyn AnySampler>,
    pub config: &'a RunConfig,
    pub domain: Domain,
    /// Without automatic differentiation.
    pub device: Device,
}

impl<'a> Averaged<'a> {
    /// Of the run's newest sound checkpoint, or of that of a step; `None` while there is none.
    pub(crate) fn open(
        config: &'a RunConfig,
        domain: Domain,
        folder: &RunFolder,
        device: DeviceKind,
        step: Option<u64>,
    ) -> Result<Option<Self>, DeviceError> {
        let device = device.open()?;
        let fresh = config.model.init(domain, config.seed, &device);
        let restored = checkpoint::restore_average(&*fresh, folder, step);
        Ok(restored.map(|(step, sampler)| Self { step, sampler, config, domain, device }))
    }

    /// Classes that samples can be asked of; 0 if there are none.
    pub(crate) fn classes(&self) -> usize {
        self.config.model.conditioning.classes(&self.domain)
    }

    /// `blake3:<hex>` of the weights; `None` if one of them is not finite.
    pub(crate) fn digest(&self) -> Option<String> {
        sampler_digest(&*self.sampler)
    }

    /// With styles at `share` of their way from the mean style, if it is given.
    ///
    /// # Errors
    /// The generator has no styles.
    pub(crate) fn truncated(self, share: Option<f64>) -> Result<Self, GenerateError> {
        let Some(share) = share else { return Ok(self) };
        let model = &self.config.model;
        let labels = in_turn(MEAN_STYLE_INPUTS, self.classes(), &self.device);
        let mut stream = Stream::new(0, "latent/mean style", 0);
        let latent = model.latent.draw_within(MEAN_STYLE_INPUTS, None, &mut stream, &self.device);
        let inputs = model.conditioning.input(latent, labels, &mut stream);
        let architecture = model.generator.name();
        let sampler = self.sampler.truncated(share, inputs).ok_or(GenerateError::NoStyles { architecture })?;
        Ok(Self { sampler, ..self })
    }

    /// The samples `[count, channels, height, width]` of an input, row-major.
    pub(crate) fn make(&self, input: &GeneratorInput) -> Vec<f32> {
        let [count, _] = input.latent.dims();
        let mut values = Vec::with_capacity(count * self.domain.output.values());
        for first in (0..count).step_by(BATCH) {
            let made = self.sampler.sample(input.rows(first, BATCH.min(count - first))).samples();
            values.extend(made.into_data().iter::<f32>());
        }
        values
    }
}
