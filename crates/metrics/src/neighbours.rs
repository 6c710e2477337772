//! Distances of samples to the nearest training sample: has the generator learnt its data by heart?

use crate::distances::{Tiles, by_row};
use crate::features::check;
use crate::{Features, MetricError};
use rayon::prelude::*;

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
