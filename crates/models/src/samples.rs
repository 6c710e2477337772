//! Samples with what is known of them, real or generated.
//!
//! Every kind of data has the same four axes: a signal is an image of one row, a video its frames one below the other.

use crate::ops;
use burn::tensor::{Device, Tensor, TensorData};

/// Samples, real or generated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Samples {
    /// `[batch, channels, height, width]`.
    pub images: Tensor<4>,
    /// Their classes, one-hot `[batch, classes]`, where networks are conditioned on them.
    pub labels: Option<Tensor<2>>,
}

impl From<Tensor<4>> for Samples {
    fn from(images: Tensor<4>) -> Self {
        Self { images, labels: None }
    }
}

impl Samples {
    /// The same samples with these classes.
    pub fn with_labels(self, labels: Option<Tensor<2>>) -> Self {
        Self { labels, ..self }
    }

    /// These samples and then others, both with classes or both without.
    pub(crate) fn followed_by(self, others: Self) -> Self {
        let labels = self.labels.zip(others.labels).map(|(these, others)| Tensor::cat(vec![these, others], 0));
        Self { images: ops::stack(self.images, others.images), labels }
    }
}

/// One-hot rows `[numbers, classes]`; each number is below `classes`.
pub fn one_hot(numbers: &[usize], classes: usize, device: &Device) -> Tensor<2> {
    let mut rows = vec![0.0; numbers.len() * classes];
    numbers.iter().enumerate().for_each(|(row, number)| rows[row * classes + number] = 1.0);
    Tensor::from_data(TensorData::new(rows, [numbers.len(), classes]), device)
}
