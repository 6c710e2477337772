//! Samples of the averaged generator, measured. Draws from a stream of its own and changes nothing of the run.

use crate::RunConfig;
use crate::config::EvaluateConfig;
use crate::fixed_input::in_turn;
use burn::tensor::{Device, Tensor, TensorData};
use data::{DataError, Dataset, Split};
use evaluation::{Cache, FeatureContext, Inputs, Reference};
use features::{Extractor, InceptionError, Views};
use models::Stream;
use models::task::AnySampler;
use record::Evaluation;
use samples::Format;
use std::path::PathBuf;
use std::sync::Arc;

/// Images that pass through the generator at once.
const BATCH: usize = 256;

/// Evaluates one run.
pub(crate) struct Evaluator {
    settings: EvaluateConfig,
    run: RunConfig,
    dataset: Arc<Dataset>,
    extractor: &'static dyn Extractor,
    format: Format,
    device: Device,
    cache: Cache,
    /// Opened by the first evaluation.
    real: Vec<Reference>,
}

impl Evaluator {
    /// `dataset` is the training split, `device` has no autodiff, `cache` is a folder.
    ///
    /// # Errors
    /// The file of Inception's weights cannot be used.
    pub(crate) fn new(
        settings: EvaluateConfig,
        run: RunConfig,
        dataset: Arc<Dataset>,
        device: Device,
        cache: PathBuf,
    ) -> Result<Self, InceptionError> {
        let extractor = settings.extractor(run.data.name())?;
        let format = dataset.format();
        Ok(Self { settings, run, dataset, extractor, format, device, cache: Cache(cache), real: Vec::new() })
    }

    /// Whether the run is evaluated when `done` steps are done.
    pub(crate) fn is_due(&self, done: u64) -> bool {
        let every = self.settings.every;
        done == self.run.steps() || (every > 0 && done.is_multiple_of(every))
    }

    /// One evaluation for each split that the data set has.
    ///
    /// # Errors
    /// The test split cannot be read.
    pub(crate) fn evaluate(&mut self, sampler: &dyn AnySampler, step: u64) -> Result<Vec<Evaluation>, DataError> {
        if self.real.is_empty() {
            let open = || self.run.data.open(Split::Test).map(Arc::new);
            let test = self.dataset.held_out().cloned().map_or_else(open, Ok)?;
            let context = FeatureContext { extractor: self.extractor, device: &self.device, cache: &self.cache };
            self.real = Reference::open(&context, &self.dataset, &test, self.settings.count, &self.settings.metrics);
        }
        // Generated samples are the same for all splits, translations are of each split's own inputs.
        let generated = std::cell::LazyCell::new(|| self.samples(sampler, self.settings.count, None));
        let evaluate = |real: &Reference| match real.inputs() {
            Some(inputs) => real.evaluate(&self.samples(sampler, inputs.len(), Some(inputs)), self.extractor, step),
            None => real.evaluate(&generated, self.extractor, step),
        };
        Ok(self.real.iter().map(evaluate).collect())
    }

    fn samples(&self, sampler: &dyn AnySampler, count: usize, inputs: Option<&Inputs>) -> Views {
        let stream = &mut Stream::new(self.run.seed, "latent/evaluate", 0);
        let model = &self.run.model;
        let classes = model.conditioning.classes(&self.dataset.domain());
        let (shape, labels) = (self.format.shape(), in_turn(count, classes, &self.device));
        let input = model.generator_input(shape, count, labels, stream, &self.device);
        let source = inputs.map(|inputs| {
            let [channels, height, width] = inputs.format.shape();
            let values = TensorData::new(inputs.values.clone(), [count, channels, height, width]);
            Tensor::from_data(values, &self.device)
        });
        let input = input.with_source(source);
        let mut images = Vec::with_capacity(count * self.format.values());
        for first in (0..count).step_by(BATCH) {
            let made = sampler.sample(input.rows(first, BATCH.min(count - first))).samples();
            images.extend(made.into_data().iter::<f32>());
        }
        let views = Views::of_images(self.extractor, images, self.format, &self.device);
        let views = views.expect("the configuration was checked against the data");
        let turn = |image| (image % classes) as u16;
        let of_turn = model.conditioning.is_by_class().then(|| (0..count).map(turn).collect());
        let of_inputs = inputs.and_then(|inputs| inputs.classes.clone());
        views.with_classes(of_turn.or(of_inputs)).paired(inputs.is_some_and(|inputs| inputs.is_paired))
    }
}
