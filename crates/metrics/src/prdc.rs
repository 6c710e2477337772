//! Precision, recall, density and coverage: are the samples inside the data, and the data inside the samples?

use crate::distances::{Tiles, by_row, radii};
use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Of the metric.
const NEIGHBOURS: usize = 5;

/// Precision, recall, density and coverage, higher is better (Kynkäänniemi et al. 2019, Naeem et al. 2020).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrecisionRecall {}

impl Settings for PrecisionRecall {
    const NAME: &'static str = "prdc";
}

impl Metric for PrecisionRecall {
    fn entry() -> Entry {
        Entry {
            about: "fidelity (precision, density) and variety (recall, coverage)",
            paper: "Kynkäänniemi et al. 2019, Naeem et al. 2020",
            samples: "features",
            view: View::Features,
            smallest: Smallest::Samples(6),
            settings: "5 neighbours",
            quantities: vec![
                Quantity::higher("precision", "share").in_tables(),
                Quantity::higher("recall", "share").in_tables(),
                Quantity::higher("density", ""),
                Quantity::higher("coverage", "share"),
            ],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = prdc(input.real, input.fake, NEIGHBOURS)?;
        Ok([found.precision, found.recall, found.density, found.coverage].map(Measured::from).to_vec())
    }
}

/// Shares of samples inside balls around the other set's samples, whose radii reach to the k-th nearest neighbour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prdc {
    /// Share of fake samples inside some real ball (Kynkäänniemi et al. 2019, eq. 1): fidelity. Higher is better.
    pub precision: f64,
    /// Share of real samples inside some fake ball (the same): variety. Higher is better.
    pub recall: f64,
    /// Number of real balls that hold a fake sample, mean over k (Naeem et al. 2020, eq. 3): fidelity that an outlier's
    /// wide ball does not decide. Higher is better, about 1 for equal distributions.
    pub density: f64,
    /// Share of real balls that hold a fake sample (Naeem et al. 2020, eq. 4): variety. Higher is better.
    pub coverage: f64,
}

/// Precision, recall, density and coverage with balls to the `neighbours`-th nearest other sample of the same set. A
/// sample on a ball's surface is outside.
///
/// No unit. Cost: `(real + fake)² · width`, in memory that does not grow with pairs.
///
/// # Errors
/// A set with not more samples than `neighbours`.
pub fn prdc(real: Features, fake: Features, neighbours: usize) -> Result<Prdc, MetricError> {
    let neighbours = neighbours.max(1);
    check("prdc", real, fake, neighbours + 1, "each needs its neighbours and itself")?;
    let (reals, fakes) = (Tiles::of(real), Tiles::of(fake));
    let (real_radii, fake_radii) = (radii(&reals, neighbours), radii(&fakes, neighbours));
    // Counts are whole numbers: the order in which threads add to them does not matter.
    let balls: Vec<AtomicUsize> = fake_radii.iter().map(|_| AtomicUsize::new(0)).collect();
    let rows = by_row(&reals, &fakes, &(false, false), |(recalled, covered), row, column, squared| {
        if squared < real_radii[row] {
            *covered = true;
            balls[column].fetch_add(1, Ordering::Relaxed);
        }
        *recalled |= squared < fake_radii[column];
    });
    let share = |inside: usize, all: usize| inside as f64 / all as f64;
    let balls: Vec<usize> = balls.into_iter().map(AtomicUsize::into_inner).collect();
    Ok(Prdc {
        precision: share(balls.iter().filter(|count| **count > 0).count(), fake.len()),
        recall: share(rows.iter().filter(|(recalled, _)| *recalled).count(), real.len()),
        density: share(balls.iter().sum(), neighbours * fake.len()),
        coverage: share(rows.iter().filter(|(_, covered)| *covered).count(), real.len()),
    })
}
