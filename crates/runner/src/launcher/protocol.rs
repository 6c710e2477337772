//! What a sweep and a worker say to each other: one JSON object a line.

use record::{Event, Outcome};
use serde::{Deserialize, Serialize};

/// Sweep to worker, on standard input. When the input ends, the worker ends at once: the sweep is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Train the run of this id.
    Train(String),
    /// Write a checkpoint of the current run and end it as interrupted.
    Stop(String),
}

/// Worker to sweep, on standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// So many steps of the current run are done.
    Step(u64),
    /// The current run recorded this.
    Event(Event),
    /// The current run ended.
    Ended(Outcome),
}
