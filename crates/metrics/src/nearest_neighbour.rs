//! Can the nearest neighbour tell real from fake?

use crate::distances::{Tiles, by_row};
use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Accuracy of the 1-nearest-neighbour classifier of real and fake samples, best at 0.5 (Lopez-Paz and Oquab 2017).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearestNeighbour {}

impl Settings for NearestNeighbour {
    const NAME: &'static str = "nearest_neighbour";
}

impl Metric for NearestNeighbour {
    fn entry() -> Entry {
        Entry {
            about: "accuracy of the 1-nearest-neighbour classifier of real and fake",
            paper: "Lopez-Paz and Oquab 2017",
            samples: "features",
            view: View::Features,
            smallest: Smallest::Samples(2),
            settings: "leave one out",
            quantities: vec![
                Quantity::half("nearest_neighbour", "share"),
                Quantity::half("nearest_neighbour_real", "share"),
                Quantity::half("nearest_neighbour_fake", "share"),
            ],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = nearest_neighbour(input.real, input.fake)?;
        Ok([found.all, found.real, found.fake].map(Measured::from).to_vec())
    }
}

/// How often a sample's nearest other sample is in the same set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    /// Of all samples.
    pub all: f64,
    /// Of the real ones: low where fakes crowd around real samples.
    pub real: f64,
    /// Of the fake ones: high where fakes crowd together, as in a collapse.
    pub fake: f64,
}

/// Leave-one-out accuracy of the 1-nearest-neighbour classifier on the union: Lopez-Paz and Oquab 2017, section 3; split
/// by set as Xu et al. 2018 do.
///
/// Unit: share. 0.5 is best where the sets are of one size: above, they can be told apart; below, the fakes are copies.
/// Cost: `(real + fake)² · width`.
///
/// # Errors
/// Fewer than two samples of either.
pub fn nearest_neighbour(real: Features, fake: Features) -> Result<Accuracy, MetricError> {
    check("nearest_neighbour", real, fake, 2, "each needs another one of its set")?;
    let (reals, fakes) = (Tiles::of(real), Tiles::of(fake));
    let own = |tiles: &Tiles| {
        by_row(tiles, tiles, &f64::INFINITY, |nearest, row, column, squared| {
            if row != column {
                *nearest = nearest.min(squared);
            }
        })
    };
    let other =
        |rows, columns| by_row(rows, columns, &f64::INFINITY, |nearest, _, _, squared| *nearest = nearest.min(squared));
    // A tie is no evidence of being the same.
    let right = |own: Vec<f64>, other: Vec<f64>| own.iter().zip(&other).filter(|(own, other)| own < other).count();
    let real_right = right(own(&reals), other(&reals, &fakes));
    let fake_right = right(own(&fakes), other(&fakes, &reals));
    let share = |right: usize, of: usize| right as f64 / of as f64;
    Ok(Accuracy {
        all: share(real_right + fake_right, real.len() + fake.len()),
        real: share(real_right, real.len()),
        fake: share(fake_right, fake.len()),
    })
}
