//! A classifier that learned from samples and their classes, and is asked for the classes of others: the classification
//! accuracy score (Ravuri and Vinyals 2019), with this project's small classifier in place of a ResNet-50.

use crate::classifier::Network;
use crate::teach::{BATCH, Labelled, likeliest, probabilities, trained};
use burn::tensor::Device;
use metrics::Features;
use samples::Format;

/// Passes over the samples.
const EPOCHS: usize = 20;

/// Knows what samples taught it. The same samples make the same one, bit for bit, in one numeric class.
#[derive(Clone, Debug)]
pub struct CasClassifier {
    network: Network,
    format: Format,
    device: Device,
}

impl CasClassifier {
    /// Learns from images, `[count, channels, height, width]` in `[-1, 1]`, on a device without autodiff; `None` if their
    /// classes are not known, if they are too small for the network, or fewer than a batch of 64.
    pub fn of(images: Features, format: Format, device: &Device) -> Option<Self> {
        let classes = images.classes().filter(|_| Self::can_learn(format) && images.len() >= BATCH)?;
        let data = Labelled { pixels: images.to_single(), classes: classes.to_vec(), format };
        let known = usize::from(*classes.iter().max()?) + 1;
        let network = trained(&data, known, EPOCHS, device, |_, _| ());
        Some(Self { network, format, device: device.clone() })
    }

    /// As [`of`](Self::of), on the CPU.
    pub fn on_cpu(images: Features, format: Format) -> Option<Self> {
        Self::of(images, format, &Device::flex())
    }

    /// Whether the network takes such samples.
    pub fn can_learn(format: Format) -> bool {
        let [_, height, width] = format.shape();
        height.min(width) >= Network::LEAST_SIDE
    }

    /// How likely it takes each of these images to be of a class, in `[0, 1]`; 0 for a class that it never saw.
    pub fn confidence(&self, images: &[f32], class: usize) -> Vec<f32> {
        probabilities(&self.network, images, self.format.shape(), class, &self.device)
    }

    /// What it takes each of these images for.
    pub fn classify(&self, images: Features) -> Vec<u16> {
        likeliest(&self.network, &images.to_single(), self.format.shape(), &self.device)
    }
}
