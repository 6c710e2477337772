//! The runs that a dispatcher trains, its settings, and its result.

use crate::launcher::WorkerSpec;
use crate::scheduler::{Run, WorkerId};
use record::{Outcome, Plan, SweepFolder};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// The runs to train and the workers to train them on.
#[derive(Debug)]
pub struct Job<'a> {
    /// All runs of the sweep.
    pub plan: &'a Plan,
    /// The sweep's folder, which holds the plan and is locked.
    pub folder: &'a SweepFolder,
    /// The runs that are to be trained, in the order in which they are to start.
    pub pending: Vec<Run>,
    /// At least one worker with at least one slot.
    pub workers: Vec<WorkerSpec>,
    /// Pending runs that workers have been ordered to train before, by an earlier sweep.
    pub ordered: Vec<(WorkerId, Run)>,
}

/// How failures are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Further attempts at a run that failed for a transient cause.
    pub retries: u32,
    /// Runs that may fail before everything is stopped; `None` for any number.
    pub max_failures: Option<u32>,
    /// How long an attempt may take; `None` for as long as it needs.
    pub time_limit: Option<Duration>,
}

/// The result of a [`Job`].
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatched {
    /// How the last attempt at each run ended; without those that were never started.
    pub outcomes: BTreeMap<Run, Outcome>,
    /// Whether a signal stopped the sweep.
    pub stopped: bool,
    /// Whether its workers go on without it.
    pub left: bool,
    /// Why no device was left to go on with, if that ended the sweep.
    pub stranded: Option<String>,
}

/// Why runs could not be dispatched. Runs that fail are no error.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// A worker cannot be started.
    #[error("cannot start a worker")]
    Worker(#[source] io::Error),
}
