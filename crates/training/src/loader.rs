//! Where the turns of a run come from, as burn-train's data loaders: real images with codes for the discriminator,
//! fixed codes for the sample grids. Both follow from the run's streams alone, so a run resumes at any update.

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use data::Dataset;
use models::{Code, Domain, Examples, ModelConfig, Stream, Turn, one_hot};
use std::ops::Range;
use std::sync::Arc;

/// Discriminator turns. Each epoch has its own order of the images; a rest smaller than a batch is left out.
#[derive(Clone)]
pub(crate) struct Turns {
    pub dataset: Arc<Dataset>,
    pub model: ModelConfig,
    pub seed: u64,
    pub batch_size: usize,
    /// Discriminator updates to play, counted from the run's first.
    pub updates: Range<u64>,
    pub device: Device,
}

struct TurnIterator<'a> {
    turns: &'a Turns,
    next: u64,
    /// The epoch and its order.
    order: Option<(u64, Vec<usize>)>,
}

impl Iterator for TurnIterator<'_> {
    type Item = Result<Turn, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Turns { dataset, model, seed, batch_size, updates, device } = self.turns;
        if self.next >= updates.end {
            return None;
        }
        let batches = (dataset.len() / batch_size) as u64;
        let (epoch, batch) = (self.next / batches, (self.next % batches) as usize);
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            self.order = Some((epoch, Stream::new(*seed, "data/order", epoch).permutation(dataset.len())));
        }
        let (_, order) = self.order.as_ref()?;
        let mut pixels = Vec::with_capacity(batch_size * dataset.shape().values());
        let order = &order[batch * batch_size..(batch + 1) * batch_size];
        dataset.read_into(order, &mut pixels);
        let shape = dataset.shape();
        let shape = [*batch_size, shape.channels, shape.height, shape.width];
        let real = Tensor::from_data(TensorData::new(pixels, shape), device);
        let labels = self.turns.labels(order);
        let update = self.next;
        let mut stream = Stream::new(*seed, "latent/discriminator", update);
        self.next += 1;
        let image = [shape[1], shape[2], shape[3]];
        let code = model.code(image, *batch_size, labels.clone(), &mut stream, device);
        Some(Ok(Turn::Discriminator { real: Examples::from(real).with_labels(labels), code, update }))
    }
}

impl Turns {
    /// Classes of these images, one-hot, for networks that are told them.
    fn labels(&self, images: &[usize]) -> Option<Tensor<2>> {
        let known = self.dataset.labels().zip(self.dataset.classes());
        let (labels, classes) = known.filter(|_| self.model.conditioning.is_by_class())?;
        let labels: Vec<usize> = images.iter().map(|image| usize::from(labels[*image])).collect();
        Some(one_hot(&labels, classes, &self.device))
    }
}

impl DataLoaderIterator<Turn> for TurnIterator<'_> {
    fn progress(&self) -> Progress {
        let Range { start, end } = self.turns.updates;
        Progress::new((self.next - start) as usize, (end - start) as usize, Some("updates".to_owned()))
    }
}

impl DataLoader<Turn> for Turns {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Turn> + 'a> {
        Box::new(TurnIterator { turns: self, next: self.updates.start, order: None })
    }

    fn num_items(&self) -> usize {
        (self.updates.end - self.updates.start) as usize * self.batch_size
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Turn>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Turn>> {
        let update = |item: usize| self.updates.start + (item / self.batch_size) as u64;
        Arc::new(Self { updates: update(start)..update(end), ..self.clone() })
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
    pub fn draw(&self) -> Code {
        let labels = in_turn(self.count, self.model.conditioning.classes(&self.domain), &self.device);
        self.model.code(self.domain.image, self.count, labels, &mut Stream::new(0, "latent/sample", 0), &self.device)
    }
}

/// Classes in turn, one-hot `[count, classes]`; `None` where there are none.
pub(crate) fn in_turn(count: usize, classes: usize, device: &Device) -> Option<Tensor<2>> {
    let labels: Vec<usize> = (0..count).map(|image| image % classes.max(1)).collect();
    (classes > 0).then(|| one_hot(&labels, classes, device))
}

struct Once(Option<Code>);

impl Iterator for Once {
    type Item = Result<Code, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl DataLoaderIterator<Code> for Once {
    fn progress(&self) -> Progress {
        Progress::new(usize::from(self.0.is_none()), 1, Some("batches".to_owned()))
    }
}

impl DataLoader<Code> for FixedCodes {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Code> + 'a> {
        Box::new(Once(Some(self.draw())))
    }

    fn num_items(&self) -> usize {
        self.count
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Code>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Code>> {
        Arc::new(Self { count: end - start, ..self.clone() })
    }
}
