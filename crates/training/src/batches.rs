//! The batches of a run: real samples with generator input for each update of each phase. They follow from the run's
//! streams alone, so a run resumes at any step.

use crate::fixed_input::read;
use crate::prefetch::Prefetch;
use crate::resident::Resident;
use burn::tensor::{Device, Tensor};
use data::{Dataset, Set};
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
    /// Keep the samples on the device, where they have room.
    pub resident: bool,
    /// Make a batch while networks learn from the one before, where the pool has a thread for it.
    pub prefetch: bool,
}

impl IntoIterator for Batches {
    type Item = Batch;
    type IntoIter = Prefetch<Maker>;

    fn into_iter(self) -> Prefetch<Maker> {
        let (prefetch, next) = (self.prefetch, (self.steps.start, 0, 0));
        let orders = [Order::new("data/order"), Order::new("data/order/input")];
        let on_device = |set: &Set| if self.resident { Resident::of(set, &self.device) } else { None };
        let (output, input) = (on_device(self.dataset.output()), self.dataset.input().and_then(on_device));
        Prefetch::new(Maker { output, input, batches: self, next, orders, drawn: None }, prefetch)
    }
}

impl Batches {
    fn input(&self, purpose: &str, update: u64, labels: Option<Tensor<2>>) -> GeneratorInput {
        let mut stream = Stream::new(self.seed, purpose, update);
        self.model.update_input(self.dataset.format().shape(), self.batch_size, labels, &mut stream, &self.device)
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
    /// The samples, and the input samples, where they lie on the device.
    output: Option<Resident>,
    input: Option<Resident>,
    /// Step, phase and update in the phase of the next batch.
    next: (u64, usize, usize),
    /// Of the samples, and of the input samples that belong to none of them.
    orders: [Order; 2],
    /// The samples that were drawn last, and their number.
    drawn: Option<(u64, Drawn)>,
}

/// Samples of the data for an update.
#[derive(Clone)]
struct Drawn {
    real: Samples,
    source: Option<Tensor<4>>,
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
        let is_last = update + 1 == updates;
        self.next = match (is_last, phase + 1 < phases.len()) {
            (false, _) => (step, phase, update + 1),
            (true, true) => (step, phase + 1, 0),
            (true, false) => (step + 1, 0, 0),
        };
        // A phase with fewer updates than the data are drawn from in a step has what was drawn last.
        let number = step * *critic_steps as u64 + (critic_steps + update).saturating_sub(updates) as u64;
        let update = step * updates as u64 + update as u64;
        let Drawn { real, source } = self.draw(number);
        let input = self.batches.input(&format!("latent/{name}"), update, real.labels.clone()).with_source(source);
        Some(Batch { phase, update, is_last, real, input })
    }
}

impl Maker {
    /// Samples number `number` of the run.
    fn draw(&mut self, number: u64) -> Drawn {
        if let Some((_, drawn)) = self.drawn.as_ref().filter(|(of, _)| *of == number) {
            return drawn.clone();
        }
        let Batches { dataset, seed, batch_size, device, .. } = &self.batches;
        let [order, order_of_input] = &mut self.orders;
        let indices = order.batch(*seed, dataset.len(), *batch_size, number);
        let read = |resident: &Option<Resident>, set, indices: &[usize]| match resident {
            Some(resident) => resident.read(indices, device),
            None => read(set, indices, device),
        };
        let source = dataset.input().map(|input| match dataset.is_paired() {
            true => read(&self.input, input, &indices),
            false => read(&self.input, input, &order_of_input.batch(*seed, input.len(), *batch_size, number)),
        });
        let real =
            Samples::from(read(&self.output, dataset.output(), &indices)).with_labels(self.batches.labels(&indices));
        let next = order.next_in_epoch(dataset.len(), *batch_size, number);
        next.into_iter().for_each(|next| dataset.output().prepare(&next));
        let drawn = Drawn { real, source };
        self.drawn = Some((number, drawn.clone()));
        drawn
    }
}

/// The order in which samples are drawn: another one in each epoch.
struct Order {
    /// Names its random streams.
    purpose: &'static str,
    /// The epoch and its order.
    current: Option<(u64, Vec<usize>)>,
}

impl Order {
    fn new(purpose: &'static str) -> Self {
        Self { purpose, current: None }
    }

    /// The samples of batch number `number` of the run; some of them again where there are fewer than a batch has.
    fn batch(&mut self, seed: u64, samples: usize, batch_size: usize, number: u64) -> Vec<usize> {
        let in_epoch = (samples / batch_size).max(1) as u64;
        let (epoch, batch) = (number / in_epoch, (number % in_epoch) as usize);
        let (_, order) = match self.current.take() {
            Some(order) if order.0 == epoch => self.current.insert(order),
            _ => self.current.insert((epoch, Stream::new(seed, self.purpose, epoch).permutation(samples))),
        };
        (batch * batch_size..(batch + 1) * batch_size).map(|at| order[at % samples]).collect()
    }

    /// The samples of the batch after that which was drawn last, if it is of the same epoch.
    fn next_in_epoch(&self, samples: usize, batch_size: usize, number: u64) -> Option<Vec<usize>> {
        let next = (number % (samples / batch_size).max(1) as u64) as usize + 1;
        let (_, order) = self.current.as_ref()?;
        order.get(next * batch_size..(next + 1) * batch_size).map(<[usize]>::to_vec)
    }
}
