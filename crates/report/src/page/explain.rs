//! Which settings matter for which measure, and what a budget of runs may be expected to find.

use super::measure::Measure;
use crate::compare::{Quantity, score};
use crate::run::RunView;
use crate::settings::{Settings, setting, text};
use crate::statistics::{Factor, expected_best, importance};
use rayon::prelude::*;
use record::Direction;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Runs below which a part of the sweep has no budget curve.
const FEWEST_OF_BUDGET: usize = 3;

/// Expected best score of 1, 2, 3 ... runs.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Budget {
    pub label: String,
    pub values: Vec<f32>,
}

/// Whether a setting's values are places on a line.
pub(super) fn is_ordered(views: &[RunView], key: &str) -> bool {
    views.iter().all(|view| setting(view.planned, key).is_none_or(Value::is_number))
}

/// By index of the measure: for each differing setting, then for the seed, its share and rank correlation.
pub(super) fn importances(
    views: &[RunView],
    settings: &Settings,
    measures: &[Measure],
    quantities: &[Quantity],
) -> BTreeMap<usize, Vec<(f32, Option<f32>)>> {
    let factors: Vec<Factor> = settings.differing.iter().map(|key| factor(views, key)).chain([seeds(views)]).collect();
    let of = |(index, measure): (usize, &Measure)| {
        let scores = measure.scores(views, measure.quantity.map(|index| &quantities[index]));
        let known: Vec<usize> = (0..views.len()).filter(|run| scores[*run].is_some()).collect();
        let part = |factor: &Factor| Factor {
            values: known.iter().map(|run| factor.values[*run]).collect(),
            ordered: factor.ordered,
        };
        let scores: Vec<f64> = known.iter().filter_map(|run| scores[*run]).collect();
        let found = importance(&factors.iter().map(part).collect::<Vec<_>>(), &scores)?;
        Some((
            index,
            found.iter().map(|importance| (importance.share as f32, importance.rho.map(|rho| rho as f32))).collect(),
        ))
    };
    measures.par_iter().enumerate().filter(|(_, measure)| !measure.is_extra).filter_map(of).collect()
}

fn factor(views: &[RunView], key: &str) -> Factor {
    let ordered = is_ordered(views, key);
    let mut names: Vec<String> = Vec::new();
    let place = |view: &RunView| {
        let value = setting(view.planned, key);
        if let (true, Some(number)) = (ordered, value.and_then(Value::as_f64)) {
            return number;
        }
        let name = value.map(text).unwrap_or_default();
        let known = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        // A run without the setting stands below all numbers.
        if ordered { f64::NEG_INFINITY } else { known as f64 }
    };
    Factor { values: views.iter().map(place).collect(), ordered }
}

fn seeds(views: &[RunView]) -> Factor {
    Factor { values: views.iter().map(|view| view.row.seed as f64).collect(), ordered: false }
}

/// For all runs, and for each value of the first setting that is a word: other settings then are what one searches.
pub(super) fn budget(views: &[RunView], settings: &Settings, quantities: &[Quantity]) -> Vec<Budget> {
    let Some(quantity) = quantities.first() else { return Vec::new() };
    let scored: Vec<(&RunView, f64)> =
        views.iter().filter_map(|view| Some((view, quantity.distance(score(view, quantity)?)?))).collect();
    let sign = if quantity.direction == Direction::Higher { -1.0 } else { 1.0 };
    let curve = |label: String, scores: &[f64]| {
        let values = expected_best(scores).into_iter().map(|value| (sign * value) as f32).collect();
        (scores.len() >= FEWEST_OF_BUDGET).then_some(Budget { label, values })
    };
    let all: Vec<f64> = scored.iter().map(|(_, score)| *score).collect();
    let mut curves: Vec<Budget> = curve("all runs".into(), &all).into_iter().collect();
    if let Some(key) = settings.differing.iter().find(|key| !is_ordered(views, key)) {
        let mut parts: Vec<(String, Vec<f64>)> = Vec::new();
        for (view, score) in &scored {
            let name = setting(view.planned, key).map(text).unwrap_or_default();
            match parts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, scores)) => scores.push(*score),
                None => parts.push((name, vec![*score])),
            }
        }
        curves.extend(parts.into_iter().filter_map(|(name, scores)| curve(name, &scores)));
    }
    curves
}
