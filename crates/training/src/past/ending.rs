//! Whether a run with other stop rules, grids or evaluations would have gone on to a step where a finished one came to.

use super::{NoPast, regular};
use crate::RunConfig;
use crate::config::Collapse;
use crate::verdict::exhausted;
use record::{Evaluation, Role, RunRecord};
use std::collections::BTreeMap;

/// A grid is surely not of one sample when its spread is so many times the bound of the rule: the spread of the data is that
/// of fewer images here than in the rule.
const MARGIN: f64 = 10.0;

/// # Errors
/// That is not known.
pub(super) fn ends_alike(config: &RunConfig, earlier: &RunConfig, record: &RunRecord, step: u64) -> Result<(), NoPast> {
    let (rules, before) = (&config.stop, &earlier.stop);
    if rules.gradient_norm != before.gradient_norm {
        return Err(NoPast::Stop { rule: "stop.gradient_norm" });
    }
    if !rules.metrics.is_empty() {
        let same = rules.metrics == before.metrics && config.evaluate == earlier.evaluate;
        // After its last step a run is done in any case. A longer one would have ended there.
        let every = config.evaluate.as_ref().map_or(0, |evaluate| evaluate.every);
        let evaluations = record.evaluations.iter().filter(|of| of.step <= step && regular(every, of.step));
        let evaluations = || evaluations.clone().filter(|of| of.split == Evaluation::TRAIN);
        let ends = step < config.steps()
            && rules.metrics.iter().any(|rule| exhausted(evaluations(), &rule.metric, rule.patience).is_some());
        if !same || ends {
            return Err(NoPast::Stop { rule: "stop.metrics" });
        }
    }
    match &rules.collapsed {
        Some(rule) if rules.collapsed != before.collapsed || config.sample != earlier.sample => {
            match is_diverse(rule, config, earlier, record, step) {
                true => Ok(()),
                false => Err(NoPast::Stop { rule: "stop.collapsed" }),
            }
        }
        _ => Ok(()),
    }
}

/// Whether of any so many grids in a row one is known to be of different samples.
fn is_diverse(rule: &Collapse, config: &RunConfig, earlier: &RunConfig, record: &RunRecord, step: u64) -> bool {
    let real = record.artifacts_of(Role::REAL).find_map(|artifact| artifact.spread);
    let (Some(real), true) = (real, config.sample.count == earlier.sample.count) else { return false };
    let made = record.artifacts.iter().filter(|artifact| !artifact.role.is_data());
    let spreads: BTreeMap<u64, f64> = made.filter_map(|artifact| Some((artifact.step, artifact.spread?))).collect();
    let diverse = |step: &u64| spreads.get(step).is_some_and(|spread| *spread >= MARGIN * rule.below * real);
    let grids: Vec<u64> = (1..=step).filter(|step| regular(config.sample.every, *step)).collect();
    grids.split(diverse).all(|row| row.len() < rule.grids)
}
