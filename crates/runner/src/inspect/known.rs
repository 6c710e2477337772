//! The runs of a sweep's folder: those of its plan, and those that are no longer in it.

use crate::error::Error;
use crate::plan::planning;
use record::{Live, Plan, PlanError, PlannedRun, RunFolder, RunRecord, SweepFolder};
use report::Row;
use serde_json::Map;
use std::collections::HashSet;

/// A run with its record.
pub(crate) struct Known {
    /// As it is planned; a run that is not planned has its own configuration and no overrides.
    pub run: PlannedRun,
    /// Whether the sweep's plan has it.
    pub is_planned: bool,
    /// Its record; empty for a run that never started.
    pub record: RunRecord,
    /// The commands that work beside it now.
    pub live: Live,
}

impl Known {
    /// One run, with the plan of the sweep that it lies in, if there is one.
    ///
    /// # Errors
    /// The plan, the record, or the configuration of a run without a plan cannot be read.
    pub(crate) fn read(folder: &RunFolder) -> Result<(Self, Option<Plan>), Error> {
        let sweep = folder.sweep();
        let plan = match sweep.as_ref().map(Plan::read).transpose() {
            Ok(plan) => plan,
            Err(PlanError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let live = sweep.as_ref().map(Live::of).unwrap_or_default();
        let id = folder.id();
        let planned = plan.as_ref().and_then(|plan| plan.runs.iter().find(|run| run.id == id));
        Ok((Self::of(folder.clone(), planned, &live)?, plan))
    }

    fn of(folder: RunFolder, planned: Option<&PlannedRun>, live: &Live) -> Result<Self, Error> {
        let run = planned.cloned().map_or_else(|| from_configuration(&folder), Ok)?;
        let path = folder.path().to_owned();
        let record = RunRecord::of(&run, folder).map_err(Error::record(&path))?;
        Ok(Self { run, is_planned: planned.is_some(), record, live: live.clone() })
    }

    /// How it stands.
    pub(crate) fn row(&self) -> Row {
        Row::of(&self.run, &self.record, &self.live)
    }
}

/// All runs of a sweep that can be read, planned ones first.
pub(crate) fn all(sweep: &SweepFolder, plan: &Plan) -> Vec<Known> {
    all_beside(sweep, plan, &Live::of(sweep))
}

/// As [`all`], beside commands that work there.
pub(crate) fn all_beside(sweep: &SweepFolder, plan: &Plan, live: &Live) -> Vec<Known> {
    let ids: HashSet<&str> = plan.runs.iter().map(|run| run.id.as_str()).collect();
    let planned = plan.runs.iter().filter_map(|run| Known::of(sweep.run(&run.id), Some(run), live).ok());
    let unplanned = sweep.run_folders().into_iter().filter(|folder| !ids.contains(folder.id().as_str()));
    planned.chain(unplanned.filter_map(|folder| Known::of(folder, None, live).ok())).collect()
}

fn from_configuration(folder: &RunFolder) -> Result<PlannedRun, Error> {
    let path = folder.config();
    if !path.is_file() {
        return Err(Error::Usage(format!("{} has no config.yaml and is in no plan", folder.path().display())));
    }
    let config = planning::resolved(&path)?;
    let (seed, steps) = (config.seed, config.steps());
    let config = serde_json::to_value(&config).expect("a configuration is plain data");
    Ok(PlannedRun { id: folder.id(), digest: None, seed, overrides: Map::new(), steps, config })
}
