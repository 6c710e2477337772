//! What changed between the plan that a sweep froze and the one that its file asks for now.

use crate::plan::closest::Candidates;
use crate::plan::settings::{Difference, differences, flatten};
use rayon::prelude::*;
use record::{Plan, PlanError, PlannedRun, SweepFolder};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The plan that a sweep froze last. The run folders are what counts and a plan can be made again: a damaged one is
/// none, with a warning.
///
/// # Errors
/// It cannot be read, or a newer program wrote it.
pub(crate) fn frozen(folder: &SweepFolder, warn: impl FnOnce(&str)) -> Result<Option<Plan>, PlanError> {
    match Plan::read(folder) {
        Ok(plan) => Ok(Some(plan)),
        Err(PlanError::Missing { .. }) => Ok(None),
        Err(error @ PlanError::Damaged { .. }) => {
            warn(&format!("warning: {}", record::with_causes(&error)));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Adds the runs that `runner extend` has added to the earlier plan: no file names them, and they are part of the sweep.
pub(crate) fn carry(earlier: &Plan, plan: &mut Plan) {
    for run in earlier.runs.iter().filter(|run| earlier.extended.contains(&run.id)) {
        if !plan.runs.iter().any(|planned| planned.digest == run.digest) {
            plan.extended.push(run.id.clone());
            plan.runs.push(run.clone());
        }
    }
}

/// Whether runs of one id are one run. Plans of version 0.1.0 do not say more than the id.
fn is_same(one: &PlannedRun, other: &PlannedRun) -> bool {
    one.digest.is_none() || other.digest.is_none() || one.digest == other.digest
}

/// Runs of one plan that the other does not have.
#[derive(Debug)]
pub(crate) struct Changes<'a> {
    earlier: &'a Plan,
    /// Planned now, not before, and never started, in plan order.
    pub new: Vec<&'a PlannedRun>,
    /// Planned now and not the last time, but started once, in plan order.
    pub again: Vec<&'a PlannedRun>,
    /// Planned before and no longer, in the order of that plan.
    pub gone: Vec<&'a PlannedRun>,
}

/// Where a new run comes from.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Origin {
    /// The new run.
    pub id: String,
    /// The run of the earlier plan that shares most settings with it.
    pub closest: Option<String>,
    /// Whether that one is planned still.
    pub closest_is_planned: bool,
    /// What differs, from that one to the new one.
    pub differences: Vec<Difference>,
}

impl<'a> Changes<'a> {
    /// From the earlier plan to the one now, in this folder.
    pub(crate) fn between(earlier: &'a Plan, now: &'a Plan, folder: &SweepFolder) -> Self {
        let runs = |plan: &'a Plan| plan.runs.iter().map(|run| (run.id.as_str(), run)).collect::<HashMap<_, _>>();
        let (before, after) = (runs(earlier), runs(now));
        let without = |plan: &'a Plan, others: &HashMap<&str, &PlannedRun>| {
            let is_there = |run: &&PlannedRun| others.get(run.id.as_str()).is_some_and(|other| is_same(run, other));
            plan.runs.iter().filter(|run| !is_there(run)).collect::<Vec<_>>()
        };
        let started = |run: &&PlannedRun| folder.run(&run.id).attempts().is_ok_and(|attempts| !attempts.is_empty());
        let (again, new) = without(now, &before).into_iter().partition(started);
        Self { earlier, new, again, gone: without(earlier, &after) }
    }

    /// `2 new, 1 no longer planned since the last time`; `None` without changes.
    pub(crate) fn summary(&self) -> Option<String> {
        let changes =
            [(self.new.len(), "new"), (self.again.len(), "planned again"), (self.gone.len(), "no longer planned")];
        let changes: Vec<_> = changes
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!changes.is_empty()).then(|| format!("{} since the last time", changes.join(", ")))
    }

    /// Where each new run comes from.
    pub(crate) fn origins(&self) -> Vec<Origin> {
        let gone: HashSet<&str> = self.gone.iter().map(|run| run.id.as_str()).collect();
        let is_planned = |run: &PlannedRun| !gone.contains(run.id.as_str());
        let earlier: Vec<(&PlannedRun, Map<String, Value>)> =
            self.earlier.runs.iter().map(|run| (run, flatten(&run.config))).collect();
        let candidates = Candidates::of(earlier.iter().map(|(run, settings)| (run.seed, settings, is_planned(run))));
        let origin = |run: &&PlannedRun| {
            let settings = flatten(&run.config);
            let closest = candidates.closest(run.seed, &settings).map(|position| &earlier[position]);
            Origin {
                id: run.id.clone(),
                closest: closest.map(|(run, _)| run.id.clone()),
                closest_is_planned: closest.is_some_and(|(run, _)| is_planned(run)),
                differences: closest.map(|(_, there)| differences(there, &settings)).unwrap_or_default(),
            }
        };
        self.new.par_iter().map(origin).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn nowhere() -> SweepFolder {
        SweepFolder::new("/nowhere")
    }

    fn plan(runs: &[(&str, u64, f64)]) -> Plan {
        let run = |(id, steps, lr): &(&str, u64, f64)| {
            let config = json!({"seed": 0, "train": {"steps": steps, "lr": lr}});
            PlannedRun { id: (*id).to_owned(), digest: None, seed: 0, overrides: Map::new(), steps: *steps, config }
        };
        Plan {
            format: 1,
            sweep: "x".into(),
            description: String::new(),
            experiment: "x.yaml".into(),
            environment: Vec::new(),
            sets: Vec::new(),
            experiment_digest: String::new(),
            created: 0.0,
            extended: Vec::new(),
            runs: runs.iter().map(run).collect(),
        }
    }

    #[test]
    fn a_new_run_is_traced_to_the_one_that_was_edited() {
        let earlier = plan(&[("a", 600, 1e-4), ("b", 600, 1e-3), ("c", 900, 1e-3)]);
        let now = plan(&[("a", 600, 1e-4), ("d", 800, 1e-4), ("e", 800, 1e-3)]);
        let changes = Changes::between(&earlier, &now, &nowhere());
        assert_eq!(changes.summary().unwrap(), "2 new, 2 no longer planned since the last time");
        let origins = changes.origins();
        let shown: Vec<_> =
            origins.iter().map(|o| (o.id.as_str(), o.closest.as_deref(), o.closest_is_planned)).collect();
        assert_eq!(shown, [("d", Some("a"), true), ("e", Some("b"), false)]);
        assert_eq!(origins[1].differences[0].to_string(), "train.steps: 600 → 800");
    }

    #[test]
    fn runs_that_were_added_by_hand_stay() {
        let mut earlier = plan(&[("a", 600, 1e-4), ("a-longer", 900, 1e-4), ("gone", 600, 1e-3)]);
        earlier.runs.iter_mut().for_each(|run| run.digest = Some(format!("digest of {}", run.id)));
        earlier.extended = vec!["a-longer".to_owned()];
        let mut now = plan(&[("a", 600, 1e-4)]);
        now.runs[0].digest = Some("digest of a".to_owned());
        for _ in 0..2 {
            carry(&earlier, &mut now);
            let ids: Vec<&str> = now.runs.iter().map(|run| run.id.as_str()).collect();
            assert_eq!((ids, &now.extended), (vec!["a", "a-longer"], &earlier.extended));
        }
        // A file that names the run has it under its own id.
        let mut named = plan(&[("b", 900, 1e-4)]);
        named.runs[0].digest = Some("digest of a-longer".to_owned());
        carry(&earlier, &mut named);
        assert_eq!((named.runs.len(), named.extended.len()), (1, 0));
    }

    #[test]
    fn the_same_plan_has_no_changes() {
        let plan = plan(&[("a", 600, 1e-4)]);
        assert_eq!(Changes::between(&plan, &plan, &nowhere()).summary(), None);
    }

    #[test]
    fn a_first_plan_has_no_origins() {
        let (earlier, now) = (plan(&[]), plan(&[("a", 600, 1e-4)]));
        let origins = Changes::between(&earlier, &now, &nowhere()).origins();
        assert_eq!((origins[0].closest.as_deref(), origins[0].differences.len()), (None, 0));
    }
}
