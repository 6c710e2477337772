//! The best configurations of a sweep and what real samples get, for the end of a command.

use crate::compare::{configurations, quantities, ranking};
use crate::page::comparison;
use crate::run::RunView;
use crate::study::Study;
use record::Direction;
use serde::Serialize;
use std::collections::BTreeMap;

/// Configurations that are listed.
const LISTED: usize = 3;

/// The best configurations, the best one first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leaderboard {
    /// The quantity that they are ranked by.
    pub quantity: String,
    /// Where its values should be.
    pub direction: Direction,
    /// How it was measured: number of samples, features, split.
    pub measured: String,
    /// What real samples get in place of the generated ones.
    pub floor: Option<f64>,
    /// What needs no network gets in place of a generator that translates, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub baselines: BTreeMap<String, f64>,
    /// At most three.
    pub configurations: Vec<Leader>,
    /// All configurations, also those that have no place in the ranking.
    pub of: usize,
    /// Which others the best one is not shown to differ from, and what to do; empty if there are none.
    pub verdict: String,
    /// The heading, for people.
    #[serde(skip)]
    pub heading: String,
    /// The floor, for people.
    #[serde(skip)]
    pub floor_text: Option<String>,
    /// The baselines in words with their values, for people.
    #[serde(skip)]
    pub baseline_texts: Vec<[String; 2]>,
}

/// A configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leader {
    /// What sets it apart.
    pub label: String,
    /// Mean over the runs that are done and have a value, each at its selected step.
    pub mean: f64,
    /// Half the 95 % interval of the mean; `None` for a single run.
    pub half: Option<f64>,
    /// Runs that count.
    pub runs: usize,
    /// Planned runs.
    pub planned: usize,
    /// Ids of the planned runs.
    pub ids: Vec<String>,
    /// Mean and interval, for people.
    #[serde(skip)]
    pub score: String,
    /// How many seeds count, and at which step, for people.
    #[serde(skip)]
    pub seeds: String,
}

impl Leaderboard {
    /// `None` if no run that is done was evaluated.
    pub(crate) fn of(study: &Study, views: &[RunView]) -> Option<Self> {
        let configurations = configurations(views, &study.settings);
        let quantities = quantities(views);
        let ranking = ranking(views, &configurations, &quantities)?;
        let comparison = comparison(views, &ranking, &configurations);
        let leader = |(place, line): (&crate::compare::Place, &crate::page::Line)| Leader {
            label: line.label.clone(),
            mean: place.mean.mean,
            half: place.mean.half,
            runs: place.mean.count,
            planned: place.planned,
            ids: configurations[place.configuration].runs.iter().map(|run| views[*run].row.id.clone()).collect(),
            score: format!("{} {}", line.mean, line.half).trim_end().to_owned(),
            seeds: format!(
                "{} {}, step {}",
                line.counted,
                if place.planned == 1 { "seed" } else { "seeds" },
                line.steps
            ),
        };
        let leaders = ranking.places.iter().zip(&comparison.lines).take(LISTED).map(leader).collect();
        Some(Self {
            quantity: ranking.quantity.name.clone(),
            direction: ranking.quantity.direction,
            measured: comparison.measured,
            floor: ranking.quantity.floor,
            baselines: ranking.quantity.baselines.clone(),
            configurations: leaders,
            of: configurations.len(),
            verdict: comparison.verdict,
            heading: comparison.quantity,
            floor_text: comparison.floor,
            baseline_texts: comparison.baselines,
        })
    }
}
