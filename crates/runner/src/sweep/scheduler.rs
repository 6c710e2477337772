//! Which run starts where, what is tried again, and when it is enough: a pure state machine. No clock, no process.
//!
//! A run whose attempt failed for a transient cause rests a while and is tried again, so many times. Of several runs in a
//! worker that dies no one knows which one killed it: after the second death each of them is a suspect, and is tried
//! again after all others, alone. Memory that ran out makes a suspect at once. A run that was the only one in its worker
//! when the worker died, for the second time, is quarantined: it has failed, whatever tries are left.

use record::{Cause, FailureCount, Outcome, Status};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Index of a run in the plan.
pub type Run = usize;
/// Index of a worker.
pub type WorkerId = usize;

/// Rest before the first further try; each one after it doubles the rest.
const FIRST_REST: Duration = Duration::from_secs(1);
/// No rest is longer.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// Deaths of its worker that quarantine a run.
const DEADLY: u32 = 2;

/// How much failure is borne.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Further tries of a run.
    pub retries: u32,
    /// Runs that may fail before everything is stopped; `None` for any number.
    pub max_failures: Option<u32>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The run's attempt came to an end.
    Ended(Run, Outcome),
    /// A worker died.
    Died {
        /// Which.
        worker: WorkerId,
        /// The run that it was killed for, if one is known.
        culprit: Option<Run>,
        /// Of what.
        cause: Cause,
        /// Of what, for people.
        reason: String,
    },
    /// The run has rested.
    Rested(Run),
    /// Start nothing more.
    Stop,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Train the run on the worker.
    Start(WorkerId, Run),
    /// The attempt has failed and another one follows: say [`Input::Rested`] after a while.
    Rest {
        /// The run.
        run: Run,
        /// Its failures so far, to be remembered beyond this process.
        count: FailureCount,
        /// How the attempt ended, as an interruption: the run goes on.
        outcome: Outcome,
        /// The while.
        pause: Duration,
        /// Whether it will be tried after all others, alone.
        alone: bool,
    },
    /// The run has its final status in this sweep.
    Finish(Run, Outcome),
    /// Too many runs have failed: stop those that train.
    Halt(String),
}

/// Decides; whoever holds it acts.
#[derive(Debug)]
pub struct Scheduler {
    limits: Limits,
    /// Slots of each worker.
    slots: Vec<usize>,
    running: BTreeMap<Run, WorkerId>,
    ready: VecDeque<Run>,
    resting: BTreeSet<Run>,
    /// Ready too, but each to be tried alone, after all others.
    suspects: VecDeque<Run>,
    counts: BTreeMap<Run, FailureCount>,
    suspected: BTreeSet<Run>,
    failed: u32,
    stopping: bool,
}

impl Scheduler {
    /// Runs in the order in which to start them, each once; workers by their slots; failures of earlier sweeps.
    pub fn new(
        runs: impl IntoIterator<Item = Run>,
        slots: Vec<usize>,
        counts: BTreeMap<Run, FailureCount>,
        limits: Limits,
    ) -> Self {
        Self {
            limits,
            slots,
            running: BTreeMap::new(),
            ready: runs.into_iter().collect(),
            resting: BTreeSet::new(),
            suspects: VecDeque::new(),
            counts,
            suspected: BTreeSet::new(),
            failed: 0,
            stopping: false,
        }
    }

    /// What to do first.
    pub fn start(&mut self) -> Vec<Action> {
        self.fill()
    }

