//! Trains the runs of a plan on workers: which run starts next and where, what is tried again, when a run is stopped.
//!
//! In reading order: the [`scheduler`] decides, and a [`Policy`] judges evaluations for it; the [`Dispatcher`] carries
//! its decisions out through a [`Launcher`], which starts workers and passes on the lines of the [`protocol`]; an
//! [`Observer`] shows the progress. There is no tensor and no terminal here, and nothing that knows a model.

pub mod scheduler;

mod policy;

mod dispatcher;
mod job;
mod packing;

pub mod channel;
pub mod launcher;
pub mod protocol;

mod failures;
mod observer;
mod time_limit;
mod timers;

pub mod signals;

pub use dispatcher::Dispatcher;
pub use job::{DispatchError, Dispatched, Job, Settings};
pub use launcher::{Device, Event, Launcher, Local, Slurm, WorkerCommand, WorkerSpec};
pub use observer::{Notice, Observer, Retry};
pub use policy::{Policy, TrainAll};
pub use scheduler::{Run, WorkerId};
