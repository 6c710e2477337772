//! The messages between a sweep and its workers: one JSON object a line.

use record::{Event, Numerics, Outcome, Status};
use serde::{Deserialize, Serialize};
use std::fmt;

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
    /// No attempt was begun, because its weights would be of two arithmetics.
    Misplaced(Misplaced),
}

/// Why a machine does not go on with a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Misplaced {
    /// The machine, as its queue calls it.
    pub node: String,
    /// What would train there.
    pub here: Numerics,
    /// The step of the run's newest checkpoint.
    pub step: u64,
    /// What has trained it so far.
    pub found: Numerics,
}

impl Update {
    /// Whether the worker has done with the order to train.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Ended(_) | Self::Misplaced(_))
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { node, here, step, found } = self;
        write!(f, "its checkpoint of step {step} was trained on {found}, and {node} is {here}")
    }
}
