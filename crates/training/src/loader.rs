//! Where the turns of a run come from, as burn-train's data loaders: real images with latents for the discriminator,
//! fixed latents for the sample grids. Both follow from the run's streams alone, so a run resumes at any update.

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use data::Dataset;
use models::{LatentConfig, Stream, Turn};
use std::ops::Range;
use std::sync::Arc;

/// Discriminator turns. Each epoch has its own order of the images; a rest smaller than a batch is left out.
#[derive(Clone)]
pub(crate) struct Turns {
    pub dataset: Arc<Dataset>,
    pub latent: LatentConfig,
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
        let Turns { dataset, latent, seed, batch_size, updates, device } = self.turns;
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
        dataset.read_into(&order[batch * batch_size..(batch + 1) * batch_size], &mut pixels);
        let shape = dataset.shape();
        let shape = [*batch_size, shape.channels, shape.height, shape.width];
        let real = Tensor::from_data(TensorData::new(pixels, shape), device);
        let update = self.next;
        let mut stream = Stream::new(*seed, "latent/discriminator", update);
        self.next += 1;
        Some(Ok(Turn::Discriminator { real, latent: latent.draw(*batch_size, &mut stream, device), update }))
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

/// The latents of the sample grids: one batch, the same for every run that has as many latent numbers.
#[derive(Clone)]
pub(crate) struct FixedLatents {
    pub latent: LatentConfig,
    pub count: usize,
    pub device: Device,
}

impl FixedLatents {
    fn draw(&self) -> Tensor<2> {
        self.latent.draw(self.count, &mut Stream::new(0, "latent/sample", 0), &self.device)
    }
}

struct Once(Option<Tensor<2>>);

impl Iterator for Once {
    type Item = Result<Tensor<2>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl DataLoaderIterator<Tensor<2>> for Once {
    fn progress(&self) -> Progress {
        Progress::new(usize::from(self.0.is_none()), 1, Some("batches".to_owned()))
    }
}

impl DataLoader<Tensor<2>> for FixedLatents {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Tensor<2>> + 'a> {
        Box::new(Once(Some(self.draw())))
    }

    fn num_items(&self) -> usize {
        self.count
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Tensor<2>>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Tensor<2>>> {
        Arc::new(Self { count: end - start, ..self.clone() })
    }
}
