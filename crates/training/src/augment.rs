//! Labelled samples from a run whose generator knows the classes of its data, to train other models on.

use crate::averaged::Averaged;
use crate::device::{DeviceError, DeviceKind};
use crate::{GenerateError, RunConfig};
use models::{Domain, Stream, one_hot};
use record::RunFolder;

/// Samples of a class that are drawn at once: always as many, so that more samples of a class begin with the same ones.
const ROUND: usize = 64;

/// Rounds for each that would be enough if every sample was kept, before it is given up.
const PATIENCE: usize = 100;

/// Which samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AugmentRequest {
    /// How many of all; classes that come first have one more where they do not go round.
    pub count: usize,
    /// Seed of the latents.
    pub seed: u64,
    /// Of which step's checkpoint; by default the newest sound one's.
    pub step: Option<u64>,
    /// As [`SampleRequest::truncation`](crate::SampleRequest::truncation).
    pub truncation: Option<f32>,
    /// As [`SampleRequest::style_truncation`](crate::SampleRequest::style_truncation).
    pub style_truncation: Option<f64>,
}

/// Which of them are kept: those that something is sure of.
pub struct Filter<'a> {
    /// For samples `[count, channels, height, width]` of one class, how sure it is of each that it has the class, in `[0, 1]`.
    pub confidence: &'a dyn Fn(&[f32], usize) -> Vec<f32>,
    /// Of a sample that is kept.
    pub least: f32,
}

/// Labelled samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Augmented {
    /// Step of the checkpoint.
    pub step: u64,
    /// `blake3:<hex>` of the weights that made them.
    pub weights: Option<String>,
    /// `[count, channels, height, width]`, row-major.
    pub values: Vec<f32>,
    /// Of each; they take turns.
    pub classes: Vec<u16>,
    /// Samples of each class that were looked at.
    pub drawn: Vec<usize>,
}

/// Why there are no labelled samples.
#[derive(Debug, thiserror::Error)]
pub enum AugmentError {
    /// See [`GenerateError`].
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The generator is not conditioned on the classes of the data.
    #[error(
        "its generator knows no classes (`conditioning: {conditioning}`), so its samples would have no labels; \
         train one with `model.conditioning: concat`, `projection` or `auxiliary_classifier` on data with classes"
    )]
    Unconditional {
        /// How it is conditioned.
        conditioning: &'static str,
    },
    /// The filter keeps too few.
    #[error("of {drawn} samples of class {class} it is as sure as {least} of {kept}, and {wanted} are wanted")]
    Unsure {
        /// Position of the class.
        class: usize,
        /// Samples that were looked at.
        drawn: usize,
        /// Samples that were kept.
        kept: usize,
        /// Samples that were asked for.
        wanted: usize,
        /// The least confidence.
        least: f32,
    },
}

impl From<DeviceError> for AugmentError {
    fn from(error: DeviceError) -> Self {
        Self::Generate(error.into())
    }
}

/// Labelled samples from the averaged generator of the run's newest sound checkpoint, or of that of the asked step; `None` while
/// there is none. The same request gives the same samples, and a larger one begins with those of a smaller one.
///
/// # Errors
/// The generator knows no classes of the data, the device is not there, or the filter keeps hardly any sample of a class.
pub fn augment(
    config: &RunConfig,
    domain: Domain,
    folder: &RunFolder,
    device: DeviceKind,
    request: &AugmentRequest,
    filter: Option<&Filter>,
) -> Result<Option<Augmented>, AugmentError> {
    let conditioning = &config.model.conditioning;
    if !conditioning.is_by_class() || conditioning.classes(&domain) == 0 {
        return Err(AugmentError::Unconditional { conditioning: conditioning.name() });
    }
    let Some(averaged) = Averaged::open(config, domain, folder, device, request.step)? else {
        return Ok(None);
    };
    let averaged = averaged.truncated(request.style_truncation)?;
    let (classes, size) = (averaged.classes(), domain.output.values());
    let wanted = |class: usize| request.count / classes + usize::from(class < request.count % classes);
    let of_class = |class| Class { averaged: &averaged, request, filter, class }.draw(wanted(class));
    let all: Vec<Kept> = (0..classes).map(of_class).collect::<Result<_, _>>()?;
    let mut values = Vec::with_capacity(request.count * size);
    for sample in 0..request.count {
        let (class, at) = (sample % classes, sample / classes);
        values.extend_from_slice(&all[class].values[at * size..(at + 1) * size]);
    }
    Ok(Some(Augmented {
        step: averaged.step,
        weights: averaged.digest(),
        values,
        classes: (0..request.count).map(|sample| (sample % classes) as u16).collect(),
        drawn: all.iter().map(|kept| kept.drawn).collect(),
    }))
}

/// What draws the samples of one class.
struct Class<'a> {
    averaged: &'a Averaged<'a>,
    request: &'a AugmentRequest,
    filter: Option<&'a Filter<'a>>,
    class: usize,
}

/// What was kept of one class.
struct Kept {
    values: Vec<f32>,
    drawn: usize,
}

impl Class<'_> {
    fn draw(&self, wanted: usize) -> Result<Kept, AugmentError> {
        let size = self.averaged.domain.output.values();
        let (mut values, mut drawn) = (Vec::new(), 0);
        let most = PATIENCE * wanted.div_ceil(ROUND);
        for round in 0..most {
            if values.len() >= wanted * size {
                break;
            }
            let made = self.round(round);
            match self.filter {
                None => values.extend(made),
                Some(filter) => {
                    let sure = (filter.confidence)(&made, self.class);
                    let kept = made.chunks(size).zip(sure).filter(|(_, sure)| *sure >= filter.least);
                    kept.for_each(|(sample, _)| values.extend_from_slice(sample));
                }
            }
            drawn += ROUND;
        }
        let kept = values.len() / size;
        if kept < wanted {
            let least = self.filter.map_or(0.0, |filter| filter.least);
            return Err(AugmentError::Unsure { class: self.class, drawn, kept, wanted, least });
        }
        values.truncate(wanted * size);
        Ok(Kept { values, drawn })
    }

    fn round(&self, round: usize) -> Vec<f32> {
        let Averaged { config, domain, device, .. } = self.averaged;
        let index = (self.class as u64) << 32 | round as u64;
        let mut stream = Stream::new(self.request.seed, "latent/augment", index);
        let labels = one_hot(&[self.class; ROUND], self.averaged.classes(), device);
        let latent = config.model.latent.draw_within(ROUND, self.request.truncation, &mut stream, device);
        let shape = domain.output.shape();
        self.averaged.make(&config.model.generator_input_of(latent, shape, Some(labels), &mut stream))
    }
}
