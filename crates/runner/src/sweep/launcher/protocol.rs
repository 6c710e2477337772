//! What a sweep and a worker say to each other: one JSON object a line.

use record::{Event, Outcome, Status};
use serde::{Deserialize, Serialize};

/// Sweep to worker, on standard input. When the input ends, the worker ends at once: the sweep is gone.
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
    /// All runs hold still after their current step. A process that is stopped by a signal could not see its sweep die.
    Pause,
    /// All runs go on.
    Resume,
}

/// Worker to sweep, on standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The id of the run that it is about.
    pub run: String,
    /// What happened.
    pub news: News,
}

/// What happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// So many steps are done.
    Step(u64),
    /// It recorded this.
    Event(Event),
    /// It ended.
    Ended(Outcome),
}
