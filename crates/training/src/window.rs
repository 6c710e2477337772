//! What steps leave to be recorded: scalars between two readings, kept on the device and read in one go.

use crate::clock::Clock;
use burn::tensor::Tensor;
use models::task::StepOutput;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Logits by what was judged, one tensor for each update.
pub(crate) type Logits = BTreeMap<&'static str, Vec<Tensor<1>>>;

/// What updates came to since the last reading.
#[derive(Default)]
pub(crate) struct Window {
    /// Values by name, with the step (from 0) of each, that were not read yet.
    scalars: BTreeMap<Cow<'static, str>, (Vec<u64>, Vec<Tensor<1>>)>,
    /// Of those that were read, perhaps by an earlier attempt.
    sums: Sums,
    /// The newest step, and the logits of its updates.
    logits: (u64, Logits),
    /// Runs through all of a run's work.
    pub clock: Clock,
}

/// A window as far as it was read: what a checkpoint holds of it, so that a run which was stopped in its middle records the
/// means of one that was not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sums {
    by_name: BTreeMap<String, Sum>,
    diverged: Option<(u64, String)>,
}

/// The sum of so many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    /// Of an `f64`: text would lose its last digits, and what is not finite.
    bits: u64,
    count: u64,
}

impl Sum {
    /// What a sum of no values is to the standard library, so that all are added as it adds them.
    const NONE: Self = Self { bits: (-0.0_f64).to_bits(), count: 0 };

    fn add(&mut self, values: &[f64]) {
        let sum = values.iter().fold(f64::from_bits(self.bits), |sum, value| sum + value);
        *self = Self { bits: sum.to_bits(), count: self.count + values.len() as u64 };
    }

    fn mean(self) -> f64 {
        f64::from_bits(self.bits) / self.count as f64
    }
}

impl Sums {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

/// Means over a window.
pub(crate) struct Reading {
    /// By name.
    pub values: BTreeMap<String, f64>,
    /// The first step (from 0) with a scalar that is not finite, or with a gradient above the bound, and which.
    pub diverged: Option<(u64, String)>,
}

impl Window {
    /// One that goes on from what a checkpoint holds of it.
    pub(crate) fn resumed(sums: Sums) -> Self {
        Self { sums, ..Self::default() }
    }

    /// Takes an update of step `step` (from 0).
    pub(crate) fn take(&mut self, step: u64, output: StepOutput) {
        if self.logits.0 != step {
            self.logits = (step, Logits::new());
        }
        output.logits.into_iter().for_each(|(name, logits)| self.logits.1.entry(name).or_default().push(logits));
        output.scalars.into_iter().for_each(|(name, scalar)| self.scalar(step, name.into(), scalar));
    }

    /// Takes the norm of a phase's gradient in step `step` (from 0).
    pub(crate) fn gradient(&mut self, step: u64, phase: &str, norm: Tensor<1>) {
        self.scalar(step, record::tag::gradient(phase).into(), norm);
    }

    fn scalar(&mut self, step: u64, name: Cow<'static, str>, scalar: Tensor<1>) {
        let (steps, scalars) = self.scalars.entry(name).or_default();
        steps.push(step);
        scalars.push(scalar);
    }

    /// Of the newest step.
    pub(crate) fn logits(&self) -> &Logits {
        &self.logits.1
    }

    /// Means of all scalars since the last such call, and empties the window; waits for the device. Norms of gradients above
    /// a `bound` are a divergence; without one they are only recorded, for the square of a gradient may overflow where its
    /// step does not.
    pub(crate) fn read(&mut self, bound: Option<f64>) -> Reading {
        self.sums(bound);
        let Sums { by_name, diverged } = std::mem::take(&mut self.sums);
        Reading { values: by_name.into_iter().map(|(name, sum)| (name, sum.mean())).collect(), diverged }
    }

    /// What a longer run finds of the window, whose norms of gradients it would not have taken without a `bound`; waits for
    /// the device.
    pub(crate) fn open(&mut self, bound: Option<f64>) -> Sums {
        let mut sums = self.sums(bound).clone();
        sums.by_name.retain(|name, _| bound.is_some() || !record::tag::is_gradient(name));
        sums
    }

    /// What a checkpoint holds of the window, which goes on; waits for the device.
    pub(crate) fn sums(&mut self, bound: Option<f64>) -> &Sums {
        let scalars = std::mem::take(&mut self.scalars);
        // In one piece: each reading waits for the device.
        let all: Vec<Tensor<1>> = scalars.values().flat_map(|(_, scalars)| scalars.iter().cloned()).collect();
        let mut all = match all.is_empty() {
            true => Vec::new(),
            false => Tensor::cat(all, 0).into_data().iter::<f64>().collect(),
        }
        .into_iter();
        for (name, (steps, _)) in scalars {
            let read: Vec<f64> = all.by_ref().take(steps.len()).collect();
            let bound = if record::tag::is_gradient(&name) { bound } else { Some(f64::INFINITY) };
            let found = bound.and_then(|bound| {
                let at = read.iter().position(|value| !value.is_finite() || *value > bound)?;
                let what = if read[at].is_finite() {
                    format!("{:.3e}, above {bound:.3e},", read[at])
                } else {
                    "not finite".into()
                };
                Some((steps[at], format!("`{name}` is {what}")))
            });
            let known = self.sums.diverged.take();
            self.sums.diverged = [known, found].into_iter().flatten().min_by_key(|(step, _)| *step);
            self.sums.by_name.entry(name.into_owned()).or_insert(Sum::NONE).add(&read);
        }
        &self.sums
    }
}
