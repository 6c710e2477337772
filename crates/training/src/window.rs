//! What steps leave to be recorded: scalars between two readings, kept on the device and read in one go.

use crate::clock::Clock;
use burn::tensor::Tensor;
use models::Played;
use std::collections::BTreeMap;

/// What was played since the last reading.
#[derive(Default)]
pub(crate) struct Window {
    /// Values by name, with the step (from 0) of each.
    scalars: BTreeMap<&'static str, (Vec<u64>, Vec<Tensor<1>>)>,
    /// The newest step, and the logits of real and generated images in each of the discriminator's turns in it.
    logits: (u64, Vec<[Tensor<1>; 2]>),
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
    /// Takes a turn of step `step` (from 0).
    pub fn take(&mut self, step: u64, played: Played) {
        if self.logits.0 != step {
            self.logits = (step, Vec::new());
        }
        self.logits.1.extend(played.logits);
        for (name, scalar) in played.scalars {
            let (steps, scalars) = self.scalars.entry(name).or_default();
            steps.push(step);
            scalars.push(scalar);
        }
    }

    /// Takes the norm of a network's gradient in step `step` (from 0).
    pub fn gradient(&mut self, step: u64, name: &'static str, norm: Tensor<1>) {
        let (steps, scalars) = self.scalars.entry(name).or_default();
        steps.push(step);
        scalars.push(norm);
    }

    /// Of real and generated images, in the discriminator's turns of the newest step.
    pub fn logits(&self) -> &[[Tensor<1>; 2]] {
        &self.logits.1
    }

    /// Reads and empties the scalars; waits for the device. Norms of gradients above a `bound` are a divergence; without
    /// one they are only recorded, for the square of a gradient may overflow where its step does not.
    pub fn read(&mut self, bound: Option<f64>) -> Reading {
        let (mut values, mut diverged) = (BTreeMap::new(), None::<(u64, String)>);
        for (name, (steps, scalars)) in std::mem::take(&mut self.scalars) {
            let read: Vec<f64> = Tensor::cat(scalars, 0).into_data().iter().collect();
            let bound = if name.starts_with("gradient/") { bound } else { Some(f64::INFINITY) };
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
            values.insert(name.to_owned(), read.iter().sum::<f64>() / read.len() as f64);
        }
        Reading { values, diverged }
    }
}
