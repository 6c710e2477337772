//! What generators start from.

use burn::tensor::Tensor;

/// The input of a generator for a batch of samples.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GeneratorInput {
    /// Latent vectors `[batch, latent]`.
    pub latent: Tensor<2>,
    /// Classes of the samples to make, one-hot `[batch, classes]`: those of the data, or categories that were drawn.
    pub labels: Option<Tensor<2>>,
    /// Further numbers that were drawn for the discriminator to recover, `[batch, numbers]` (InfoGAN).
    pub factors: Option<Tensor<2>>,
    /// Noise for generators that add it to their layers, `[batch, numbers]`.
    pub noise: Option<Tensor<2>>,
    /// Other latent vectors for a part of each sample's styles, and the place from which on they are: `[batch, latent + 1]`,
    /// the place in `[0, 1)` of the layers, 1 for nowhere (style mixing: Karras et al. 2019, arXiv 1812.04948, section 3.1).
    pub mixing: Option<Tensor<2>>,
    /// Samples to translate, `[batch, channels, height, width]`, where the data have input samples.
    pub source: Option<Tensor<4>>,
}

impl From<Tensor<2>> for GeneratorInput {
    fn from(latent: Tensor<2>) -> Self {
        Self { latent, labels: None, factors: None, noise: None, mixing: None, source: None }
    }
}

impl GeneratorInput {
    /// The same latent vectors for samples of these classes.
    pub fn with_labels(self, labels: Option<Tensor<2>>) -> Self {
        Self { labels, ..self }
    }

    /// The same, with samples to translate.
    pub fn with_source(self, source: Option<Tensor<4>>) -> Self {
        Self { source, ..self }
    }

    /// Applies the function to each part that is numbers, `[batch, numbers]`.
    pub fn map(self, mut part: impl FnMut(Tensor<2>) -> Tensor<2>) -> Self {
        let latent = part(self.latent);
        Self {
            latent,
            labels: self.labels.map(&mut part),
            factors: self.factors.map(&mut part),
            noise: self.noise.map(&mut part),
            mixing: self.mixing.map(part),
            source: self.source,
        }
    }

    /// The input of `count` samples from sample `first` on.
    pub fn rows(&self, first: usize, count: usize) -> Self {
        let source = self.source.clone().map(|source| source.narrow(0, first, count));
        self.clone().map(|part| part.narrow(0, first, count)).with_source(source)
    }

    /// Calls the function with the name of each part that is numbers, and these, `[batch, numbers]`.
    pub fn named(self, mut part: impl FnMut(&str, Tensor<2>)) {
        let Self { latent, labels, factors, noise, mixing, .. } = self;
        let conditions = [("labels", labels), ("factors", factors), ("noise", noise), ("mixing", mixing)];
        let parts = [("latent", Some(latent))].into_iter().chain(conditions);
        parts.for_each(|(name, found)| found.into_iter().for_each(|found| part(name, found)));
    }

    /// All numbers of each sample, `[batch, numbers]`.
    pub(crate) fn numbers(self) -> Tensor<2> {
        let conditions = [self.labels, self.factors, self.noise, self.mixing].into_iter().flatten();
        conditions.fold(self.latent, |numbers, more| Tensor::cat(vec![numbers, more], 1))
    }
}
