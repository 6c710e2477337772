//! Progress notices, for a display.

use crate::launcher::Device;
use crate::scheduler::{Run, WorkerId};
use record::{Evaluation, Event, Outcome};
use std::path::Path;
use std::time::Duration;

/// Displays the progress of a sweep.
pub trait Observer {
    /// Something happened.
    fn notice(&mut self, notice: Notice);
}

/// Something that happened. Runs are named by their place in the plan.
#[derive(Debug)]
pub enum Notice<'a> {
    /// Work begins on this many runs.
    Began(usize),
    /// An attempt at a run was ordered from a worker.
    Started(Run),
    /// A run has done this many steps.
    Step(Run, u64),
    /// A run recorded an event.
    Recorded(Run, &'a Event),
    /// An attempt failed and another one follows.
    Retrying {
        /// The run.
        run: Run,
        /// How the attempt ended.
        outcome: &'a Outcome,
        /// When the next attempt is made.
        next: Retry,
    },
    /// A run has its final status in this sweep.
    Finished {
        /// The run.
        run: Run,
        /// How it ended.
        outcome: &'a Outcome,
        /// Its newest evaluation in this sweep.
        evaluation: Option<&'a Evaluation>,
    },
    /// The attempt at a run ended with its worker; [`Retrying`](Self::Retrying), [`Finished`](Self::Finished) or
    /// another [`Started`](Self::Started) follows.
    Lost(Run),
    /// Several runs were out of memory at once: a worker of this device takes fewer from now on.
    Narrowed {
        /// Its name.
        device: &'a Device,
        /// How many.
        slots: usize,
    },
    /// A worker of this device was measured and takes so many runs at once from now on.
    Packed {
        /// Its name.
        device: &'a Device,
        /// How many.
        slots: usize,
    },
    /// A worker of this device is used no more: the device failed twice in a row before a run began on it.
    Retired {
        /// Its name.
        device: &'a Device,
        /// What failed.
        reason: &'a str,
    },
    /// A worker wrote a line to its standard error.
    Stderr(WorkerId, &'a str),
    /// A signal asked the sweep to stop: runs write a checkpoint and end.
    Interrupted,
    /// A signal ended the sweep, and its workers go on.
    Left,
    /// Too many runs have failed: the others write a checkpoint and end.
    Halted(&'a str),
    /// A file of the sweep's own could not be written.
    Unwritten(&'a Path, &'a std::io::Error),
    /// Something of a worker's machine that people should know.
    Warning(&'a str),
    /// The work is over.
    Ended,
}

/// When a run that failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// After this pause, beside others.
    After(Duration),
    /// After all other runs, with no run beside it.
    Alone,
}
