//! Sliced Wasserstein distance: optimal transport between the sets' shadows on random lines.

use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::random::Random;
use crate::{Features, MetricError};
use family::Settings;
use ndarray::Array1;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Of the metric.
const PROJECTIONS: usize = 256;

/// Optimal transport on random lines, lower is better (Bonneel et al. 2015, Deshpande et al. 2018).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlicedWasserstein {}

impl Settings for SlicedWasserstein {
    const NAME: &'static str = "sliced_wasserstein";
}

impl Metric for SlicedWasserstein {
    fn entry() -> Entry {
        Entry {
            about: "optimal transport on random lines",
            paper: "Bonneel et al. 2015, Deshpande et al. 2018",
            samples: "features",
            view: View::Features,
            smallest: Smallest::Samples(1),
            settings: "256 projections",
            quantities: vec![
                Quantity::lower("sliced_wasserstein_1", "features"),
                Quantity::lower("sliced_wasserstein_2", "features"),
            ],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = sliced_wasserstein(input.real, input.fake, PROJECTIONS, input.seed)?;
        Ok(vec![found.first.into(), found.second.into()])
    }
}

/// Distances of the shadows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sliced {
    /// Mean over the lines of the distance W₁.
    pub first: f64,
    /// Root of the mean over the lines of the squared distance W₂².
    pub second: f64,
}

/// Over `projections` lines that `seed` decides: Bonneel et al. 2015, section 2.4; for GANs Deshpande et al. 2018.
///
/// Unit: features. Lower is better, 0 for equal sets. Cost: `projections · samples · (width + log samples)`.
///
/// # Errors
/// An empty set.
pub fn sliced_wasserstein(
    real: Features,
    fake: Features,
    projections: usize,
    seed: u64,
) -> Result<Sliced, MetricError> {
    let width = real.width();
    let lines = (0..projections.max(1) as u64).map(|line| Random::new(seed, line).direction(width));
    sliced_wasserstein_on(real, fake, &lines.collect::<Vec<_>>())
}

/// The same over given unit vectors.
///
/// # Errors
/// An empty set.
pub fn sliced_wasserstein_on(real: Features, fake: Features, lines: &[Vec<f64>]) -> Result<Sliced, MetricError> {
    check("sliced_wasserstein", real, fake, 1, "nothing cannot be moved")?;
    let (reals, fakes) = (real.matrix(), fake.matrix());
    let distances: Vec<(f64, f64)> = lines
        .par_iter()
        .map(|line| {
            let line = Array1::from(line.clone());
            let shadow = |set: &ndarray::Array2<f64>| {
                let mut shadow = set.dot(&line).to_vec();
                shadow.sort_unstable_by(f64::total_cmp);
                shadow
            };
            transport(&shadow(&reals), &shadow(&fakes))
        })
        .collect();
    let count = distances.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| distances.iter().map(of).sum::<f64>() / count;
    Ok(Sliced { first: mean(|(first, _)| *first), second: mean(|(_, squared)| *squared).sqrt() })
}

/// W₁ and W₂² of two sorted sets of numbers: the integrals of the difference of their quantile functions.
fn transport(left: &[f64], right: &[f64]) -> (f64, f64) {
    // Positions in units of 1 / (left · right) are whole numbers: no rounding decides who meets whom.
    let (step, other_step) = (right.len() as u128, left.len() as u128);
    let whole = (step * other_step) as f64;
    let (mut i, mut j, mut at) = (0, 0, 0);
    let (mut first, mut squared) = (0.0, 0.0);
    while i < left.len() && j < right.len() {
        let (end, other_end) = ((i as u128 + 1) * step, (j as u128 + 1) * other_step);
        let next = end.min(other_end);
        let share = (next - at) as f64 / whole;
        let difference = (left[i] - right[j]).abs();
        first += share * difference;
        squared += share * difference * difference;
        i += usize::from(next == end);
        j += usize::from(next == other_end);
        at = next;
    }
    (first, squared)
}
