//! Modes of a mixture of Gaussians in the plane: which of them does the generator reach?

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Modes of eight Gaussians on a circle (Srivastava et al. 2017, Lin et al. 2018).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModesRing8 {}

impl Settings for ModesRing8 {
    const NAME: &'static str = "modes_ring_8";
}

impl Metric for ModesRing8 {
    fn entry() -> Entry {
        Entry {
            about: "modes of eight Gaussians on a circle",
            paper: "Srivastava et al. 2017, Lin et al. 2018",
            samples: "points in the plane, of the fake samples",
            view: View::Samples,
            smallest: Smallest::Samples(1),
            settings: "radius 1, deviation 0.01",
            quantities: vec![
                Quantity::higher("ring_8_modes", "modes").in_tables(),
                Quantity::higher("ring_8_high_quality", "share").in_tables(),
                Quantity::lower("ring_8_reverse_kl", "nats"),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        is_plane(format)
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        measured(input, &Mixture::ring_8())
    }
}

/// Modes of 25 Gaussians on a grid (Srivastava et al. 2017, Lin et al. 2018).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModesGrid25 {}

impl Settings for ModesGrid25 {
    const NAME: &'static str = "modes_grid_25";
}

impl Metric for ModesGrid25 {
    fn entry() -> Entry {
        Entry {
            about: "modes of 25 Gaussians on a grid",
            paper: "Srivastava et al. 2017, Lin et al. 2018",
            samples: "points in the plane, of the fake samples",
            view: View::Samples,
            smallest: Smallest::Samples(1),
            settings: "spacing 2, deviation 0.05",
            quantities: vec![
                Quantity::higher("grid_25_modes", "modes").in_tables(),
                Quantity::higher("grid_25_high_quality", "share").in_tables(),
                Quantity::lower("grid_25_reverse_kl", "nats"),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        is_plane(format)
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        measured(input, &Mixture::grid_25())
    }
}

fn is_plane(format: Format) -> bool {
    matches!(format, Format::Points { dims: 2, .. })
}

fn measured(input: &Input, mixture: &Mixture) -> Result<Vec<Measured>, MetricError> {
    let found = modes(input.fake, mixture)?;
    Ok([found.covered as f64, found.high_quality, found.reverse_kl].map(Measured::from).to_vec())
}

/// A mixture of equal round Gaussians.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// Their centres.
    pub centres: Vec<[f64; 2]>,
    /// Their standard deviation along each axis.
    pub deviation: f64,
}

/// What the samples make of a mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Modes {
    /// Modes with at least one sample of high quality. Higher is better.
    pub covered: usize,
    /// Share of samples within three deviations of the nearest centre. Higher is better.
    pub high_quality: f64,
    /// `KL(q ‖ uniform)` in nats of the shares q of the modes among all samples, each given to its nearest centre.
    /// Lower is better.
    pub reverse_kl: f64,
}

impl Mixture {
    /// Eight modes on the unit circle, deviation 0.01 (the set-up of PacGAN's code, Lin et al. 2018).
    pub fn ring_8() -> Self {
        let centre = |mode: u32| {
            let (sin, cos) = libm::sincos(TAU * f64::from(mode) / 8.0);
            [cos, sin]
        };
        Self { centres: (0..8).map(centre).collect(), deviation: 0.01 }
    }

    /// Twenty-five modes at {-4, -2, 0, 2, 4}², deviation 0.05 (the same).
    pub fn grid_25() -> Self {
        let at = |index: u32| -4.0 + 2.0 * f64::from(index);
        Self { centres: (0..25).map(|mode| [at(mode / 5), at(mode % 5)]).collect(), deviation: 0.05 }
    }
}

/// Modes covered, share of high quality and reverse KL: Srivastava et al. 2017 (VEEGAN), section 4.1; Lin et al. 2018
/// (PacGAN), section 4.1.
///
/// Units: modes, share, nats. Cost: `samples · modes`.
///
/// # Errors
/// No samples, or samples that are not points in the plane.
pub fn modes(points: Features, mixture: &Mixture) -> Result<Modes, MetricError> {
    if points.width() != 2 {
        return Err(MetricError::Kind { metric: "modes", needed: "points in the plane, two features each" });
    }
    check_one("modes", Side::Fake, points, 1, "there is nothing to count")?;
    let mut counts = vec![(0usize, 0usize); mixture.centres.len()];
    for point in points.matrix().rows() {
        let squared = |centre: &[f64; 2]| (point[0] - centre[0]).powi(2) + (point[1] - centre[1]).powi(2);
        let distances = mixture.centres.iter().map(squared).enumerate();
        if let Some((mode, squared)) = distances.min_by(|a, b| a.1.total_cmp(&b.1)) {
            counts[mode].0 += 1;
            counts[mode].1 += usize::from(squared.sqrt() <= 3.0 * mixture.deviation);
        }
    }
    let share = |count: usize| count as f64 / points.len() as f64;
    let uniform = 1.0 / counts.len() as f64;
    let shares = counts.iter().map(|(all, _)| share(*all)).filter(|share| *share > 0.0);
    Ok(Modes {
        covered: counts.iter().filter(|(_, good)| *good > 0).count(),
        high_quality: share(counts.iter().map(|(_, good)| good).sum()),
        reverse_kl: shares.map(|share| share * libm::log(share / uniform)).sum(),
    })
}
