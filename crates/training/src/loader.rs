//! Where the turns of a run come from, as burn-train's data loaders: real images with codes for the networks, fixed codes
//! for the sample grids. Both follow from the run's streams alone, so a run resumes at any step.

use crate::ahead::Ahead;
use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use data::Dataset;
use models::{Domain, GeneratorInput, ModelConfig, Samples, Stream, Turn, one_hot};
use std::ops::Range;
use std::sync::Arc;

/// In each step the discriminator's turns, then the generator's. Each epoch has its own order of the images; a rest smaller
/// than a batch is left out.
#[derive(Clone)]
pub(crate) struct Turns {
    pub dataset: Arc<Dataset>,
    pub model: ModelConfig,
    pub seed: u64,
    pub batch_size: usize,
    /// Discriminator updates in a step.
    pub critic_steps: usize,
    /// To play, counted from the run's first.
    pub steps: Range<u64>,
    pub device: Device,
    /// Make a turn while the one before is played, where the pool has a thread for it.
    pub ahead: bool,
}

/// Makes one turn after the other.
struct Maker {
    turns: Turns,
    /// The next turn's step, and how many turns of it come before.
    next: (u64, usize),
    /// The epoch and its order.
    order: Option<(u64, Vec<usize>)>,
    /// What the discriminator saw last: the generator's images are compared with that, if at all.
    real: Option<Samples>,
}

impl Iterator for Maker {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        let Turns { critic_steps, steps, .. } = &self.turns;
        let (step, before) = self.next;
        if step >= steps.end {
            return None;
        }
        if before < *critic_steps {
            self.next = (step, before + 1);
            return Some(self.discriminator(step * *critic_steps as u64 + before as u64));
        }
        self.next = (step + 1, 0);
        let real = self.real.take()?;
        let code = self.turns.code("latent/generator", step, real.labels.clone());
        Some(Turn::Generator { real, code, update: step })
    }
}

impl Maker {
    fn discriminator(&mut self, update: u64) -> Turn {
        let Turns { dataset, seed, batch_size, device, .. } = &self.turns;
        let batches = (dataset.len() / batch_size) as u64;
        let (epoch, batch) = (update / batches, (update % batches) as usize);
        let (_, order) = match self.order.take() {
            Some(order) if order.0 == epoch => self.order.insert(order),
            _ => self.order.insert((epoch, Stream::new(*seed, "data/order", epoch).permutation(dataset.len()))),
        };
        let images = &order[batch * batch_size..(batch + 1) * batch_size];
        let mut pixels = Vec::with_capacity(batch_size * dataset.format().values());
        dataset.read_into(images, &mut pixels);
        let [channels, height, width] = dataset.format().shape();
        let real = Tensor::from_data(TensorData::new(pixels, [*batch_size, channels, height, width]), device);
        let labels = self.turns.labels(images);
        let real = Samples::from(real).with_labels(labels.clone());
        self.real = Some(real.clone());
        Turn::Discriminator { real, code: self.turns.code("latent/discriminator", update, labels), update }
    }
}

impl Turns {
    fn code(&self, purpose: &str, update: u64, labels: Option<Tensor<2>>) -> GeneratorInput {
        let mut stream = Stream::new(self.seed, purpose, update);
        self.model.generator_input(self.dataset.format().shape(), self.batch_size, labels, &mut stream, &self.device)
    }

    /// Classes of these images, one-hot, for networks that are told them.
    fn labels(&self, images: &[usize]) -> Option<Tensor<2>> {
        let known = self.dataset.labels().zip(self.dataset.classes());
        let (labels, classes) = known.filter(|_| self.model.conditioning.is_by_class())?;
        let labels: Vec<usize> = images.iter().map(|image| usize::from(labels[*image])).collect();
        Some(one_hot(&labels, classes, &self.device))
    }

    /// In all steps together.
    fn count(&self) -> usize {
        (self.steps.end - self.steps.start) as usize * (self.critic_steps + 1)
    }
}

struct TurnIterator {
    turns: Ahead<Maker>,
    taken: usize,
    all: usize,
}

impl Iterator for TurnIterator {
    type Item = Result<Turn, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let turn = self.turns.next()?;
        self.taken += 1;
        Some(Ok(turn))
    }
}

impl DataLoaderIterator<Turn> for TurnIterator {
    fn progress(&self) -> Progress {
        Progress::new(self.taken, self.all, Some("updates".to_owned()))
    }
}

impl DataLoader<Turn> for Turns {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Turn> + 'a> {
        let maker = Maker { turns: self.clone(), next: (self.steps.start, 0), order: None, real: None };
        Box::new(TurnIterator { turns: Ahead::new(maker, self.ahead), taken: 0, all: self.count() })
    }

    fn num_items(&self) -> usize {
        self.count() * self.batch_size
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Turn>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Turn>> {
        let of_a_step = (self.critic_steps + 1) * self.batch_size;
        let step = |item: usize| self.steps.start + (item / of_a_step) as u64;
        Arc::new(Self { steps: step(start)..step(end), ..self.clone() })
    }
}

/// What the sample grids are made from: one batch, the same for every run that has as many latent numbers. The class of
/// image i is i modulo the number of classes.
#[derive(Clone)]
pub(crate) struct FixedCodes {
    pub model: ModelConfig,
    pub domain: Domain,
    pub count: usize,
    pub device: Device,
}

impl FixedCodes {
    pub fn draw(&self) -> GeneratorInput {
        let labels = in_turn(self.count, self.model.conditioning.classes(&self.domain), &self.device);
        self.model.generator_input(
            self.domain.output.shape(),
            self.count,
            labels,
            &mut Stream::new(0, "latent/sample", 0),
            &self.device,
        )
    }
}

/// Classes in turn, one-hot `[count, classes]`; `None` where there are none.
pub(crate) fn in_turn(count: usize, classes: usize, device: &Device) -> Option<Tensor<2>> {
    let labels: Vec<usize> = (0..count).map(|image| image % classes.max(1)).collect();
    (classes > 0).then(|| one_hot(&labels, classes, device))
}

struct Once(Option<GeneratorInput>);

impl Iterator for Once {
    type Item = Result<GeneratorInput, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl DataLoaderIterator<GeneratorInput> for Once {
    fn progress(&self) -> Progress {
        Progress::new(usize::from(self.0.is_none()), 1, Some("batches".to_owned()))
    }
}

impl DataLoader<GeneratorInput> for FixedCodes {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<GeneratorInput> + 'a> {
        Box::new(Once(Some(self.draw())))
    }

    fn num_items(&self) -> usize {
        self.count
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<GeneratorInput>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<GeneratorInput>> {
        Arc::new(Self { count: end - start, ..self.clone() })
    }
}
