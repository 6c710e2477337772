//! The state in which a sweep finds its runs.

use record::{Cause, Outcome, PlannedRun, RunFolder, RunRecord};

/// The state of a planned run before the sweep.
pub(crate) struct RunState {
    /// How its newest attempt ended; `None` if there was none or it is cut off.
    pub outcome: Option<Outcome>,
    /// Why its folder cannot be read.
    pub problem: Option<String>,
}

impl RunState {
    /// A folder that cannot be read keeps its own run from training, and no other.
    pub(crate) fn read(planned: &PlannedRun, folder: &RunFolder) -> Self {
        match RunRecord::of(planned, folder.clone()) {
            Ok(record) => Self { outcome: record.outcome, problem: None },
            Err(error) => {
                let path = folder.path().display();
                let problem =
                    format!("{path}: the run's record cannot be read: {error}; move it away to train it anew");
                Self { outcome: Some(Outcome::failed(Cause::Io, problem.clone())), problem: Some(problem) }
            }
        }
    }

    /// Whether it is left alone.
    pub(crate) fn is_finished(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.status.is_finished())
    }

    /// Whether it is to be trained.
    pub(crate) fn is_pending(&self) -> bool {
        self.problem.is_none() && !self.is_finished()
    }
}
