//! Scalars between two readings: kept on the device, read in one go.

use burn::tensor::Tensor;
use models::Played;
use std::collections::BTreeMap;

/// What was played since the last reading.
#[derive(Default)]
pub(crate) struct Window {
    /// Values by name, with the step (from 0) of each.
    scalars: BTreeMap<&'static str, (Vec<u64>, Vec<Tensor<1>>)>,
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

    /// Reads and empties the window; waits for the device. Norms of gradients above `bound` are a divergence.
    pub fn read(&mut self, bound: f64) -> Reading {
        let (mut values, mut diverged) = (BTreeMap::new(), None::<(u64, String)>);
        for (name, (steps, scalars)) in std::mem::take(&mut self.scalars) {
            let read: Vec<f64> = Tensor::cat(scalars, 0).into_data().iter().collect();
            let bound = if name.starts_with("gradient/") { bound } else { f64::INFINITY };
            let found = read.iter().position(|value| !value.is_finite() || *value > bound).map(|at| {
                let what = if read[at].is_finite() {
                    format!("{:.3e}, above {bound:.3e},", read[at])
                } else {
                    "not finite".into()
                };
                (steps[at], format!("`{name}` is {what}"))
            });
            diverged = [diverged, found].into_iter().flatten().min_by_key(|(step, _)| *step);
            values.insert(name.to_owned(), read.iter().sum::<f64>() / read.len() as f64);
        }
        Reading { values, diverged }
    }
}
