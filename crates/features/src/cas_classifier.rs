//! A classifier that learned from samples and their classes, and is asked for the classes of others: the classification
//! accuracy score (Ravuri and Vinyals 2019), with this project's small classifier in place of a ResNet-50.

use crate::classifier::Network;
use crate::teach::{BATCH, Course, Lesson, all_probabilities, likeliest, probabilities, taught, trained};
use crate::{network_input, weights};
use burn::tensor::Device;
use metrics::Features;
use samples::Format;

/// Passes over the samples.
const EPOCHS: usize = 20;
/// Batches of sounds at least, in more passes: recordings are few.
const BATCHES_OF_SOUNDS: usize = 100;

/// Knows what samples taught it. The same samples make the same one, bit for bit, in one numeric class.
#[derive(Clone, Debug)]
pub struct CasClassifier {
    network: Network,
    format: Format,
    device: Device,
}

impl CasClassifier {
    /// Learns from images or sounds in `[-1, 1]`, on a device without autodiff; `None` if their classes are not known, if they
    /// are too small for the network, or fewer than a batch of 64.
    pub fn of(samples: Features, format: Format, device: &Device) -> Option<Self> {
        let lesson = lesson(samples, format).filter(|_| samples.len() >= BATCH)?;
        let known = usize::from(*lesson.classes.iter().max()?) + 1;
        let network = trained(&lesson, known, epochs(format, samples.len()), device, |_, _| ());
        Some(Self { network, format, device: device.clone() })
    }

    /// Learns from all of these sets of images or sounds, each of which has an equal share of every batch; `None` if they are too small
    /// for the network, or a set is empty or has no classes. On the CPU.
    pub fn taught(sets: &[Features], format: Format, course: Course) -> Option<Self> {
        let lessons = sets.iter().map(|set| lesson(*set, format)).collect::<Option<Vec<_>>>()?;
        let known = usize::from(*lessons.iter().flat_map(|lesson| lesson.classes).max()?) + 1;
        let device = Device::flex();
        let network = taught(&lessons.iter().collect::<Vec<_>>(), known, course, &device, |_| ());
        Some(Self { network, format, device })
    }

    /// It as bytes.
    pub fn write(&self) -> Vec<u8> {
        weights::save(&self.network)
    }

    /// What [`write`](Self::write) made of one that knows so many classes of samples of this format; `None` if the bytes are not.
    pub fn read(bytes: &[u8], classes: usize, format: Format, device: &Device) -> Option<Self> {
        let network = weights::load(Network::new(network_input::shape(format)?, classes, device), bytes)?;
        Some(Self { network, format, device: device.clone() })
    }

    /// As [`of`](Self::of), on the CPU.
    pub fn on_cpu(samples: Features, format: Format) -> Option<Self> {
        Self::of(samples, format, &Device::flex())
    }

    /// Whether the network takes such samples.
    pub fn can_learn(format: Format) -> bool {
        network_input::shape(format).is_some()
    }

    /// How likely it takes each of these samples to be of a class, in `[0, 1]`; 0 for a class that it never saw.
    pub fn confidence(&self, samples: &[f32], class: usize) -> Vec<f32> {
        let (shape, shown) = self.shown(samples);
        probabilities(&self.network, &shown, shape, class, &self.device)
    }

    /// How likely it takes each of these samples to be of each class that it knows, `[count, classes]`.
    pub fn probabilities(&self, samples: &[f32]) -> Vec<f32> {
        let (shape, shown) = self.shown(samples);
        all_probabilities(&self.network, &shown, shape, &self.device)
    }

    /// What it takes each of these samples for.
    pub fn classify(&self, samples: Features) -> Vec<u16> {
        let (shape, shown) = self.shown(&samples.to_single());
        likeliest(&self.network, &shown, shape, &self.device)
    }

    fn shown(&self, samples: &[f32]) -> ([usize; 3], Vec<f32>) {
        let shape = network_input::shape(self.format).expect("it has learned from such samples");
        (shape, network_input::of(samples, self.format))
    }
}

/// What it is shown of samples whose classes are known, one at least.
fn lesson(set: Features, format: Format) -> Option<Lesson> {
    let classes = set.classes().filter(|classes| !classes.is_empty())?;
    Some(Lesson { images: network_input::of(&set.to_single(), format), shape: network_input::shape(format)?, classes })
}

fn epochs(format: Format, count: usize) -> usize {
    match format {
        Format::Audio { .. } => EPOCHS.max(BATCHES_OF_SOUNDS.div_ceil(count / BATCH)),
        _ => EPOCHS,
    }
}
