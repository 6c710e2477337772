//! Configurations as a table: best first, each against the best one, seed by seed.

use super::format::{decimals, number};
use crate::compare::{Configuration, Place, Ranking};
use crate::statistics::Mean;

/// The table and what stands around it.
pub(super) struct Comparison {
    pub quantity: String,
    pub floor: Option<String>,
    /// Some run's data hold nothing out.
    pub is_against_training: bool,
    /// How the quantity was measured.
    pub measured: String,
    /// Whether runs were measured in different ways.
    pub is_mixed: bool,
    pub lines: Vec<Line>,
    /// Configurations without a score.
    pub unranked: usize,
}

impl Comparison {
    /// The first line; a ranking is never empty.
    pub(crate) fn best(&self) -> &Line {
        &self.lines[0]
    }
}

/// A configuration.
pub(super) struct Line {
    pub label: String,
    /// Index of the configuration.
    pub group: usize,
    pub mean: String,
    /// With its sign; empty for a single run.
    pub half: String,
    /// `3 of 3`
    pub counted: String,
    pub is_complete: bool,
    /// Mean difference to the best one; empty for that itself.
    pub difference: String,
    /// Its interval, or why there is none.
    pub interval: String,
    /// In how many pairs it is worse.
    pub worse: String,
}

pub(super) fn comparison(ranking: &Ranking, configurations: &[Configuration]) -> Comparison {
    let Ranking { quantity, places } = ranking;
    let decimals = decimals(places.iter().map(|place| place.mean.mean));
    let line = |place: &Place| {
        let label = configurations[place.configuration].label.clone();
        let Mean { mean, half, count } = place.mean;
        let (difference, interval, worse) = match &place.against_best {
            None => Default::default(),
            Some(paired) => (
                signed(paired.mean, decimals),
                paired.interval.map_or_else(
                    || "none: fewer than 3 shared seeds".into(),
                    |(low, high)| format!("{} to {}", signed(low, decimals), signed(high, decimals)),
                ),
                format!("{} of {}", paired.above, paired.pairs),
            ),
        };
        Line {
            label,
            group: place.configuration,
            mean: number(mean, decimals),
            half: half.map(|half| format!("± {}", number(half, decimals))).unwrap_or_default(),
            counted: format!("{count} of {}", place.planned),
            is_complete: place.is_complete(),
            difference,
            interval,
            worse,
        }
    };
    Comparison {
        quantity: format!("{} {}", quantity.name.replace('_', " "), quantity.arrow()),
        floor: quantity.floor.map(|floor| number(floor, decimals)),
        is_against_training: quantity.is_against_training,
        measured: quantity.settings.join("; "),
        is_mixed: quantity.settings.len() > 1,
        lines: places.iter().map(line).collect(),
        unranked: configurations.len() - places.len(),
    }
}

fn signed(value: f64, decimals: usize) -> String {
    let text = number(value.abs(), decimals);
    let sign = if value > 0.0 {
        "+"
    } else if value < 0.0 {
        "−"
    } else {
        ""
    };
    format!("{sign}{text}")
}
