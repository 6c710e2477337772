//! Samples to be measured: numbers in memory, whatever file they are from. Knows nothing of files and formats.

use crate::{DataError, Dataset};
use samples::Format;
use std::path::Path;

/// Samples of one size: images, or features that somebody computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    values: Vec<f32>,
    width: usize,
    format: Option<Format>,
    classes: Option<Classes>,
}

/// A class for each sample, and what the classes are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    /// Each below the number of names.
    pub of_samples: Vec<u16>,
    /// By class: the number of a data set's, the folder of others'.
    pub names: Vec<String>,
}

impl Samples {
    /// `values` are whole samples, in order. Pixels of images are in `[-1, 1]`, `[channel][row][column]`.
    pub(crate) fn new(values: Vec<f32>, width: usize, format: Option<Format>) -> Samples {
        debug_assert!(width > 0 && values.len().is_multiple_of(width));
        Samples { values, width, format, classes: None }
    }

    /// The same samples of these classes, one for each.
    pub(crate) fn with_classes(self, classes: Option<Classes>) -> Samples {
        debug_assert!(classes.iter().all(|classes| classes.of_samples.len() == self.len()));
        Samples { classes, ..self }
    }

    /// The images of a data set; its points are features, two each.
    pub fn of(dataset: &Dataset) -> Samples {
        let mut values = Vec::new();
        dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
        let format = dataset.format();
        let classes = dataset.labels().zip(dataset.classes()).map(|(labels, classes)| Classes {
            of_samples: labels.to_vec(),
            names: (0..classes).map(|class| class.to_string()).collect(),
        });
        Samples::new(values, format.values(), (!format.is_points()).then_some(format)).with_classes(classes)
    }

    /// Reads a folder of PNG and JPEG images, or of a folder of them for each class, or a `.npy` array.
    ///
    /// # Errors
    /// A file is unreadable or malformed, or images differ in size. `Ok` holds at least one sample.
    pub fn read(path: &Path) -> Result<Samples, DataError> {
        if path.is_dir() { crate::pictures::read(path) } else { crate::npy::read(path) }
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
    pub fn classes(&self) -> Option<&Classes> {
        self.classes.as_ref()
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
