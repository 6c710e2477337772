//! What steps leave to be recorded: scalars between two readings, kept on the device and read in one go.

use crate::clock::Clock;
use burn::tensor::Tensor;
use models::task::StepOutput;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Logits by what was judged, one tensor for each update.
pub(crate) type Logits = BTreeMap<&'static str, Vec<Tensor<1>>>;

/// What updates came to since the last reading.
#[derive(Default)]
pub(crate) struct Window {
    /// Values by name, with the step (from 0) of each.
    scalars: BTreeMap<Cow<'static, str>, (Vec<u64>, Vec<Tensor<1>>)>,
    /// The newest step, and the logits of its updates.
    logits: (u64, Logits),
    /// Runs through all of a run's work.
    pub clock: Clock,
}

/// Means over a window.
pub(crate) struct Reading {
    /// By name.
    pub values: BTreeMap<String, f64>,
    /// The first step (from 0) with a scalar that is not finite, or with a gradient above the bound, and which.
    pub diverged: Option<(u64, String)>,
}

impl Window {
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

    /// Reads and empties the scalars; waits for the device. Norms of gradients above a `bound` are a divergence; without
    /// one they are only recorded, for the square of a gradient may overflow where its step does not.
    pub(crate) fn read(&mut self, bound: Option<f64>) -> Reading {
        let (mut values, mut diverged) = (BTreeMap::new(), None::<(u64, String)>);
        for (name, (steps, scalars)) in std::mem::take(&mut self.scalars) {
            let read: Vec<f64> = Tensor::cat(scalars, 0).into_data().iter().collect();
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
            diverged = [diverged, found].into_iter().flatten().min_by_key(|(step, _)| *step);
            values.insert(name.into_owned(), read.iter().sum::<f64>() / read.len() as f64);
        }
        Reading { values, diverged }
    }
}
