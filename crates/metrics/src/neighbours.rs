//! Distances of samples to the nearest training sample: has the generator learnt its data by heart?

use crate::distances::{Tiles, by_row};
use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Distances to the nearest of all training samples, which show copies (Meehan et al. 2020).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Neighbours {}

impl Settings for Neighbours {
    const NAME: &'static str = "neighbours";
}

impl Metric for Neighbours {
    fn entry() -> Entry {
        Entry {
            about: "distances to the nearest of all real samples: copies show",
            paper: "Meehan et al. 2020",
            samples: "features",
            view: View::Training,
            smallest: Smallest::Samples(1),
            settings: "",
            quantities: vec![
                Quantity::floor("neighbours_mean", "features"),
                Quantity::floor("neighbours_smallest", "features"),
                Quantity::floor("copies", "share"),
            ],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = neighbours(input.training, input.fake)?;
        let count = found.len() as f64;
        let mean = found.iter().map(|neighbour| neighbour.distance).sum::<f64>() / count;
        let smallest = found.iter().map(|neighbour| neighbour.distance).fold(f64::INFINITY, f64::min);
        let copies = found.iter().filter(|neighbour| neighbour.distance == 0.0).count() as f64 / count;
        Ok([mean, smallest, copies].map(Measured::from).to_vec())
    }
}

/// A sample's nearest training sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which.
    pub index: usize,
    /// Euclidean distance, exactly 0 for a copy.
    pub distance: f64,
}

/// The nearest training sample of each fake one. Copies show as distances far below those of held-out real samples
/// (Meehan et al. 2020, section 2).
///
/// Unit: features. Neither high nor low is good: compare with what held-out real samples get. Cost:
/// `training · fake · width`.
///
/// # Errors
/// An empty set.
pub fn neighbours(training: Features, fake: Features) -> Result<Vec<Neighbour>, MetricError> {
    check("neighbours", training, fake, 1, "there is no nearest of none")?;
    let nearest = by_row(&Tiles::of(fake), &Tiles::of(training), &(0, f64::INFINITY), |nearest, _, column, squared| {
        if squared < nearest.1 {
            *nearest = (column, squared);
        }
    });
    let exact = |(row, (index, _)): (usize, &(usize, f64))| {
        // Differences of large squares lose the digits of a small distance.
        let pairs = fake.row(row).into_iter().zip(training.row(*index));
        Neighbour { index: *index, distance: pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt() }
    };
    Ok(nearest.par_iter().enumerate().map(exact).collect())
}