    /// What to do now.
    pub fn next(&mut self, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Ended(run, outcome) => {
                if self.running.remove(&run).is_some() {
                    let cause = match outcome.status {
                        Status::TimedOut => Some(Cause::Timeout),
                        _ => outcome.cause,
                    };
                    match cause {
                        Some(cause) if cause.is_transient() => self.fail(run, cause, outcome, &mut actions),
                        _ => self.finish(run, outcome, &mut actions),
                    }
                }
            }
            Input::Died { worker, culprit, cause, reason } => {
                let victims = self.on(worker);
                self.running.retain(|_, on| *on != worker);
                for run in &victims {
                    match culprit {
                        Some(culprit) if culprit != *run => self.requeue(*run),
                        _ => self.bury(*run, victims.len(), cause, &reason, &mut actions),
                    }
                }
            }
            Input::Rested(run) => {
                if self.resting.remove(&run) {
                    let queue = if self.suspected.contains(&run) { &mut self.suspects } else { &mut self.ready };
                    queue.push_back(run);
                }
            }
            Input::Stop => self.stop(),
        }
        actions.extend(self.fill());
        actions
    }

    /// Whether nothing runs and nothing will.
    pub fn is_done(&self) -> bool {
        self.running.is_empty() && self.ready.is_empty() && self.resting.is_empty() && self.suspects.is_empty()
    }

    /// The runs that train on a worker.
    pub fn on(&self, worker: WorkerId) -> Vec<Run> {
        self.running.iter().filter(|(_, on)| **on == worker).map(|(run, _)| *run).collect()
    }

    /// Where the run trains.
    pub fn place(&self, run: Run) -> Option<WorkerId> {
        self.running.get(&run).copied()
    }

    fn stop(&mut self) {
        self.stopping = true;
        self.ready.clear();
        self.resting.clear();
        self.suspects.clear();
    }

    /// What someone else's fault ended goes on at once.
    fn requeue(&mut self, run: Run) {
        if !self.stopping {
            self.ready.push_front(run);
        }
    }

    /// An attempt ended with its worker; so many runs were in there.
    fn bury(&mut self, run: Run, company: usize, cause: Cause, reason: &str, actions: &mut Vec<Action>) {
        if self.stopping {
            // Being stopped is what it was asked for.
            return self.finish(run, Outcome::early(Status::Interrupted, 0, reason), actions);
        }
        let count = self.counts.entry(run).or_default();
        count.deaths += 1;
        let deaths = count.deaths;
        let alone = company == 1;
        let outcome = match cause {
            Cause::Timeout => Outcome { cause: Some(cause), ..Outcome::early(Status::TimedOut, 0, reason) },
            cause => Outcome::failed(cause, reason),
        };
        if alone && deaths >= DEADLY {
            let reason = format!("quarantined after {deaths} deaths: {reason}");
            return self.finish(run, Outcome { reason: Some(reason), ..outcome }, actions);
        }
        if deaths >= DEADLY {
            self.suspected.insert(run);
        }
        if !alone && self.limits.retries > 0 && count.failures >= self.limits.retries {
            // Its tries are used up, perhaps by others: one more, alone, tells.
            self.suspected.insert(run);
            count.failures = self.limits.retries - 1;
        }
        self.fail(run, cause, outcome, actions);
    }

    fn fail(&mut self, run: Run, cause: Cause, outcome: Outcome, actions: &mut Vec<Action>) {
        let count = self.counts.entry(run).or_default();
        count.failures += 1;
        if self.stopping || count.failures > self.limits.retries {
            return self.finish(run, outcome, actions);
        }
        if cause == Cause::OutOfMemory {
            self.suspected.insert(run);
        }
        let doublings = (count.failures - 1).min(16);
        let pause = (FIRST_REST * 2_u32.pow(doublings)).min(LONGEST_REST);
        self.resting.insert(run);
        let alone = self.suspected.contains(&run);
        let outcome = Outcome { status: Status::Interrupted, ..outcome };
        actions.push(Action::Rest { run, count: *count, outcome, pause, alone });
    }

    fn finish(&mut self, run: Run, outcome: Outcome, actions: &mut Vec<Action>) {
        let failed = matches!(outcome.status, Status::Failed | Status::TimedOut);
        actions.push(Action::Finish(run, outcome));
        self.failed += u32::from(failed);
        if failed && !self.stopping && self.limits.max_failures.is_some_and(|most| self.failed >= most) {
            let runs = crate::text::count(self.failed as usize, "run");
            self.stop();
            actions.push(Action::Halt(format!("stopped after {runs} had failed")));
        }
    }

    fn fill(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.running.keys().any(|run| self.suspected.contains(run)) {
            return actions;
        }
        while let Some(worker) = self.freest()
            && let Some(run) = self.ready.pop_front()
        {
            self.running.insert(run, worker);
            actions.push(Action::Start(worker, run));
        }
        if self.running.is_empty()
            && self.resting.iter().all(|run| self.suspected.contains(run))
            && let Some(run) = self.suspects.pop_front()
        {
            self.running.insert(run, 0);
            actions.push(Action::Start(0, run));
        }
        actions
    }

    /// The first of the workers with a free slot on which the fewest runs train.
    fn freest(&self) -> Option<WorkerId> {
        let mut busy = vec![0; self.slots.len()];
        self.running.values().for_each(|worker| busy[*worker] += 1);
        let free = (0..busy.len()).filter(|worker| busy[*worker] < self.slots[*worker]);
        free.min_by_key(|worker| busy[*worker])
    }
}

#[cfg(test)]
mod tests;
