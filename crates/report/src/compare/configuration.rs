//! Runs that differ in nothing but the seed.

use crate::run::RunView;
use crate::settings::{Settings, setting, short_names, texts};
use serde_json::Value;

/// A point of the sweep with all its seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// What sets it apart, as `loss hinge, lr 1e-3`.
    pub label: String,
    /// Indices of its runs, in the order of the plan.
    pub runs: Vec<usize>,
}

/// In the order of their first runs.
pub(crate) fn configurations(views: &[RunView], settings: &Settings) -> Vec<Configuration> {
    let names = short_names(&settings.differing);
    let columns: Vec<Vec<Option<String>>> = settings
        .differing
        .iter()
        .map(|key| texts(&views.iter().map(|view| setting(view.planned, key)).collect::<Vec<Option<&Value>>>()))
        .collect();
    let mut found: Vec<(&str, Configuration)> = Vec::new();
    for (run, view) in views.iter().enumerate() {
        // Seeds of a configuration follow each other in most plans.
        if let Some((_, known)) = found.iter_mut().rev().find(|(group, _)| *group == view.group) {
            known.runs.push(run);
            continue;
        }
        let parts =
            names.iter().zip(&columns).filter_map(|(name, column)| Some(format!("{name} {}", column[run].as_ref()?)));
        let label = parts.collect::<Vec<_>>().join(", ");
        let label = if label.is_empty() { "all runs".into() } else { label };
        found.push((&view.group, Configuration { label, runs: vec![run] }));
    }
    found.into_iter().map(|(_, configuration)| configuration).collect()
}
