//! Samples to logits.

use crate::architecture::{Body, DiscriminatorDesign};
use crate::conditioning::concat::planes;
use crate::conditioning::{ClassInput, Head};
use crate::energy::Energy;
use crate::initialization::Start;
use crate::layer::spectral::{FIRST_ITERATIONS, PowerIteration};
use crate::layer::{Chain, Dense, Draws, Layers};
use crate::{Minibatch, Samples};
use burn::module::Module;
use burn::tensor::Tensor;

/// A discriminator of any architecture.
#[derive(Module, Debug)]
pub struct Discriminator {
    /// Images to features.
    body: Chain,
    /// Features to the logit.
    head: Option<Dense>,
    /// Features to the image's energy, the negative logit, instead.
    energy: Option<Energy>,
    /// Features to a map of logits, instead.
    patches: Option<Patches>,
    /// Features to the logit's term of each class.
    projection: Option<Dense>,
    /// Features to logits of classes.
    classifier: Option<Dense>,
    /// Features to what the generator's input was.
    codes: Option<Dense>,
    /// Whether the body's input has a plane for each class behind the image's channels.
    planes: bool,
}

/// A logit for each patch of a sample.
#[derive(Module, Debug)]
struct Patches {
    network: Chain,
    /// Of a sample.
    count: usize,
}

/// What a discriminator is built from.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub design: &'a dyn DiscriminatorDesign,
    /// Shape of all samples of a pack.
    pub pack: [usize; 3],
    /// Of a sample.
    pub frames: usize,
    /// Classes that the conditioning knows.
    pub classes: usize,
    /// How the network sees them.
    pub class_input: ClassInput,
    /// The head beside that of the logit, with its outputs.
    pub head: Option<(Head, usize)>,
    pub minibatch: Minibatch,
}

impl Parts<'_> {
    /// Planes of classes behind the channels of a pack.
    fn planes(&self) -> usize {
        if self.class_input == ClassInput::Planes { self.classes } else { 0 }
    }

    /// Shape of the body's input.
    pub(crate) fn input(&self) -> [usize; 3] {
        let [channels, height, width] = self.pack;
        [channels + self.planes(), height, width]
    }
}

/// What a discriminator makes of samples.
pub(crate) struct Critique {
    /// `[batch]`, or those of all patches of each sample, one sample after the other.
    pub logit: Tensor<1>,
    /// `[batch, ...]`.
    pub features: Tensor<4>,
}

impl Discriminator {
    /// With the initial weights.
    pub(crate) fn new(parts: Parts, name: &str, start: Start) -> Self {
        let Parts { design, pack, frames, classes, class_input, head: auxiliary, minibatch } = parts;
        let (spectral_norm, equalized) = (design.spectral_norm(), design.is_equalized());
        let make = Layers { device: start.device, spectral_norm, equalized, frames };
        let Body { mut layers, features } = design.body(parts.input(), &make);
        let (minibatch, features) = minibatch.layers(features, &make);
        layers.extend(minibatch);
        let read = |outputs: usize| Dense::new(features, outputs, &make);
        let decoder = design.decoder(pack, &make);
        let energy = decoder.map(|(layers, distance)| Energy::new(Chain::new(layers), distance));
        let patches = design.patches(pack, &make).map(|(layers, count)| Patches { network: Chain::new(layers), count });
        let head = (energy.is_none() && patches.is_none()).then(|| read(1));
        let projection = class_input == ClassInput::Projection;
        let projection = projection.then(|| read(classes).without_bias());
        let (classifier, codes) = match auxiliary {
            Some((Head::Classifier, outputs)) => (Some(read(outputs)), None),
            Some((Head::Codes, outputs)) => (None, Some(read(outputs))),
            None => (None, None),
        };
        let planes = class_input == ClassInput::Planes;
        let body = Chain::new(layers);
        let network = Self { body, head, energy, patches, projection, classifier, codes, planes };
        let network = start.apply(network, design.initialization(), name);
        (0..FIRST_ITERATIONS).fold(network, |network, _| network.before_update())
    }

