//! The messages between a sweep and its workers: one JSON object a line.

use record::{Event, Outcome, Status};
use serde::{Deserialize, Serialize};

/// Exit status of a worker whose device fails before a run has begun on it: no run is to blame.
pub const DEVICE_FAILED: i32 = 69;

/// Sweep to worker. When the orders end, the worker ends at once: the sweep is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Train the run of this id, as soon as one of the worker's slots is free.
    Train(String),
    /// Write a checkpoint of a run and end it.
    Stop {
        /// Its id; without one, all runs.
        run: Option<String>,
        /// `interrupted` or `timed-out`.
        status: Status,
        /// Why, for people.
        reason: String,
    },
    /// Hold all runs after their current step. A process that is stopped by a signal could not see its sweep die.
    Pause,
    /// Let all runs go on.
    Resume,
}

/// Worker to sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The id of the run.
    pub run: String,
    /// What happened.
    pub update: Update,
}

/// What happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// This many steps are done.
    Step(u64),
    /// An event was recorded.
    Event(Event),
    /// The attempt ended.
    Ended(Outcome),
}
