//! How many runs each worker takes at once, which workers are still used, and which has room.

use super::WorkerId;
use std::collections::BTreeSet;

/// Starts in a row at which a worker's device failed, before any run began, after which the worker is used no more.
const DEVICE_FAILURES: u32 = 2;

/// Of all workers of a sweep.
pub(super) struct Slots {
    workers: Vec<Worker>,
    /// The workers with a free slot, by the number of their runs.
    free: BTreeSet<(usize, WorkerId)>,
}

struct Worker {
    /// Zero if it is used no more.
    slots: usize,
    /// Runs that train on it.
    busy: usize,
    /// Failures of its device in a row.
    failures: u32,
}

impl Slots {
    pub(super) fn new(slots: Vec<usize>) -> Self {
        let workers: Vec<Worker> = slots.into_iter().map(|slots| Worker { slots, busy: 0, failures: 0 }).collect();
        let free = workers.iter().enumerate().filter(|(_, worker)| worker.slots > 0).map(|(at, _)| (0, at)).collect();
        Self { workers, free }
    }

    /// Whether any worker is used.
    pub(super) fn has_any(&self) -> bool {
        self.workers.iter().any(|worker| worker.slots > 0)
    }

    /// The first worker that is used.
    pub(super) fn first(&self) -> Option<WorkerId> {
        self.workers.iter().position(|worker| worker.slots > 0)
    }

    /// The first of the workers with a free slot on which the fewest runs train.
    pub(super) fn least_busy(&self) -> Option<WorkerId> {
        self.free.first().map(|(_, worker)| *worker)
    }

    /// A run begins on the worker.
    pub(super) fn occupy(&mut self, worker: WorkerId) {
        self.change(worker, |worker| worker.busy += 1);
    }

    /// A run on the worker is over.
    pub(super) fn release(&mut self, worker: WorkerId) {
        self.change(worker, |worker| worker.busy -= 1);
    }

    /// The worker's device works.
    pub(super) fn works(&mut self, worker: WorkerId) {
        self.workers[worker].failures = 0;
    }

    /// The worker's device failed when it started; whether that takes it out.
    pub(super) fn device_failed(&mut self, worker: WorkerId) -> bool {
        self.workers[worker].failures += 1;
        let is_out = self.workers[worker].failures >= DEVICE_FAILURES;
        if is_out {
            self.change(worker, |worker| worker.slots = 0);
        }
        is_out
    }

    /// The worker, if it is used, takes so many runs at once from now on.
    pub(super) fn set(&mut self, worker: WorkerId, slots: usize) {
        if self.workers[worker].slots > 0 {
            self.change(worker, |worker| worker.slots = slots.max(1));
        }
    }

    /// So many runs at once were too many for the worker's memory: it takes half as many, which is returned.
    pub(super) fn halve(&mut self, worker: WorkerId, runs: usize) -> usize {
        self.change(worker, |worker| worker.slots = worker.slots.min(runs / 2).max(1));
        self.workers[worker].slots
    }

    fn change(&mut self, at: WorkerId, change: impl FnOnce(&mut Worker)) {
        let worker = &mut self.workers[at];
        self.free.remove(&(worker.busy, at));
        change(worker);
        if worker.busy < worker.slots {
            self.free.insert((worker.busy, at));
        }
    }
}