    /// The head beside that of the logit.
    pub(crate) fn auxiliary_head(&self) -> Option<&Dense> {
        self.classifier.as_ref().or(self.codes.as_ref())
    }

    /// Logits of a sample: 1, or the number of its patches.
    pub(crate) fn logits(&self) -> usize {
        self.patches.as_ref().map_or(1, |patches| patches.count)
    }

    /// Logits `[batch]` of packs, or of all patches of each: large for what looks real.
    pub fn forward(&self, examples: impl Into<Samples>) -> Tensor<1> {
        self.critique(examples.into()).logit
    }

    /// Logits and the features that they were read from.
    pub(crate) fn critique(&self, examples: Samples) -> Critique {
        let Samples { images, labels } = examples.clone();
        let features = self.body.forward(self.input(examples));
        let logit = match (&self.head, &self.energy, &self.patches) {
            (Some(head), ..) => flat(head.forward(features.clone())),
            (None, Some(energy), _) => energy.forward(features.clone(), images).neg(),
            (None, None, Some(patches)) => flat(patches.network.forward(features.clone())),
            (None, None, None) => unreachable!("a discriminator has one of them"),
        };
        let logit = match (&self.projection, labels) {
            (Some(projection), Some(labels)) => {
                logit + (projection.forward(features.clone()) * column(labels)).sum_dim(1).flatten::<1>(0, 3)
            }
            _ => logit,
        };
        Critique { logit, features }
    }

    /// [`critique`](Self::critique) of real and of generated images: in one pass, where no layer makes something of a batch as a
    /// whole.
    pub(crate) fn critique_both(&self, real: Samples, fake: Samples) -> [Critique; 2] {
        let of_patches = self.patches.as_ref().is_some_and(|patches| patches.network.mixes_samples());
        if self.body.mixes_samples() || of_patches || self.energy.as_ref().is_some_and(Energy::mixes_samples) {
            return [self.critique(real), self.critique(fake)];
        }
        let ([count, ..], [others, ..]) = (real.images.dims(), fake.images.dims());
        let (Critique { logit, features }, logits) = (self.critique(real.followed_by(fake)), self.logits());
        [(0, count), (count, others)].map(|(first, count)| Critique {
            logit: logit.clone().narrow(0, logits * first, logits * count),
            features: features.clone().narrow(0, first, count),
        })
    }

    /// The gradient of the sum of all samples' logits, each the mean over its patches, at each image, `[batch, channels, height, width]`, exact and itself
    /// differentiable by the weights, which Burn's first-order autodiff cannot give: it is written out as operations on
    /// them. Images and classes are taken as constants.
    ///
    /// # Panics
    /// The network has none; the check of the configuration reports that.
    pub fn input_gradient(&self, examples: impl Into<Samples>) -> Tensor<4> {
        let Samples { images, labels } = examples.into();
        let [batch, channels, ..] = images.dims();
        let images = images.detach();
        let input = self.input(Samples::from(images.clone()).with_labels(labels.clone()));
        let (features, traces) = self.body.trace(input);
        if let Some(energy) = &self.energy {
            let [through, past] = energy.pullback(features, images);
            return (self.body.pullback(traces, through).narrow(1, 0, channels) + past).neg();
        }
        let mut gradient = match (&self.patches, &self.head) {
            (Some(patches), _) => {
                let (map, traces) = patches.network.trace(features.clone());
                let share = Tensor::full(map.dims(), 1.0 / patches.count as f64, &features.device());
                patches.network.pullback(traces, share)
            }
            (None, head) => {
                let head = head.as_ref().expect("a discriminator without energies has a head");
                head.pullback(features.dims(), Tensor::ones([batch, 1, 1, 1], &features.device()))
            }
        };
        if let (Some(projection), Some(labels)) = (&self.projection, labels) {
            gradient = gradient + projection.pullback(features.dims(), column(labels));
        }
        let gradient = self.body.pullback(traces, gradient);
        if self.planes { gradient.narrow(1, 0, channels) } else { gradient }
    }

