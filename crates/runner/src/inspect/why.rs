//! Why a run is pending, done, trained again, or new.

use crate::error::Error;
use crate::inspect::known::{self, Known};
use crate::inspect::tasks;
use crate::plan::closest::Candidates;
use crate::plan::settings::{Difference, differences, flatten};
use record::{Plan, RunFolder, Status};
use serde::Serialize;

/// Everything that is known about a run.
#[derive(Debug, Serialize)]
pub(crate) struct Why {
    /// The run.
    pub id: String,
    /// Its sweep; `None` for a folder that lies in none.
    pub sweep: Option<String>,
    /// Its folder, which may not exist.
    pub folder: String,
    /// Where it stands.
    pub status: Status,
    /// Generator updates done.
    pub step: u64,
    /// Generator updates to do.
    pub steps: u64,
    /// Why it did not end as `done`.
    pub reason: Option<String>,
    /// Whether the sweep's plan has it.
    pub planned: bool,
    /// What comes next.
    pub next: Next,
    /// Where its task stands in the queue of a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The step of the newest sound checkpoint: where a run that is not finished goes on.
    pub checkpoint: Option<u64>,
    /// All attempts in order.
    pub attempts: Vec<AttemptSummary>,
    /// The finished run of the sweep that shares most settings with it.
    pub closest: Option<Closest>,
}

/// The fate of a run when its sweep is run again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Next {
    /// It is finished and left alone.
    Keep,
    /// It is no longer planned and left alone.
    Ignore,
    /// A sweep that works now trains it.
    Running,
    /// A sweep that works now has yet to come to it.
    Waits,
    /// It is trained from its checkpoint, or from the beginning.
    Train,
}

/// An attempt and its end.
#[derive(Debug, Serialize)]
pub(crate) struct AttemptSummary {
    /// 1 for the first; 0 for one that ended before it started.
    pub attempt: u32,
    /// The step that it began at.
    pub from: u64,
    /// The newest step that it recorded.
    pub step: u64,
    /// `running`, `killed`, or the status that it ended with.
    pub end: &'static str,
    /// The reason that it gave.
    pub reason: Option<String>,
}

/// A finished run and what differs.
#[derive(Debug, Serialize)]
pub(crate) struct Closest {
    /// That run.
    pub id: String,
    /// How it ended.
    pub status: Status,
    /// Whether the sweep's plan has it.
    pub planned: bool,
    /// From that run's settings to this one's.
    pub differences: Vec<Difference>,
}

impl Why {
    /// Looks at a run's folder and at the sweep around it.
    ///
    /// # Errors
    /// The sweep's plan or the run's record cannot be read.
    pub(crate) fn of(folder: &RunFolder) -> Result<Self, Error> {
        let (known, plan) = Known::read(folder)?;
        let sound = |step: &u64| training::check_checkpoint(folder, *step).is_ok();
        let row = known.row();
        let queue = || tasks::place(&folder.sweep()?, &row.id);
        Ok(Self {
            queue: if row.status.is_finished() { None } else { queue() },
            sweep: plan.as_ref().map(|plan| plan.sweep.clone()),
            folder: folder.path().display().to_string(),
            planned: known.is_planned,
            next: next(&known, row.status),
            checkpoint: folder.checkpoint_steps().into_iter().find(sound),
            attempts: attempts(&known, row.status),
            closest: plan.and_then(|plan| closest(&known, folder, &plan)),
            id: row.id,
            status: row.status,
            step: row.step,
            steps: row.steps,
            reason: row.reason,
        })
    }
}

fn next(known: &Known, status: Status) -> Next {
    match status {
        status if status.is_finished() => Next::Keep,
        Status::Running => Next::Running,
        _ if !known.is_planned => Next::Ignore,
        Status::Queued | Status::Interrupted if !known.live.is_empty() => Next::Waits,
        _ => Next::Train,
    }
}

fn attempts(known: &Known, status: Status) -> Vec<AttemptSummary> {
    let newest = known.record.history.len();
    let summary = |(number, attempt): (usize, &record::Attempt)| {
        let end = match &attempt.outcome {
            Some(outcome) => outcome.status.name(),
            None if number + 1 == newest && status == Status::Running => "running",
            None => "killed",
        };
        let reason = attempt.outcome.as_ref().and_then(|outcome| outcome.reason.clone());
        AttemptSummary { attempt: attempt.number, from: attempt.from, step: attempt.step, end, reason }
    };
    known.record.history.iter().enumerate().map(summary).collect()
}

fn closest(known: &Known, folder: &RunFolder, plan: &Plan) -> Option<Closest> {
    let settings = flatten(&known.run.config);
    let all = known::all(&folder.sweep()?, plan).into_iter();
    let others = all.filter(|other| other.record.is_finished() && other.run.id != known.run.id);
    let mut others: Vec<(_, Known)> = others.map(|other| (flatten(&other.run.config), other)).collect();
    let candidates = Candidates::of(others.iter().map(|(there, other)| (other.run.seed, there, other.is_planned)));
    let (there, other) = others.swap_remove(candidates.closest(known.run.seed, &settings)?);
    Some(Closest {
        status: other.row().status,
        planned: other.is_planned,
        differences: differences(&there, &settings),
        id: other.run.id,
    })
}
