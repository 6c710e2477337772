//! A person's own samples, translated by a trained run.

use crate::RunConfig;
use crate::checkpoint;
use crate::device::{DeviceError, DeviceKind};
use crate::fixed_input::in_turn;
use burn::tensor::{Device, Tensor, TensorData};
use models::task::AnySampler;
use models::{Domain, Stream};
use record::RunFolder;
use samples::Format;

/// Samples that pass through the generator at once.
const BATCH: usize = 64;

/// The averaged generator of a run whose task translates.
pub struct Translator {
    sampler: Box<dyn AnySampler>,
    config: RunConfig,
    domain: Domain,
    input: Format,
    device: Device,
    step: u64,
}

/// Why nothing can be translated.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The task makes samples of latent vectors.
    #[error("`{task}` makes samples of latent vectors: there is nothing to translate")]
    NoInput {
        /// Its name.
        task: &'static str,
    },
}

impl Translator {
    /// Of the run's newest sound checkpoint, or of that of a step; `None` while there is none.
    ///
    /// # Errors
    /// The device is not there, or the task does not translate.
    pub fn open(
        config: RunConfig,
        domain: Domain,
        folder: &RunFolder,
        device: DeviceKind,
        step: Option<u64>,
    ) -> Result<Option<Self>, TranslateError> {
        let task = config.model.task.name();
        let input = domain.input.ok_or(TranslateError::NoInput { task })?;
        let device = device.open()?;
        let fresh = config.model.init(domain, config.seed, &device);
        let restored = checkpoint::restore_average(&*fresh, folder, step);
        Ok(restored.map(|(step, sampler)| Self { sampler, config, domain, input, device, step }))
    }

    /// Of the checkpoint.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Of what is translated.
    pub fn input(&self) -> Format {
        self.input
    }

    /// Of what is made of it.
    pub fn output(&self) -> Format {
        self.domain.output
    }

    /// Translates samples `[count, channels, height, width]`, in `[-1, 1]` if they are images. The same samples give the same.
    ///
    /// # Panics
    /// They are not whole samples.
    pub fn translate(&self, values: &[f32]) -> Vec<f32> {
        let size = self.input.values();
        assert!(values.len().is_multiple_of(size), "whole samples");
        let [channels, height, width] = self.input.shape();
        let mut made = Vec::new();
        for values in values.chunks(BATCH * size) {
            let count = values.len() / size;
            let source = TensorData::new(values.to_vec(), [count, channels, height, width]);
            let source = Tensor::from_data(source, &self.device);
            let model = &self.config.model;
            let labels = in_turn(count, model.conditioning.classes(&self.domain), &self.device);
            let mut stream = Stream::new(0, "latent/sample", 0);
            let shape = self.domain.output.shape();
            let input =
                model.generator_input(shape, count, labels, &mut stream, &self.device).with_source(Some(source));
            made.extend(self.sampler.sample(input).samples().into_data().iter::<f32>());
        }
        made
    }
}
