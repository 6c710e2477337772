//! Which configuration is best, by the first evaluated quantity, and how sure that is.

use super::{Configuration, Quantity};
use crate::run::RunView;
use crate::statistics::{Mean, Paired, mean, paired};
use record::Status;
use std::cmp::Ordering;

/// Configurations, the best one first.
#[derive(Debug, PartialEq)]
pub(crate) struct Ranking<'a> {
    pub quantity: &'a Quantity,
    pub places: Vec<Place>,
}

/// A configuration that has a score.
#[derive(Debug, PartialEq)]
pub(crate) struct Place {
    /// Index of the configuration.
    pub configuration: usize,
    /// Of the runs that are done and have a score.
    pub mean: Mean,
    /// Planned runs.
    pub planned: usize,
    /// Seed by seed against the best configuration, above zero where this one is worse; `None` for the best one itself
    /// and where no seed is in both.
    pub against_best: Option<Paired>,
}

impl Place {
    /// Whether every planned run counts. A mean of survivors flatters.
    pub(crate) fn is_complete(&self) -> bool {
        self.mean.count == self.planned
    }
}

/// The score of a run: the quantity's value at the selected step, if the run came to its end.
pub(crate) fn score(view: &RunView, quantity: &Quantity) -> Option<f64> {
    view.row.selected(&quantity.name).filter(|value| view.row.status == Status::Done && value.is_finite())
}

/// Ranks by the first quantity; `None` if no run that is done has one. Configurations whose runs all count come before
/// those that lost some.
pub(crate) fn ranking<'a>(
    views: &[RunView],
    configurations: &[Configuration],
    quantities: &'a [Quantity],
) -> Option<Ranking<'a>> {
    let quantity = quantities.first()?;
    let scores = |configuration: &Configuration| -> Vec<(u64, f64)> {
        let scored = |run: &usize| Some((views[*run].row.seed, score(&views[*run], quantity)?));
        configuration.runs.iter().filter_map(scored).collect()
    };
    let mut places: Vec<Place> = configurations
        .iter()
        .enumerate()
        .filter_map(|(index, configuration)| {
            let values: Vec<f64> = scores(configuration).iter().map(|(_, score)| *score).collect();
            quantity.distance(*values.first()?)?;
            let planned = configuration.runs.len();
            Some(Place { configuration: index, mean: mean(&values)?, planned, against_best: None })
        })
        .collect();
    let distance = |place: &Place| quantity.distance(place.mean.mean).unwrap_or(f64::INFINITY);
    places.sort_by(|a, b| match b.is_complete().cmp(&a.is_complete()) {
        Ordering::Equal => distance(a).total_cmp(&distance(b)),
        unequal => unequal,
    });
    let best = scores(&configurations[places.first()?.configuration]);
    for place in &mut places[1..] {
        let differences: Vec<f64> = scores(&configurations[place.configuration])
            .iter()
            .filter_map(|(seed, score)| {
                let (_, of_best) = best.iter().find(|(other, _)| other == seed)?;
                Some(quantity.distance(*score)? - quantity.distance(*of_best)?)
            })
            .collect();
        place.against_best = paired(&differences);
    }
    Some(Ranking { quantity, places })
}
