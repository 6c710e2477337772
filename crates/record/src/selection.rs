//! The step that stands for a run in tables and rankings: all of its numbers are of that one checkpoint.

use crate::{Evaluation, FAVOURITE};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The selected step of a run, and what was measured there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Selection {
    /// The step.
    #[serde(rename = "selected_step")]
    pub step: u64,
    /// The quantity that it was selected by.
    #[serde(rename = "selected_by")]
    pub by: String,
    /// Quantities that have a value at that step: of the test split, where there is one.
    #[serde(rename = "selected")]
    pub values: BTreeMap<String, f64>,
}

/// Selects a run's step: the best one by the [`FAVOURITE`] quantity against training samples, so that a value against
/// the test split is not the luckiest of many; the first of equals. Where training samples have no value, the newest one. `None`
/// without an evaluation that can be compared.
pub fn select(evaluations: &[Evaluation]) -> Option<Selection> {
    let (step, by) = best(evaluations, |_| true)?;
    let names: BTreeSet<&String> = evaluations.iter().flat_map(|evaluation| evaluation.values.keys()).collect();
    let at_step = |name: &String| {
        let found = reported(evaluations, name).rfind(|evaluation| evaluation.step == step)?;
        Some((name.clone(), found.values[name].value))
    };
    Some(Selection { step, by: by.to_owned(), values: names.into_iter().filter_map(at_step).collect() })
}

/// The best of these steps, by the rule of [`select`].
pub fn best_step(evaluations: &[Evaluation], steps: &[u64]) -> Option<u64> {
    best(evaluations, |step| steps.contains(&step)).map(|(step, _)| step)
}

/// The best step that is eligible, and the quantity that decided: the favourite, else the first by name that has a value.
fn best(evaluations: &[Evaluation], is_eligible: impl Fn(u64) -> bool) -> Option<(u64, &str)> {
    let is_of_training = |found: &Evaluation| found.split == Evaluation::TRAIN && !found.values.is_empty();
    let is_held_out = !evaluations.iter().any(is_of_training);
    let split = if is_held_out { Evaluation::TEST } else { Evaluation::TRAIN };
    let of_split = evaluations.iter().filter(|evaluation| evaluation.split == split);
    let names: BTreeSet<&String> = of_split.flat_map(|evaluation| evaluation.values.keys()).collect();
    let mut names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    names.sort_by_key(|name| *name != FAVOURITE);
    names.into_iter().find_map(|name| {
        let eligible = comparable(evaluations, split, name).filter(|evaluation| is_eligible(evaluation.step));
        let distances = eligible.filter_map(|evaluation| Some((evaluation.step, evaluation.distance(name)?)));
        let chosen = if is_held_out {
            distances.max_by_key(|(step, _)| *step)
        } else {
            distances.min_by(|a, b| a.1.total_cmp(&b.1))
        };
        chosen.map(|(step, _)| (step, name))
    })
}

/// The evaluations of a split that have a value of the quantity, measured as the newest one was: values at other counts
/// or of other features cannot be compared.
pub(crate) fn comparable<'a>(
    evaluations: &'a [Evaluation],
    split: &'a str,
    name: &'a str,
) -> impl DoubleEndedIterator<Item = &'a Evaluation> {
    let of_split = move || evaluations.iter().filter(move |e| e.split == split && e.values.contains_key(name));
    let newest = of_split().max_by(|a, b| a.at.total_cmp(&b.at));
    of_split().filter(move |evaluation| newest.is_some_and(|newest| newest.is_comparable(evaluation)))
}

