//! What a run would have recorded and has not.

use super::regular;
use crate::RunConfig;
use record::{Role, RunRecord};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// Steps that a message names.
const MAX_NAMED: usize = 4;

/// Points that are due by a run's settings, and missing in its record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Steps without their sample grid.
    pub samples: Vec<u64>,
    /// Steps without their evaluation.
    pub evaluations: Vec<u64>,
    /// Whether losses are means over other steps than those of the settings.
    pub losses: bool,
}

impl Missing {
    /// What is missing in the record up to a step.
    pub fn of(config: &RunConfig, record: &RunRecord, step: u64) -> Self {
        let due = |every: &[u64]| {
            let is_due = |at: &u64| every.iter().any(|every| regular(*every, *at)) || *at == config.steps();
            (1..=step).filter(is_due).collect::<BTreeSet<u64>>()
        };
        let without = |due: BTreeSet<u64>, there: BTreeSet<u64>| due.difference(&there).copied().collect();
        let made =
            |at: &&record::Artifact| !at.role.is_data() && ![Role::INTERPOLATION, Role::NEIGHBOURS].contains(&at.role);
        let grids = record.artifacts.iter().filter(made).map(|artifact| artifact.step).collect();
        let evaluated = record.evaluations.iter().map(|evaluation| evaluation.step).collect();
        let recorded: BTreeSet<u64> = record.scalars.iter().map(|of| of.step).filter(|at| *at <= step).collect();
        let evaluations = config.evaluate.as_ref().map_or_else(BTreeSet::new, |of| due(&[of.every]));
        Self {
            samples: without(due(&[config.sample.every]), grids),
            evaluations: without(evaluations, evaluated),
            losses: recorded != due(&[config.log.every, config.checkpoint.every]),
        }
    }

    /// Whether the record is whole.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many points that are, losses counted once.
    pub fn size(&self) -> usize {
        self.samples.len() + self.evaluations.len() + usize::from(self.losses)
    }

    /// What is left when grids and evaluations of these steps are made.
    pub(super) fn without(mut self, checkpoints: &[u64]) -> Self {
        self.samples.retain(|step| !checkpoints.contains(step));
        self.evaluations.retain(|step| !checkpoints.contains(step));
        self
    }
}

/// `sample grids of steps 50, 150, 250, 350 and 2 more; losses over other steps`.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let named = |what: &str, steps: &[u64]| {
            let first: Vec<String> = steps.iter().take(MAX_NAMED).map(u64::to_string).collect();
            let more = steps.len().saturating_sub(MAX_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let noun = if steps.len() == 1 { "step" } else { "steps" };
            (!steps.is_empty()).then(|| format!("{what} of {noun} {}{more}", first.join(", ")))
        };
        let losses = self.losses.then(|| "losses as means over the steps of these settings".to_owned());
        let parts = [named("sample grids", &self.samples), named("evaluations", &self.evaluations), losses];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}
