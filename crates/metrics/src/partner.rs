//! Whether what was made of an input is nearer to the partner that it has in truth than to the partners of others.

use crate::distances::{Tiles, by_row};
use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NEEDED: &str = "features of what was made of the inputs of a data set whose true partners are known";

/// Distance of each translated sample to its true partner in features, and the partner's rank among all partners.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partner {}

impl Settings for Partner {
    const NAME: &'static str = "partner";
}

impl Metric for Partner {
    fn entry() -> Entry {
        Entry {
            about: "distance of translated samples to their true partners in features, and their rank among all",
            paper: "as matching is judged in Zhu et al. 2017, arXiv 1703.10593, with retrieval in place of people",
            samples: NEEDED,
            view: View::PairFeatures,
            smallest: Smallest::Samples(2),
            settings: "",
            quantities: vec![
                Quantity::lower("partner_distance", "features"),
                Quantity::lower("partner_rank", "share").in_tables(),
                Quantity::higher("partner_found", "share").in_tables(),
            ],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = partners(input.real, input.fake)?;
        let settings = Some(format!("among {}", input.real.len()));
        let value = |value: f64| Measured { settings: settings.clone(), ..value.into() };
        Ok(vec![found.distance.into(), value(found.rank), value(found.found)])
    }
}

/// Means over the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Partners {
    /// Euclidean distance of a sample to its partner. Lower is better.
    pub distance: f64,
    /// The share of the other samples' partners that are nearer than its own, those as near counting half: 0 if its own is
    /// the nearest, 0.5 by chance. Lower is better.
    pub rank: f64,
    /// The share of samples whose own partner is nearer than any other: by chance one in as many as there are. Higher is
    /// better.
    pub found: f64,
}

/// Ranks partner i of each sample i of `made` among all `partners` by Euclidean distance.
///
/// Cost: `samples² · width`.
///
/// # Errors
/// Sets of different sizes, or fewer than two samples.
pub fn partners(partners: Features, made: Features) -> Result<Partners, MetricError> {
    check(Partner::NAME, partners, made, 2, "a partner is looked for among others")?;
    if partners.len() != made.len() {
        return Err(MetricError::Kind { metric: Partner::NAME, needed: NEEDED });
    }
    let count = made.len();
    let exact = |index: usize, other: usize| {
        // Differences of large squares lose the digits of a small distance.
        let values = made.row(index).into_iter().zip(partners.row(other));
        values.map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
    };
    let own: Vec<f64> = (0..count).map(|index| exact(index, index)).collect();
    let near = |row: usize, squared: f64| (squared - own[row]).abs() <= 1e-9 * (1.0 + own[row]);
    let visit = |(nearer, as_near): &mut (usize, usize), row: usize, column: usize, squared: f64| {
        if row == column {
            return;
        }
        let squared = if near(row, squared) { exact(row, column) } else { squared };
        *nearer += usize::from(squared < own[row]);
        *as_near += usize::from(squared == own[row]);
    };
    let places = by_row(&Tiles::of(made), &Tiles::of(partners), &(0, 0), visit);
    let rank = |(nearer, as_near): &(usize, usize)| (*nearer as f64 + *as_near as f64 / 2.0) / (count - 1) as f64;
    Ok(Partners {
        distance: own.iter().map(|squared| squared.sqrt()).sum::<f64>() / count as f64,
        rank: places.iter().map(rank).sum::<f64>() / count as f64,
        found: places.iter().filter(|place| **place == (0, 0)).count() as f64 / count as f64,
    })
}
