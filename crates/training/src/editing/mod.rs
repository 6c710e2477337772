//! Edits of what a trained generator makes: codes are moved along directions, found for given samples, and joined.
//!
//! A code is what a sample follows from: a style, where the generator has styles, else a latent vector; of a video, the latent vector as
//! the network of frames sees it.

mod editability;
mod invert;

pub use editability::Editability;
pub use invert::{InvertRequest, Inverted};

use crate::averaged::Averaged;
use crate::device::{DeviceError, DeviceKind};
use crate::generate::input;
use crate::{RunConfig, SampleRequest};
use burn::tensor::{Tensor, TensorData};
use directions::{DirectionError, Directions, factorised, matrix, principal, probe};
use models::{Domain, Editable, GeneratorInput, Space, one_hot};
use record::RunFolder;

/// Samples that pass through the generator at once.
const BATCH: usize = 256;

/// Codes that directions and their units are found of.
const STUDIED: usize = 1000;

/// Seed of these.
const SEED: u64 = 0;

/// A trained generator whose samples are edited.
pub struct Editor<'a> {
    averaged: Averaged<'a>,
    editable: Editable,
}

/// What samples follow from.
#[derive(Clone, Debug)]
pub struct Codes {
    /// `[count, codes]`.
    codes: Tensor<2>,
    /// Classes, noise and further numbers.
    rest: GeneratorInput,
}

/// How directions are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Of the weights of the first layer (SeFa).
    Sefa,
    /// Of what the first layer makes (PCA, GANSpace).
    Pca,
}

/// Directions of a generator, with their unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Each of length 1.
    pub directions: Directions,
    /// Standard deviation of codes along each: what an amount of 1 moves them by.
    pub deviations: Vec<f64>,
}

/// Why nothing is edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The task translates samples.
    #[error("`{task}` translates samples: nothing of its generator is to be edited but its input")]
    Translates {
        /// Its name.
        task: &'static str,
    },
    /// The task's networks are no chain of layers.
    #[error("the networks of the task `{task}` are no chain of layers, which edits need")]
    NoChain {
        /// Its name.
        task: &'static str,
    },
    /// No closed form.
    #[error(
        "the first layer of `{architecture}` is no matrix of the latent vector, which SeFa needs: PCA does without"
    )]
    NoMatrix {
        /// The generator's architecture.
        architecture: &'static str,
    },
    /// See [`DirectionError`].
    #[error(transparent)]
    Direction(#[from] DirectionError),
}

impl<'a> Editor<'a> {
    /// Of the run's newest sound checkpoint, or of that of a step; `None` while there is none.
    ///
    /// # Errors
    /// The device is not there, or the task's generator has no codes.
    pub fn open(
        config: &'a RunConfig,
        domain: Domain,
        folder: &RunFolder,
        device: DeviceKind,
        step: Option<u64>,
    ) -> Result<Option<Self>, EditError> {
        let task = config.model.task.name();
        if config.model.source(&domain).is_some() {
            return Err(EditError::Translates { task });
        }
        let Some(averaged) = Averaged::open(config, domain, folder, device, step)? else { return Ok(None) };
        let layers = averaged.sampler.folded().ok_or(EditError::NoChain { task })?;
        Ok(Some(Self { editable: Editable::new(layers), averaged }))
    }

    /// Of the checkpoint.
    pub fn step(&self) -> u64 {
        self.averaged.step
    }

    /// What codes are.
    pub fn space(&self) -> Space {
        self.editable.space()
    }

    /// Codes of random samples: those of [`generate`](crate::generate) with the same seed and class.
    pub fn draw(&self, count: usize, seed: u64, class: Option<usize>) -> Codes {
        let request = SampleRequest { count, seed, class, ..SampleRequest::default() };
        let rest = input(self.averaged.config, &self.averaged.domain, &request, &self.averaged.device);
        let codes = self.by_batch(&rest, |rest| self.editable.codes(rest));
        Codes { codes, rest }
    }

    /// Samples `[count, channels, height, width]`, row-major.
    pub fn samples(&self, codes: &Codes) -> Vec<f32> {
        let [count, _] = codes.codes.dims();
        let mut values = Vec::with_capacity(count * self.averaged.domain.output.values());
        for first in (0..count).step_by(BATCH) {
            let codes = codes.rows(first, BATCH.min(count - first));
            values.extend(self.editable.samples(codes.codes, &codes.rest).into_data().iter::<f32>());
        }
        values
    }

