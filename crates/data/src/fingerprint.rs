//! The identity of a data set's contents, made as they come.

use samples::Format;

use crate::Set;
use crate::dataset::Labels;

/// Format, values and labels as one digest.
pub(crate) struct Fingerprint(blake3::Hasher);

impl Fingerprint {
    /// Of so many samples; the sizes go first, so that no two data sets feed the same bytes to the hash.
    pub(crate) fn new(format: Format, samples: usize, is_labelled: bool) -> Fingerprint {
        let mut fingerprint = Fingerprint(blake3::Hasher::new());
        fingerprint.sizes(format, samples);
        fingerprint.0.update(&[u8::from(is_labelled)]);
        fingerprint
    }

    /// The next bytes of the samples.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// After all values. The classes' names change no number and are left out.
    pub(crate) fn labels(&mut self, labels: &Labels) {
        for label in &labels.of_samples {
            // A byte where it will do, as it stands in IDX files.
            match u8::try_from(*label) {
                Ok(label) if labels.names.len() <= 256 => self.0.update(&[label]),
                _ => self.0.update(&label.to_le_bytes()),
            };
        }
    }

    /// Samples that the others are to be generated from.
    pub(crate) fn input(&mut self, samples: &Set, is_paired: bool) {
        self.sizes(samples.format(), samples.len());
        self.0.update(&[u8::from(is_paired)]);
        samples.each_bytes(|bytes| self.bytes(bytes));
    }

    /// `blake3:<hex>`.
    pub(crate) fn finish(self) -> String {
        format!("blake3:{}", self.0.finalize().to_hex())
    }

    fn sizes(&mut self, format: Format, samples: usize) {
        let mut update = |size: usize| {
            self.0.update(&(size as u64).to_le_bytes());
        };
        format.shape().into_iter().chain([samples * format.values()]).for_each(&mut update);
        // Images and points differ in their axes, which the hash covers.
        match format {
            Format::Image(_) | Format::Points { .. } => {}
            Format::Audio { rate, .. } => [1, rate as usize].into_iter().for_each(update),
            Format::Video { frames, fps, .. } => [2, frames, fps as usize].into_iter().for_each(update),
        }
    }
}