    /// For passes in which layers draw random numbers: these. Others draw none.
    pub fn drawing(self, draws: &Draws) -> Self {
        Self { body: self.body.drawing(draws), ..self }
    }

    /// The input of the body.
    fn input(&self, examples: Samples) -> Tensor<4> {
        if self.planes { planes(examples) } else { examples.images }
    }

    /// Carries on what must follow the weights before each update: the singular vectors of spectral normalisation.
    pub fn before_update(self) -> Self {
        let once = PowerIteration::Once;
        Self {
            body: self.body.follow(once),
            head: self.head.map(|layer| layer.follow(once)),
            energy: self.energy.map(Energy::before_update),
            patches: self.patches.map(|Patches { network, count }| Patches { network: network.follow(once), count }),
            projection: self.projection.map(|layer| layer.follow(once)),
            classifier: self.classifier.map(|layer| layer.follow(once)),
            codes: self.codes.map(|layer| layer.follow(once)),
            planes: self.planes,
        }
    }
}

/// One sample after the other.
fn flat(logits: Tensor<4>) -> Tensor<1> {
    let count: usize = logits.dims().iter().product();
    logits.reshape([count])
}

/// `[batch, numbers]` as `[batch, numbers, 1, 1]`.
fn column(rows: Tensor<2>) -> Tensor<4> {
    let [batch, numbers] = rows.dims();
    rows.reshape([batch, numbers, 1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::packed_shape;
    use crate::{Domain, ModelConfig, Stream, one_hot, preset};
    use ::samples::Format;
    use burn::tensor::{Device, TensorData};

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn both_at_once_are_each_alone() {
        const PACKS: usize = 3;
        let device = Device::flex().autodiff();
        let mut mixing = Vec::new();
        for preset in preset::ALL.iter().filter(|preset| !preset.translates()) {
            let model: ModelConfig = serde_json::from_value(preset.settings()["model"].clone()).unwrap();
            let sounds = Format::Audio { channels: 1, length: 256, rate: 8000 };
            let videos = Format::Video { frames: 4, image: [1, 16, 16], fps: 8 };
            let output = match (preset.is_for_sounds(), preset.is_for_videos()) {
                (true, _) => sounds,
                (_, true) => videos,
                _ => Format::Image([1, 16, 16]),
            };
            let domain = Domain { classes: Some(2), ..Domain::from(output) };
            let network = model.init_discriminator(domain, 0, &device);
            if network.body.mixes_samples() {
                mixing.push(preset.name);
            }
            let packs = |index: u64| {
                let [channels, height, width] = packed_shape(model.made(&domain).shape(), model.packing);
                let shape = [PACKS, channels, height, width];
                // Unlike in mean and deviation.
                let images = Stream::new(0, "images", index).uniforms(shape.iter().product(), index as f32 - 1.0, 1.0);
                let labels = model.conditioning.is_by_class().then(|| one_hot(&[0, 1, 1], 2, &device));
                Samples::from(Tensor::from_data(TensorData::new(images, shape), &device)).with_labels(labels)
            };
            let (real, fake) = (packs(0), packs(1));
            let alone = [real.clone(), fake.clone()].map(|packs| network.critique(packs));
            for (both, alone) in network.critique_both(real, fake).into_iter().zip(alone) {
                let pairs =
                    [(numbers(both.logit), numbers(alone.logit)), (numbers(both.features), numbers(alone.features))];
                for (found, expected) in pairs {
                    let largest = expected.iter().fold(1e-3f32, |a, x| a.max(x.abs()));
                    assert_eq!(found.len(), expected.len());
                    let same = found.iter().zip(&expected).all(|(f, e)| (f - e).abs() <= 1e-5 * largest);
                    assert!(same, "{}: {found:?} instead of {expected:?}", preset.name);
                }
            }
        }
        assert!(mixing.contains(&"dcgan") && !mixing.contains(&"guide"), "{mixing:?}");
    }
}
