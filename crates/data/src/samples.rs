//! Samples to be measured: numbers in memory, whatever file they are from. Knows nothing of files and formats.

use crate::{DataError, Dataset, Labels, PassedOver, PixelRange};
use samples::Format;
use std::path::Path;

/// Samples of one size: images, or features that are given as such.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    values: Vec<f32>,
    width: usize,
    format: Option<Format>,
    labels: Option<Labels>,
    passed_over: PassedOver,
    range: Option<PixelRange>,
}

impl Samples {
    /// `values` are whole samples, in order. Pixels of images are in `[-1, 1]`, `[channel][row][column]`.
    pub(crate) fn new(values: Vec<f32>, width: usize, format: Option<Format>) -> Samples {
        debug_assert!(width > 0 && values.len().is_multiple_of(width));
        Samples { values, width, format, labels: None, passed_over: PassedOver::default(), range: None }
    }

    /// The same samples of these classes, one for each.
    pub(crate) fn with_labels(self, labels: Option<Labels>) -> Samples {
        debug_assert!(labels.iter().all(|labels| labels.of_samples.len() == self.len()));
        Samples { labels, ..self }
    }

    /// The same, made of files among which these were no samples.
    pub(crate) fn with_passed_over(self, passed_over: PassedOver) -> Samples {
        Samples { passed_over, ..self }
    }

    /// The same, whose pixels were floats of this range.
    pub(crate) fn with_range(self, range: PixelRange) -> Samples {
        Samples { range: Some(range), ..self }
    }

    /// The images of a data set; its points are features, two each.
    pub fn of(dataset: &Dataset) -> Samples {
        let mut values = Vec::new();
        dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
        let format = dataset.format();
        let labels = dataset.labels().zip(dataset.class_names());
        let labels =
            labels.map(|(of_samples, names)| Labels { of_samples: of_samples.to_vec(), names: names.to_vec() });
        Samples::new(values, format.values(), (!format.is_points()).then_some(format))
            .with_labels(labels)
            .with_passed_over(dataset.passed_over().clone())
    }

    /// The same samples with other numbers, as many of them in this format.
    pub(crate) fn with_values(self, values: Vec<f32>, format: Format) -> Samples {
        debug_assert!(values.len() == self.len() * format.values());
        Samples { values, width: format.values(), format: Some(format), ..self }
    }

    /// Whether [`read_sounds`](Self::read_sounds) reads a folder: it holds sounds, and no images.
    pub fn are_sounds(path: &Path) -> bool {
        path.is_dir() && crate::sound::folder::is_of_sounds(path)
    }

    /// Reads a folder of sounds, as training lists it, in the format of others that they are compared with: longer ones are
    /// cut, shorter ones end in silence. Without others they are as long as the longest, at the rate of the first.
    ///
    /// # Errors
    /// A file is unreadable or malformed. `Ok` holds at least one sample.
    pub fn read_sounds(path: &Path, like: Option<Format>) -> Result<Samples, DataError> {
        crate::sound::folder::read(path, like)
    }

    /// Reads a folder of images, as training lists it, or a `.npy` array, whose pixels have the stated range if they are
    /// floats; the one that they show, if none is stated. Where one image of a folder has colour, all have.
    ///
    /// # Errors
    /// A file is unreadable or malformed, images differ in size, or pixels have no range that can be meant. `Ok` holds at
    /// least one sample.
    pub fn read(path: &Path, range: Option<PixelRange>) -> Result<Samples, DataError> {
        if path.is_dir() { crate::pictures::read(path, None) } else { crate::file::npy::read(path, range) }
    }

    /// As [`read`](Self::read), with images of any size as squares of this side, made as by [`resized`](Self::resized).
    ///
    /// # Errors
    /// The same, but for sizes.
    pub fn read_squares(path: &Path, range: Option<PixelRange>, side: u32) -> Result<Samples, DataError> {
        if path.is_dir() {
            return crate::pictures::read(path, Some(side));
        }
        Ok(crate::file::npy::read(path, range)?.resized(side))
    }

    /// `[len, width]` numbers, row-major.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// No samples.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Numbers of each sample.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Of the samples; none if they are features.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Classes of the samples, where these are known.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    /// Of the floats that the pixels of an array were.
    pub fn range(&self) -> Option<PixelRange> {
        self.range
    }

    /// What else the files held that they were made of.
    pub fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }

    /// `blake3:<hex>` of the sizes and the numbers, whatever file they are from and whatever their classes.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let shape = self.format.map_or([0; 3], Format::shape);
        for size in shape.into_iter().chain([self.width, self.len()]) {
            hasher.update(&(size as u64).to_le_bytes());
        }
        self.values.iter().for_each(|value| {
            hasher.update(&value.to_le_bytes());
        });
        format!("blake3:{}", hasher.finalize().to_hex())
    }
}
