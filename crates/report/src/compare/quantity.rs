//! Evaluated quantities: the numbers by which runs may be called better or worse.

use crate::run::RunView;
use record::{Direction, Evaluation, FAVOURITE};
use std::collections::BTreeMap;

/// A quantity of a sweep, and what it was measured with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantity {
    pub name: String,
    pub direction: Direction,
    /// What other real samples get in place of the generated ones.
    pub floor: Option<f64>,
    /// What needs no network gets in place of a generator that translates, by its name.
    pub baselines: BTreeMap<String, f64>,
    /// Some run's data hold nothing out, so its values are against training data.
    pub is_against_training: bool,
    /// Each way in which it was measured: more than one cannot be compared.
    pub settings: Vec<String>,
}

impl Quantity {
    /// How far a value is from where it should be; less is better.
    pub(crate) fn distance(&self, value: f64) -> Option<f64> {
        self.direction.distance(value, self.floor)
    }

    /// A sign beside the name.
    pub(crate) fn arrow(&self) -> &'static str {
        match self.direction {
            Direction::Lower => "↓",
            Direction::Higher => "↑",
            Direction::Half => "→ ½",
            Direction::Floor => "→ floor",
        }
    }
}

/// The quantities of all runs, the one to rank by first.
pub(crate) fn quantities(views: &[RunView]) -> Vec<Quantity> {
    let mut found: BTreeMap<&str, Quantity> = BTreeMap::new();
    for view in views {
        let has_test = view.evaluations.iter().any(|evaluation| evaluation.split == Evaluation::TEST);
        let reported = if has_test { Evaluation::TEST } else { Evaluation::TRAIN };
        for evaluation in view.evaluations.iter().filter(|evaluation| evaluation.split == reported) {
            let Evaluation { count, features, split, .. } = evaluation;
            let against = if split == Evaluation::TRAIN { "training data" } else { "the test split" };
            let setting = format!("{count} samples, {features} features, against {against}");
            for (name, measurement) in &evaluation.values {
                let parts = [&setting].into_iter().chain(evaluation.settings.get(name));
                let setting = parts.map(String::as_str).collect::<Vec<_>>().join(", ");
                let quantity = found.entry(name).or_insert_with(|| Quantity {
                    name: name.clone(),
                    direction: measurement.direction,
                    floor: None,
                    baselines: BTreeMap::new(),
                    is_against_training: false,
                    settings: Vec::new(),
                });
                quantity.is_against_training |= split == Evaluation::TRAIN;
                quantity.floor = quantity.floor.or(evaluation.floors.get(name).copied());
                for (baseline, values) in &evaluation.baselines {
                    let value = values.get(name).map(|value| (baseline.clone(), *value));
                    quantity.baselines.extend(value.filter(|(name, _)| !quantity.baselines.contains_key(name)));
                }
                if !quantity.settings.contains(&setting) {
                    quantity.settings.push(setting);
                }
            }
        }
    }
    let mut quantities: Vec<Quantity> = found.into_values().collect();
    quantities.sort_by_key(|quantity| quantity.name != FAVOURITE);
    quantities
}

/// How the steps of runs were chosen by a quantity: see [`record::select`].
pub(crate) fn chosen_by(views: &[RunView], name: &str) -> String {
    let known = |evaluation: &Evaluation| evaluation.split == Evaluation::TRAIN && evaluation.values.contains_key(name);
    if views.iter().any(|view| view.evaluations.iter().any(known)) {
        format!("the best one by {name} on the training split")
    } else {
        format!("the newest one, since {name} is known of held-out samples alone")
    }
}
