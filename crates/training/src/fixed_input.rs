//! What sample grids are made from.

use crate::RunConfig;
use burn::tensor::{Device, Tensor, TensorData};
use data::{DataError, Dataset, Set, Split};
use models::{Domain, GeneratorInput, ModelConfig, Stream, one_hot};
use samples::Format;
use std::sync::Arc;

/// One batch of generator input, the same for every run that has as many latent numbers. The class of sample i is i modulo
/// the number of classes.
#[derive(Clone)]
pub(crate) struct FixedInput {
    pub model: ModelConfig,
    pub domain: Domain,
    pub count: usize,
    pub device: Device,
    /// Holds the samples to translate, if the data have any.
    pub sources: Option<Arc<Dataset>>,
}

impl FixedInput {
    pub(crate) fn draw(&self) -> GeneratorInput {
        let labels = in_turn(self.count, self.model.conditioning.classes(&self.domain), &self.device);
        let mut stream = Stream::new(0, "latent/sample", 0);
        let shape = self.domain.output.shape();
        let sources = self.sources.as_ref().and_then(|dataset| sources(dataset, self.count, &self.device));
        self.model.generator_input(shape, self.count, labels, &mut stream, &self.device).with_source(sources)
    }
}

impl FixedInput {
    /// What the inputs should become, with their format, if the data set tells.
    pub(crate) fn targets(&self) -> Option<(Format, Vec<f32>)> {
        let dataset = self.sources.as_ref().filter(|dataset| dataset.is_paired())?;
        let mut values = Vec::new();
        dataset.read_into(&chosen(dataset.len(), self.count), &mut values);
        Some((dataset.format(), values))
    }
}

/// Classes in turn, one-hot `[count, classes]`; `None` where there are none.
pub(crate) fn in_turn(count: usize, classes: usize, device: &Device) -> Option<Tensor<2>> {
    let labels: Vec<usize> = (0..count).map(|image| image % classes.max(1)).collect();
    (classes > 0).then(|| one_hot(&labels, classes, device))
}

/// The data set whose input samples are translated for records and on request: what is held out, if anything is, else the
/// training split.
pub(crate) fn open_sources(
    config: &RunConfig,
    train: impl FnOnce() -> Result<Arc<Dataset>, DataError>,
) -> Result<Arc<Dataset>, DataError> {
    let test = config.data.open(Split::Test)?;
    if test.input().is_some_and(|input| !input.is_empty()) { Ok(Arc::new(test)) } else { train() }
}

/// The first input samples of a data set in a fixed random order, from the first again where there are fewer; `None` where
/// there are none.
pub(crate) fn sources(dataset: &Dataset, count: usize, device: &Device) -> Option<Tensor<4>> {
    let input = dataset.input()?;
    Some(read(input, &chosen(input.len(), count), device))
}

fn chosen(samples: usize, count: usize) -> Vec<usize> {
    metrics::permutation(samples, 0).into_iter().cycle().take(count).collect()
}

/// Samples of a set, `[indices, channels, height, width]`.
pub(crate) fn read(set: &Set, indices: &[usize], device: &Device) -> Tensor<4> {
    let mut values = Vec::with_capacity(indices.len() * set.format().values());
    set.read_into(indices, &mut values);
    let [channels, height, width] = set.format().shape();
    Tensor::from_data(TensorData::new(values, [indices.len(), channels, height, width]), device)
}
