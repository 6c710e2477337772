//! What translations get beside what needs no network: the first thing to look at where samples are translated.

use super::format::{decimals, number};
use crate::compare::{Configuration, Quantity, score};
use crate::run::RunView;
use std::collections::BTreeSet;

/// A column for each quantity that has baselines.
pub(crate) struct Baselines {
    /// Names with their arrows.
    pub columns: Vec<String>,
    /// Configurations: what they are, their index, and means over the runs that are done, at their selected steps.
    pub configurations: Vec<(String, usize, Vec<String>)>,
    /// What needs no network, and real samples.
    pub others: Vec<(String, Vec<String>)>,
}

impl Baselines {
    /// `None` where nothing is translated.
    pub(crate) fn of(views: &[RunView], configurations: &[Configuration], quantities: &[Quantity]) -> Option<Self> {
        let quantities: Vec<&Quantity> = quantities.iter().filter(|quantity| !quantity.baselines.is_empty()).collect();
        let mean = |configuration: &Configuration, quantity: &Quantity| {
            let scores = configuration.runs.iter().filter_map(|run| score(&views[*run], quantity));
            let scores: Vec<f64> = scores.collect();
            (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
        };
        let digits: Vec<usize> = quantities
            .iter()
            .map(|quantity| {
                let means = configurations.iter().filter_map(|configuration| mean(configuration, quantity));
                decimals(means.chain(quantity.baselines.values().copied()))
            })
            .collect();
        let cells = |value: &dyn Fn(&Quantity) -> Option<f64>| -> Vec<String> {
            let values = quantities.iter().zip(&digits).map(|(quantity, digits)| (value(quantity), *digits));
            values.map(|(value, digits)| value.map_or_else(|| "–".into(), |value| number(value, digits))).collect()
        };
        let names: BTreeSet<&String> = quantities.iter().flat_map(|quantity| quantity.baselines.keys()).collect();
        let mut others: Vec<(String, Vec<String>)> = names
            .into_iter()
            .map(|name| (title(name), cells(&|quantity| quantity.baselines.get(name).copied())))
            .collect();
        if quantities.iter().any(|quantity| quantity.floor.is_some()) {
            others.push(("real samples".into(), cells(&|quantity| quantity.floor)));
        }
        let of = |(at, configuration): (usize, &Configuration)| {
            (configuration.label.clone(), at, cells(&|quantity| mean(configuration, quantity)))
        };
        (!quantities.is_empty()).then(|| Self {
            columns: quantities.iter().map(|of| format!("{} {}", of.name.replace('_', " "), of.arrow())).collect(),
            configurations: configurations.iter().enumerate().map(of).collect(),
            others,
        })
    }
}

/// A baseline in words.
pub(crate) fn title(name: &str) -> String {
    match name {
        "copy" => "copy of the input".into(),
        "histogram" => "input with matched colours".into(),
        "mean" => "mean of the training targets".into(),
        "nearest" => "nearest training target".into(),
        "shuffled" => "real clips, frames shuffled".into(),
        "still" => "real clips, first frame alone".into(),
        other => other.replace('_', " "),
    }
}
