//! What networks take: samples with what is known of them, and codes. Both can grow without changing a signature.
//!
//! Other kinds of data are the same four axes:
//! - a signal is an image of one row, `[batch, channels, 1, length]`
//! - a video is its frames one below the other, `[batch, channels, frames * height, width]`; layers see five axes inside
//! - an image to translate is a further field of [`Code`], which its generator starts from beside or instead of the
//!   latent vector. Pairs are such a field of [`Examples`], too, for a discriminator that judges pairs; without pairs, two
//!   generators, one for each way, are the parts of one [`Generator`](crate::Generator)

use crate::ops;
use burn::tensor::{Device, Tensor, TensorData};

/// Samples, real or generated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Examples {
    /// `[batch, channels, height, width]`.
    pub images: Tensor<4>,
    /// Their classes, one-hot `[batch, classes]`, for networks that are told them.
    pub labels: Option<Tensor<2>>,
}

/// What a generator starts from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Code {
    /// `[batch, latent]`.
    pub latent: Tensor<2>,
    /// Classes of the images to make, one-hot `[batch, classes]`: those of the data, or categories that were drawn.
    pub labels: Option<Tensor<2>>,
    /// Further numbers that were drawn for the discriminator to find again, `[batch, numbers]`.
    pub factors: Option<Tensor<2>>,
    /// Noise for generators that add it to their layers, `[batch, numbers]`.
    pub noise: Option<Tensor<2>>,
}

impl From<Tensor<4>> for Examples {
    fn from(images: Tensor<4>) -> Self {
        Self { images, labels: None }
    }
}

impl Examples {
    /// The same images with their classes.
    pub fn with_labels(self, labels: Option<Tensor<2>>) -> Self {
        Self { labels, ..self }
    }

    /// These samples and then others, both with classes or both without.
    pub(crate) fn followed_by(self, others: Self) -> Self {
        let labels = self.labels.zip(others.labels).map(|(these, others)| Tensor::cat(vec![these, others], 0));
        Self { images: ops::stack(self.images, others.images), labels }
    }
}

impl From<Tensor<2>> for Code {
    fn from(latent: Tensor<2>) -> Self {
        Self { latent, labels: None, factors: None, noise: None }
    }
}

impl Code {
    /// The same latents for images of these classes.
    pub fn with_labels(self, labels: Option<Tensor<2>>) -> Self {
        Self { labels, ..self }
    }

    /// Each part, `[batch, numbers]`, as the function has it.
    pub fn map(self, mut part: impl FnMut(Tensor<2>) -> Tensor<2>) -> Self {
        let latent = part(self.latent);
        Self {
            latent,
            labels: self.labels.map(&mut part),
            factors: self.factors.map(&mut part),
            noise: self.noise.map(part),
        }
    }

    /// Those of `count` images from image `first` on.
    pub fn rows(&self, first: usize, count: usize) -> Self {
        self.clone().map(|part| part.narrow(0, first, count))
    }

    /// Calls the function with each part, `[batch, numbers]`, and its name.
    pub fn named(self, mut part: impl FnMut(&str, Tensor<2>)) {
        let Self { latent, labels, factors, noise } = self;
        let parts = [("latent", Some(latent)), ("labels", labels), ("factors", factors), ("noise", noise)];
        parts.into_iter().for_each(|(name, found)| found.into_iter().for_each(|found| part(name, found)));
    }

    /// All numbers of each image, `[batch, numbers]`.
    pub(crate) fn numbers(self) -> Tensor<2> {
        let told = [self.labels, self.factors, self.noise].into_iter().flatten();
        told.fold(self.latent, |numbers, more| Tensor::cat(vec![numbers, more], 1))
    }
}

/// One-hot rows `[numbers, classes]`; each number is below `classes`.
pub fn one_hot(numbers: &[usize], classes: usize, device: &Device) -> Tensor<2> {
    let mut rows = vec![0.0; numbers.len() * classes];
    numbers.iter().enumerate().for_each(|(row, number)| rows[row * classes + number] = 1.0);
    Tensor::from_data(TensorData::new(rows, [numbers.len(), classes]), device)
}