    /// As many directions as there are, but at most `count`, the strongest first. Principal components are those of samples of one
    /// class, if there are classes.
    ///
    /// # Errors
    /// The method finds none in this generator.
    pub fn directions(&self, method: Method, count: usize, class: usize) -> Result<Found, EditError> {
        let class = (self.averaged.classes() > 0).then_some(class);
        let studied = self.draw(STUDIED, SEED, class);
        let codes = self.matrix(&studied.codes);
        let directions = match method {
            Method::Sefa => {
                let architecture = self.averaged.config.model.generator.name();
                let weight = self.editable.weight(codes.ncols()).ok_or(EditError::NoMatrix { architecture })?;
                factorised(&self.matrix(&weight), count)?
            }
            Method::Pca => {
                let activations = self.by_batch(&studied.rest, |rest| self.editable.activations(rest));
                principal(&self.matrix(&activations), &codes, count)?
            }
        };
        Ok(Found::of(directions, &codes))
    }

    /// The direction towards samples that have an attribute, by a linear probe; `has` says of samples
    /// `[count, channels, height, width]` which have it.
    ///
    /// # Errors
    /// All samples have it, or none.
    pub fn attribute(&self, class: Option<usize>, has: impl Fn(&[f32]) -> Vec<bool>) -> Result<Found, EditError> {
        let studied = self.draw(STUDIED, SEED, class);
        let codes = self.matrix(&studied.codes);
        Ok(Found::of(probe(&codes, &has(&self.samples(&studied)))?, &codes))
    }

    /// Codes moved along a direction by so many of its deviations.
    pub fn moved(&self, codes: &Codes, found: &Found, direction: usize, amount: f64) -> Codes {
        self.along(codes, &found.directions.vectors.row(direction).to_vec(), amount * found.deviations[direction])
    }

    /// Codes moved so far along a direction of length 1.
    fn along(&self, codes: &Codes, direction: &[f64], by: f64) -> Codes {
        let row: Vec<f32> = direction.iter().map(|value| (value * by) as f32).collect();
        let shape = [1, row.len()];
        let step = Tensor::from_data(TensorData::new(row, shape), &self.averaged.device);
        Codes { codes: codes.codes.clone() + step, rest: codes.rest.clone() }
    }

    /// The same codes for samples of a class; `None` if the generator knows none, or makes its codes of the class.
    pub fn of_class(&self, codes: &Codes, class: usize) -> Option<Codes> {
        if self.averaged.classes() == 0 || self.space() == Space::Style {
            return None;
        }
        let labels = one_hot(&vec![class; codes.len()], self.averaged.classes(), &self.averaged.device);
        let rest = codes.rest.clone().with_labels(Some(labels));
        Some(Codes { codes: codes.codes.clone(), rest })
    }

    /// Codes on the straight way from the first of two to the second, both ends included.
    pub fn between(&self, ends: &Codes, steps: usize) -> Codes {
        let mix = |numbers: Tensor<2>| {
            let (from, to) = (numbers.clone().narrow(0, 0, 1), numbers.narrow(0, 1, 1));
            let on_way = |step: usize| {
                let share = step as f64 / (steps - 1).max(1) as f64;
                from.clone() * (1.0 - share) + to.clone() * share
            };
            Tensor::cat((0..steps).map(on_way).collect(), 0)
        };
        Codes { codes: mix(ends.codes.clone()), rest: ends.rest.clone().map(mix) }
    }

    fn matrix(&self, numbers: &Tensor<2>) -> directions::Matrix {
        let [_, width] = numbers.dims();
        matrix(&numbers.clone().into_data().iter::<f32>().collect::<Vec<f32>>(), width)
    }

    /// What is made of inputs, some at a time.
    fn by_batch(&self, rest: &GeneratorInput, make: impl Fn(&GeneratorInput) -> Tensor<2>) -> Tensor<2> {
        let [count, _] = rest.latent.dims();
        let parts = (0..count).step_by(BATCH).map(|first| make(&rest.rows(first, BATCH.min(count - first))));
        Tensor::cat(parts.collect(), 0)
    }
}

impl Codes {
    /// Number of codes.
    pub fn len(&self) -> usize {
        self.codes.dims()[0]
    }

    /// No codes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[len, codes]`, row-major, and the numbers of a code.
    pub fn numbers(&self) -> (Vec<f32>, usize) {
        let [_, width] = self.codes.dims();
        (self.codes.clone().into_data().iter().collect(), width)
    }

    /// Of each sample, if the generator knows classes.
    pub fn classes(&self) -> Option<Vec<usize>> {
        let labels = self.rest.labels.clone()?.argmax(1);
        Some(labels.into_data().iter::<i64>().map(|class| class as usize).collect())
    }

    fn rows(&self, first: usize, count: usize) -> Self {
        Self { codes: self.codes.clone().narrow(0, first, count), rest: self.rest.rows(first, count) }
    }
}

impl Found {
    fn of(directions: Directions, codes: &directions::Matrix) -> Self {
        let deviation = |row: directions::Row| {
            let along = codes.dot(&row);
            let mean = along.sum() / along.len() as f64;
            (along.mapv(|value| (value - mean).powi(2)).sum() / along.len() as f64).sqrt()
        };
        let deviations = directions.vectors.rows().into_iter().map(deviation).collect();
        Self { directions, deviations }
    }
}
