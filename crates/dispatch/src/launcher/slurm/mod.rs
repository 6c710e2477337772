//! Workers as tasks of Slurm: orders and answers go through files of the results folder, which the nodes see.
//!
//! A task outlives the sweep that submitted it, if that [leaves](Launcher::leave) it: all its orders were written before it was
//! submitted. Slurm says only who is alive. It is asked once for all tasks of a sweep, and they are known by the names of
//! their jobs, because ids of jobs that were lost with the controller are given out again. What a task did is in its
//! [`Channel`](crate::channel::Channel) and in the folders of its runs.

mod canary;
mod followed;
mod queue;
mod script;
mod tasks;
mod watch;

pub use canary::{Canary, CanaryError, Probe};
pub use queue::{QueueError, Queued, State};
pub use script::Resources;
pub use tasks::{Task, TaskFolder};

use super::{Event, Launcher, WorkerCommand, WorkerSpec};
use crate::protocol::Order;
use crate::scheduler::WorkerId;
use record::Plan;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use watch::Watch;

/// Between two looks at the files of tasks.
const TICK: Duration = Duration::from_millis(200);

/// How long killed tasks may take to end.
const GRACE: Duration = Duration::from_secs(30);

/// Submits tasks to Slurm and follows them.
#[derive(Debug)]
pub struct Slurm {
    watch: Arc<Mutex<Watch>>,
    watcher: Option<JoinHandle<()>>,
    /// Tasks that an earlier sweep has submitted, by the worker that they are to be.
    adopted: HashMap<WorkerId, Task>,
    leaves: bool,
}

/// What is the same for all tasks of a sweep.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What a task executes, before the arguments of its spec and its channel.
    pub command: WorkerCommand,
    /// What it asks the cluster for.
    pub resources: Resources,
    /// The folder of the tasks.
    pub tasks: TaskFolder,
    /// Runs that a task trains at once; `None` for all that it has.
    pub slots: Option<usize>,
    /// The plan of the sweep: each task gets its part of it, because a large one would be read as often as there are tasks.
    pub plan: Option<Arc<Plan>>,
    /// A job that must have succeeded before any task starts.
    pub after: Option<String>,
}

impl Slurm {
    /// Nothing is submitted yet.
    pub fn new(setting: Setting) -> Self {
        let watch = Arc::new(Mutex::new(Watch::new(setting)));
        Self { watch, watcher: None, adopted: HashMap::new(), leaves: false }
    }

    /// The worker of this number will be that task, which is submitted already.
    pub fn adopt(&mut self, worker: WorkerId, task: Task) {
        self.adopted.insert(worker, task);
    }

    /// Tasks that were asked for and that Slurm has not taken.
    pub fn unsubmitted(&self) -> usize {
        self.watch().unsubmitted()
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the thread that follows the tasks.
    fn follow(&mut self) -> io::Result<()> {
        if self.watcher.is_none() {
            let watch = Arc::downgrade(&self.watch);
            let follow = move || {
                while let Some(watch) = watch.upgrade() {
                    watch.lock().unwrap_or_else(PoisonError::into_inner).tick();
                    drop(watch);
                    thread::sleep(TICK);
                }
            };
            self.watcher = Some(thread::Builder::new().spawn(follow)?);
        }
        Ok(())
    }
}

impl Launcher for Slurm {
    fn start(&mut self, worker: WorkerId, spec: &WorkerSpec, events: &Sender<Event>) -> io::Result<()> {
        let adopted = self.adopted.remove(&worker);
        self.watch().start(worker, spec, events, adopted);
        self.follow()
    }

    fn send(&mut self, worker: WorkerId, order: &Order) {
        self.watch().send(worker, order);
    }

    fn kill(&mut self, worker: WorkerId) {
        self.watch().kill(worker);
    }

    fn dismiss(&mut self, worker: WorkerId) {
        self.watch().dismiss(worker);
    }

    fn leave(&mut self) -> bool {
        self.leaves = true;
        self.watch().submit_all();
        true
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        if self.leaves {
            return;
        }
        self.watch().kill_all();
        let deadline = Instant::now() + GRACE;
        while !self.watch().is_empty() && Instant::now() < deadline {
            self.watch().tick();
            thread::sleep(TICK);
        }
    }
}

/// The folder of a sweep's tasks below its results.
pub fn tasks_of(sweep: &record::SweepFolder) -> PathBuf {
    sweep.path().join(".tasks")
}