/// The evaluations whose values of the quantity are reported: those of the test split, where it has any.
pub(crate) fn reported<'a>(
    evaluations: &'a [Evaluation],
    name: &'a str,
) -> impl DoubleEndedIterator<Item = &'a Evaluation> {
    let has_test = comparable(evaluations, Evaluation::TEST, name).next().is_some();
    comparable(evaluations, if has_test { Evaluation::TEST } else { Evaluation::TRAIN }, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, Measurement};

    /// At a step that is also its time.
    fn evaluation(step: u64, split: &str, values: &[(&str, f64, Direction)]) -> Evaluation {
        let mut evaluation = Evaluation {
            step,
            at: step as f64,
            count: 100,
            features: "pixels".into(),
            features_hash: "blake3:0".into(),
            split: split.into(),
            values: BTreeMap::new(),
            floors: BTreeMap::new(),
            baselines: BTreeMap::new(),
            problems: BTreeMap::new(),
            by_class: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        for (name, value, direction) in values {
            evaluation.insert(name, Measurement { value: *value, standard_error: None, direction: *direction });
        }
        evaluation
    }

    const TRAIN: &str = Evaluation::TRAIN;
    const TEST: &str = Evaluation::TEST;

    fn frechet(step: u64, split: &str, value: f64) -> Evaluation {
        let values = [("density", value, Direction::Higher), ("frechet", value, Direction::Lower)];
        evaluation(step, split, &values)
    }

    #[test]
    fn the_best_of_some_steps_is_chosen_by_training_images() {
        let of = [
            frechet(10, TRAIN, 3.0),
            frechet(20, TRAIN, 1.0),
            frechet(20, TEST, 9.0),
            frechet(30, TRAIN, 2.0),
            frechet(30, TEST, 0.5),
            frechet(40, TRAIN, 2.0),
        ];
        let check = |evaluations: &[Evaluation], steps: &[u64], expected| {
            assert_eq!(best_step(evaluations, steps), expected, "{steps:?}");
        };
        check(&of, &[10, 20, 30, 40], Some(20));
        check(&of, &[40, 30, 10], Some(30));
        check(&of, &[15], None);
        check(&[], &[10], None);
        let recall = |step, value| evaluation(step, TRAIN, &[("recall", value, Direction::Higher)]);
        check(&[recall(10, 0.5), recall(20, 0.4)], &[10, 20], Some(10));
        let other = Evaluation { count: 7, ..frechet(50, TRAIN, 4.0) };
        check(&[&of[..], &[other]].concat(), &[20, 50], Some(50));
    }

    #[test]
    fn values_of_held_out_samples_alone_choose_no_step() {
        let found = |step, value| evaluation(step, TEST, &[("partner_distance", value, Direction::Lower)]);
        let of = [evaluation(10, TRAIN, &[]), found(10, 1.0), evaluation(20, TRAIN, &[]), found(20, 2.0)];
        let selection = select(&of).unwrap();
        assert_eq!(
            (selection.step, selection.by.as_str(), selection.values["partner_distance"]),
            (20, "partner_distance", 2.0)
        );
        assert_eq!(best_step(&of, &[10]), Some(10));
    }

    #[test]
    fn all_values_are_of_the_selected_step() {
        let both = |step, split, frechet, recall| {
            evaluation(step, split, &[("frechet", frechet, Direction::Lower), ("recall", recall, Direction::Higher)])
        };
        let of =
            [both(10, TRAIN, 2.0, 0.1), both(10, TEST, 3.0, 0.2), both(20, TRAIN, 9.0, 0.8), both(20, TEST, 1.0, 0.9)];
        let expected = Selection {
            step: 10,
            by: "frechet".into(),
            values: [("frechet".to_owned(), 3.0), ("recall".to_owned(), 0.2)].into(),
        };
        assert_eq!(select(&of), Some(expected.clone()));
        // A quantity that was measured later, and elsewhere only, has no value here, and does not decide.
        let kid = evaluation(20, TRAIN, &[("kid", 0.5, Direction::Lower)]);
        assert_eq!(select(&[&of[..], &[kid]].concat()), Some(expected));
        assert_eq!(select(&of[1..2]).map(|found| (found.step, found.values["frechet"])), Some((10, 3.0)));
        assert_eq!(select(&[evaluation(10, TRAIN, &[("ms_ssim", 0.5, Direction::Floor)])]), None);
    }
}
