//! The rows of `runner status` and of the page's table.

use super::read::read_record;
use crate::ReportError;
use crate::study::run_folder;
use rayon::prelude::*;
use record::{Live, MetricSummary, Numerics, Plan, PlannedRun, RunRecord, Selection, Status, SweepFolder};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a planned run stands. As JSON it has the shape that `runner status --format json` promises.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Names the run's folder.
    pub id: String,
    /// Where the run stands.
    pub status: Status,
    /// Generator updates done.
    pub step: u64,
    /// Generator updates to do.
    pub steps: u64,
    /// The replicate's seed.
    pub seed: u64,
    /// What the sweep set for this run, without the seed.
    pub overrides: Map<String, Value>,
    /// Device of the newest attempt.
    pub device: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// Seconds of training in all attempts.
    pub wall_secs: f64,
    /// Digest of the final weights.
    pub weights_digest: Option<String>,
    /// Why the run did not end as `done`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A person's note on the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// A person's tags on the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Scalars and evaluated quantities by name.
    pub metrics: BTreeMap<String, MetricSummary>,
    /// The step that stands for the run, with its values; `None` where nothing was evaluated.
    #[serde(flatten)]
    pub selection: Option<Selection>,
    /// What has trained the weights, oldest first; more than one is a mixture. Empty in records of version 0.1.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numerics: Vec<Numerics>,
    /// That they are a mixture, for people.
    #[serde(skip)]
    pub mixture: Option<String>,
    /// Unix time of the first start, seconds.
    #[serde(skip)]
    pub started_at: Option<f64>,
    /// Unix time of the newest event, seconds.
    #[serde(skip)]
    pub updated_at: Option<f64>,
}

/// What `runner status --format json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweepStatus {
    /// The sweep's name.
    pub sweep: String,
    /// One for each planned run, in plan order.
    pub runs: Vec<Row>,
}

/// One row for each planned run, in plan order. A run whose record cannot be read is `queued`, and its reason says so.
pub fn rows(folder: &SweepFolder) -> Result<Vec<Row>, ReportError> {
    rows_of(&Plan::read(folder)?, folder)
}

/// As [`rows`], of a plan that was read before.
pub fn rows_of(plan: &Plan, folder: &SweepFolder) -> Result<Vec<Row>, ReportError> {
    let live = Live::of(folder);
    let row = |planned: &PlannedRun| {
        let (record, problem) = read_record(planned, &run_folder(folder, &planned.id)?);
        Ok(Row::with_problem(planned, &record, problem, &live))
    };
    plan.runs.par_iter().map(row).collect()
}

impl Row {
    /// The value of a quantity at the selected step.
    pub fn selected(&self, quantity: &str) -> Option<f64> {
        self.selection.as_ref()?.values.get(quantity).copied()
    }

    /// From a run's record; `live` are the commands that work in the sweep's folder.
    pub fn of(planned: &PlannedRun, record: &RunRecord, live: &Live) -> Self {
        Self::with_problem(planned, record, None, live)
    }

    /// `problem` says why the record is empty although there may be one.
    pub(crate) fn with_problem(planned: &PlannedRun, record: &RunRecord, problem: Option<String>, live: &Live) -> Self {
        let outcome = record.outcome.as_ref();
        let status = record.status(live);
        let killed = || (status == Status::Interrupted).then(|| "killed: the record has no end".to_owned());
        Self {
            id: planned.id.clone(),
            status,
            step: record.step,
            steps: planned.steps,
            seed: planned.seed,
            overrides: planned.overrides.clone(),
            device: record.device.clone(),
            attempts: record.attempts,
            wall_secs: record.wall_secs,
            weights_digest: outcome.and_then(|outcome| outcome.weights_digest.clone()),
            reason: problem.or_else(|| outcome.map_or_else(killed, |outcome| outcome.reason.clone())),
            note: record.annotation.note.clone(),
            tags: record.annotation.tags.clone(),
            metrics: record.metrics(),
            selection: record.selection(),
            numerics: record.numerics.clone(),
            mixture: record.mixture(),
            started_at: record.started_at,
            updated_at: record.updated_at,
        }
    }
}
