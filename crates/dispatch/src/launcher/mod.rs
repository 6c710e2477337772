//! Launchers: how a sweep gets workers.
//!
//! A worker is a process somewhere that trains runs as it is ordered to. It executes a [`WorkerCommand`] and exchanges
//! the lines of the [`protocol`](crate::protocol) with the sweep; apart from that they share nothing but the results
//! folder. A launcher decides where the process runs and how the lines travel. To add one: a file here, a line in the
//! list below, and its name in `tests/contract.rs`, which states what every launcher must do.

mod exit;
mod worker;

pub mod local;
pub mod slurm;

pub use exit::{Exit, LastLines};
pub use local::Local;
pub use slurm::Slurm;
pub use worker::{Device, DeviceNameError, WorkerCommand, WorkerSpec};

use crate::protocol::{Answer, Order};
use crate::scheduler::WorkerId;
use std::io;
use std::sync::mpsc::Sender;

/// Starts workers and carries orders to them and answers from them. Dropped, it ends all of them.
///
/// No call waits for a worker. Everything that happens to one is sent as a [`WorkerEvent`] to the channel that it was
/// started with, in this order: [`Ready`](WorkerEvent::Ready) once, unless it dies before that; answers in the order in which
/// the worker gave them, lines of its standard error, and warnings; [`Exited`](WorkerEvent::Exited) once, and nothing after it.
pub trait Launcher {
    /// Starts a worker, or asks for one. It may end with the thread that calls this. A worker of this number must not exist: a new one may be started after the
    /// `Exited` of the one before.
    ///
    /// # Errors
    /// It can never be started, such as when there is no such program.
    fn start(&mut self, worker: WorkerId, spec: &WorkerSpec, events: &Sender<Event>) -> io::Result<()>;

    /// Sends an order. Orders arrive in order; those to a worker that is not ready yet arrive when it is, and those to
    /// a worker that is gone are lost, which its `Exited` reports.
    fn send(&mut self, worker: WorkerId, order: &Order);

    /// Kills a worker, and processes that it has started. Its `Exited` follows.
    fn kill(&mut self, worker: WorkerId);

    /// Ends the worker's orders, at which it ends by itself. Its `Exited` follows.
    fn dismiss(&mut self, worker: WorkerId);

    /// Leaves the workers to themselves, if they can do what they were ordered to without the sweep: from now on the drop
    /// ends none of them. Says whether that is so.
    fn leave(&mut self) -> bool {
        false
    }
}

/// An event that the sweep waits for.
#[expect(clippy::large_enum_variant, reason = "one at a time")]
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Something happened to a worker.
    Worker(WorkerId, WorkerEvent),
    /// A signal asks the sweep to stop.
    Stop,
    /// A person asks for the end of one run; the others go on.
    Cancel {
        /// Its id.
        run: String,
        /// Why, for people.
        reason: String,
    },
    /// A signal asks the sweep to pause, as Ctrl-Z does.
    Pause,
}

/// Something that happened to a worker.
#[expect(clippy::large_enum_variant, reason = "one at a time")]
#[derive(Clone, Debug, PartialEq)]
pub enum WorkerEvent {
    /// It is there and takes orders. On this machine that is at once; a cluster may take hours.
    Ready,
    /// It answered.
    Answer(Answer),
    /// It wrote a line to its standard error.
    Stderr(String),
    /// The launcher has something to say of it that people should know.
    Warning(String),
    /// It ended, by itself or not.
    Exited(Exit),
}
