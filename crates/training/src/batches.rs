//! The batches of a run: real samples with generator input for each update of each phase. They follow from the run's
//! streams alone, so a run resumes at any step.

use crate::prefetch::Prefetch;
use burn::tensor::{Device, Tensor, TensorData};
use data::Dataset;
use models::task::{Batch, Phase};
use models::{GeneratorInput, ModelConfig, Samples, Stream, one_hot};
use std::ops::Range;
use std::sync::Arc;

/// What the batches of a run follow from. Each epoch has its own order of the samples; a rest smaller than a batch is left
/// out.
#[derive(Clone)]
pub(crate) struct Batches {
    pub dataset: Arc<Dataset>,
    pub model: ModelConfig,
    /// Of a step, in their order.
    pub phases: Vec<Phase>,
    pub seed: u64,
    pub batch_size: usize,
    /// Batches of real samples in a step.
    pub critic_steps: usize,
    /// To train, counted from the run's first.
    pub steps: Range<u64>,
    pub device: Device,
    /// Make a batch while networks learn from the one before, where the pool has a thread for it.
    pub prefetch: bool,
}

impl IntoIterator for Batches {
    type Item = Batch;
    type IntoIter = Prefetch<Maker>;

    fn into_iter(self) -> Prefetch<Maker> {
        let (prefetch, next) = (self.prefetch, (self.steps.start, 0, 0));
        Prefetch::new(Maker { batches: self, next, order: None, real: None }, prefetch)
    }
}

impl Batches {
    fn input(&self, purpose: &str, update: u64, labels: Option<Tensor<2>>) -> GeneratorInput {
        let mut stream = Stream::new(self.seed, purpose, update);
        self.model.generator_input(self.dataset.format().shape(), self.batch_size, labels, &mut stream, &self.device)
    }

    /// Classes of these samples, one-hot, where networks are conditioned on them.
    fn labels(&self, samples: &[usize]) -> Option<Tensor<2>> {
        let known = self.dataset.labels().zip(self.dataset.classes());
        let (labels, classes) = known.filter(|_| self.model.conditioning.is_by_class())?;
        let labels: Vec<usize> = samples.iter().map(|sample| usize::from(labels[*sample])).collect();
        Some(one_hot(&labels, classes, &self.device))
    }
}

/// Makes one batch after the other.
pub(crate) struct Maker {
    batches: Batches,
    /// Step, phase and update in the phase of the next batch.
    next: (u64, usize, usize),
    /// The epoch and its order.
    order: Option<(u64, Vec<usize>)>,
    /// The real samples that were read last, and their number.
    real: Option<(u64, Samples)>,
}

impl Iterator for Maker {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let Batches { phases, critic_steps, steps, .. } = &self.batches;
        let (step, phase, update) = self.next;
        if step >= steps.end {
            return None;
        }
        let Phase { name, updates, .. } = phases[phase];
        self.next = match (update + 1 < updates, phase + 1 < phases.len()) {
            (true, _) => (step, phase, update + 1),
            (false, true) => (step, phase + 1, 0),
            (false, false) => (step + 1, 0, 0),
        };
        // A phase with fewer updates than there are real batches has the last ones.
        let number = step * *critic_steps as u64 + (critic_steps + update).saturating_sub(updates) as u64;
        let update = step * updates as u64 + update as u64;
        let real = self.real(number);
        let input = self.batches.input(&format!("latent/{name}"), update, real.labels.clone());
        Some(Batch { phase, update, real, input })
    }
}

impl Maker {
    /// Real samples number `number` of the run.
    fn real(&mut self, number: u64) -> Samples {
        if let Some((_, real)) = self.real.as_ref().filter(|(of, _)| *of == number) {
            return real.clone();
        }
        let Batches { dataset, seed, batch_size, device, .. } = &self.batches;
        let in_epoch = (dataset.len() / batch_size) as u64;
        let (epoch, batch) = (number / in_epoch, (number % in_epoch) as usize);
        let (_, order) = match self.order.take() {
            Some(order) if order.0 == epoch => self.order.insert(order),
            _ => self.order.insert((epoch, Stream::new(*seed, "data/order", epoch).permutation(dataset.len()))),
        };
        let samples = &order[batch * batch_size..(batch + 1) * batch_size];
        let mut values = Vec::with_capacity(batch_size * dataset.format().values());
        dataset.read_into(samples, &mut values);
        let [channels, height, width] = dataset.format().shape();
        let real = Tensor::from_data(TensorData::new(values, [*batch_size, channels, height, width]), device);
        let real = Samples::from(real).with_labels(self.batches.labels(samples));
        self.real = Some((number, real.clone()));
        real
    }
}
