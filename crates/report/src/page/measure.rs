//! The numbers that stand for a run: its evaluated quantities at the selected step, and the newest value of each number.

use crate::compare::Quantity;
use crate::run::{RunView, tags};
use record::tag::{self, Kind};

/// One number of each run.
pub(super) struct Measure {
    /// As filters name it.
    pub key: String,
    /// What stands small above the name.
    pub above: String,
    pub name: String,
    /// Index of the quantity, if it is one at the selected step.
    pub quantity: Option<usize>,
    /// Shown when the reader asks for everything.
    pub is_extra: bool,
    /// One for each run.
    pub values: Vec<Option<f64>>,
}

impl Measure {
    /// Values that can be compared, those of diverged and collapsed runs being worse than all others where worse is known.
    pub(crate) fn scores(&self, views: &[RunView], quantity: Option<&Quantity>) -> Vec<Option<f64>> {
        let score = |(view, value): (&RunView, &Option<f64>)| match quantity {
            Some(_) if view.row.status.is_degenerate() => Some(f64::INFINITY),
            Some(quantity) => quantity.distance(value.filter(|value| value.is_finite())?),
            None => value.filter(|value| value.is_finite()),
        };
        views.iter().zip(&self.values).map(score).collect()
    }
}

/// All measures, in the order of the table.
pub(super) fn measures(views: &[RunView], quantities: &[Quantity]) -> Vec<Measure> {
    let of = |value: &dyn Fn(&RunView) -> Option<f64>| views.iter().map(value).collect::<Vec<_>>();
    let mut measures = Vec::new();
    for (index, quantity) in quantities.iter().enumerate() {
        let summary = |view: &RunView| view.row.metrics.get(&quantity.name).copied();
        let name = format!("{} {}", quantity.name.replace('_', " "), quantity.arrow());
        measures.push(Measure {
            key: quantity.name.clone(),
            above: "selected".into(),
            name: name.clone(),
            quantity: Some(index),
            is_extra: false,
            values: of(&|view| view.row.selected(&quantity.name)),
        });
        measures.push(Measure {
            key: format!("{}/last", quantity.name),
            above: "last".into(),
            name,
            quantity: None,
            is_extra: index > 0,
            values: of(&|view| summary(view).map(|summary| summary.last)),
        });
    }
    for tag in tags(views) {
        let (above, name) = tag::split(&tag);
        let kind = tag::group_of(&tag).map_or(Kind::Training, |group| group.kind);
        // Evaluations are there already, and curves of samples are no numbers of a run.
        if matches!(kind, Kind::Evaluation | Kind::Sample) {
            continue;
        }
        measures.push(Measure {
            key: tag.clone(),
            above: format!("last {}", above.replace('_', " ")).trim_end().to_owned(),
            name: name.replace('_', " "),
            quantity: None,
            is_extra: matches!(kind, Kind::Detail | Kind::Schedule),
            values: of(&|view| view.row.metrics.get(&tag).map(|summary| summary.last)),
        });
    }
    measures
}
