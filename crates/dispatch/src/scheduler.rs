//! Decides which run starts next, on which worker, and what becomes of a run that fails: a pure state machine, without
//! clock or process.
//!
//! **Next** is the first run in the order of the plan; it starts on the worker with a free slot that has the fewest runs
//! (`fill`, at the end of this file). Three kinds of runs leave that order:
//!
//! - A run whose attempt failed for a transient cause waits a while, goes to the end of the queue and is tried again, at
//!   most `retries` times.
//! - Of several runs in a worker that dies it is unknown which one killed it. After the second death each of them is a
//!   suspect: it is tried after all others, with no run beside it. So is a run that ran out of memory, at once. A run
//!   that was alone in its worker at the second death is quarantined: it has failed, whatever tries are left.
//! - A run that was ended by the fault of another, or of a device, goes to the head of the queue.
//!
//! Slots change as a sweep goes (`slots`): several runs that were out of memory in one worker are each tried again at no cost,
//! in a worker that takes half as many at once. A worker whose device fails at two starts in a row is used no more, and its
//! runs move to the others; when none is left the sweep ends.
//!
//! A [`Policy`] sees every evaluation and may stop runs early.

mod slots;

use crate::policy::Policy;
use record::{Cause, Evaluation, FailureCount, Outcome, Status};
use slots::Slots;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Index of a run in the plan.
pub type Run = usize;
/// Index of a worker.
pub type WorkerId = usize;

/// Pause before the second attempt; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Deaths of its worker that quarantine a run.
const QUARANTINE_DEATHS: u32 = 2;
/// Attempts at a run in a row that the cluster may end before a further checkpoint; then it has failed.
const MOST_INTERRUPTIONS: u32 = 20;

/// How many failures are accepted.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Further attempts at a run that failed.
    pub retries: u32,
    /// Runs that may fail before everything is stopped; `None` for any number.
    pub max_failures: Option<u32>,
}

/// An event that the scheduler decides on.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The run was evaluated.
    Evaluated(Run, Evaluation),
    /// The run's attempt ended.
    Ended(Run, Outcome),
    /// A worker died.
    Died {
        /// Which.
        worker: WorkerId,
        /// The run that it was killed for, if there is one.
        culprit: Option<Run>,
        /// Of what.
        cause: Cause,
        /// Of what, for people.
        reason: String,
        /// Whether the cluster ended it, and not a fault of its runs.
        is_blameless: bool,
    },
    /// The worker takes this many runs at once from now on; those that are too many train to their end.
    Slots(WorkerId, usize),
    /// The pause before the run's next attempt is over.
    Waited(Run),
    /// End this run, for this reason; it is not tried again.
    Cancel(Run, String),
    /// Start nothing more.
    Stop,
}

/// A decision that the dispatcher carries out.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Train the run on the worker.
    Start(WorkerId, Run),
    /// Stop the run, which trains, with a checkpoint: its evaluations were not good enough, or it is cancelled.
    Stop {
        /// The run.
        run: Run,
        /// Why, for people.
        reason: String,
    },
    /// The attempt failed and another one follows: send [`Input::Waited`] after the pause.
    Retry {
        /// The run.
        run: Run,
        /// Its failures so far, to be kept beyond this process.
        count: FailureCount,
        /// How the attempt ended, as an interruption: the run goes on.
        outcome: Outcome,
        /// How long to wait.
        pause: Duration,
        /// Whether it will be tried after all others, with no run beside it.
        alone: bool,
    },
    /// The run has its final status in this sweep.
    Finish(Run, Outcome),
    /// This many runs have failed, which is too many: stop those that train.
    Halt(u32),
    /// The worker was out of memory with several runs and takes this many at once from now on.
    Narrow(WorkerId, usize),
    /// The worker's device failed, for this reason, and is used no more.
    Retire(WorkerId, String),
    /// No worker is left, for this reason: runs that have not ended stay as they are.
    Strand(String),
}

/// The state of all runs that are to be trained.
pub struct Scheduler {
    policy: Box<dyn Policy>,
    limits: Limits,
    slots: Slots,
    running: BTreeMap<Run, WorkerId>,
    /// Runs that can start, first one first.
    ready: VecDeque<Run>,
    /// Runs in the pause before their next attempt.
    waiting: BTreeSet<Run>,
    /// Suspects that can start, each alone, after all others.
    suspects: VecDeque<Run>,
    suspected: BTreeSet<Run>,
    counts: BTreeMap<Run, FailureCount>,
    /// The newest evaluation of each run.
    evaluations: BTreeMap<Run, Evaluation>,
    /// Runs that train and were asked to stop.
    stopped: BTreeSet<Run>,
    failed: u32,
    /// Nothing starts any more.
    stopping: bool,
}

impl Scheduler {
    /// Runs in the order in which they are to start, each once; workers by their slots; failures of earlier sweeps.
    pub fn new(
        runs: impl IntoIterator<Item = Run>,
        slots: Vec<usize>,
        counts: BTreeMap<Run, FailureCount>,
        limits: Limits,
        policy: Box<dyn Policy>,
    ) -> Self {
        Self {
            policy,
            limits,
            slots: Slots::new(slots),
            running: BTreeMap::new(),
            ready: runs.into_iter().collect(),
            waiting: BTreeSet::new(),
            suspects: VecDeque::new(),
            suspected: BTreeSet::new(),
            counts,
            evaluations: BTreeMap::new(),
            stopped: BTreeSet::new(),
            failed: 0,
            stopping: false,
        }
    }

    /// The run trains on the worker already; before [`start`](Self::start).
    pub fn assume(&mut self, run: Run, worker: WorkerId) {
        self.ready.retain(|ready| *ready != run);
        self.occupy(run, worker);
    }

    /// What to do first.
    pub fn start(&mut self) -> Vec<Action> {
        self.fill()
    }

    /// What to do now.
    pub fn next(&mut self, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Evaluated(run, evaluation) => {
                if let Some(worker) = self.worker_of(run) {
                    self.slots.works(worker);
                    let decisions = self.policy.evaluated(run, &evaluation);
                    self.evaluations.insert(run, evaluation);
                    decisions.into_iter().for_each(|(run, reason)| self.stop_run(run, reason, &mut actions));
                }
            }
            Input::Ended(run, outcome) => {
                if let Some(worker) = self.release(run) {
                    self.slots.works(worker);
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
            Input::Died { worker, culprit, cause, reason, is_blameless } => {
                let lost = self.runs_on(worker);
                for run in &lost {
                    self.release(*run);
                }
                let is_crowded = cause == Cause::OutOfMemory && culprit.is_none() && !is_blameless && lost.len() > 1;
                let is_innocent =
                    |run| cause == Cause::Device || is_crowded || culprit.is_some_and(|culprit| culprit != run);
                // It was asked to end, and has ended.
                let (ended, others): (Vec<Run>, Vec<Run>) = lost.iter().partition(|run| self.is_stopping(**run));
                for run in ended {
                    self.finish(run, Outcome::early(Status::Interrupted, 0, &reason), &mut actions);
                }
                let (innocent, suspect): (Vec<Run>, Vec<Run>) = others.into_iter().partition(|run| is_innocent(*run));
                for run in suspect {
                    match culprit {
                        None if is_blameless => self.interrupt(run, cause, &reason, &mut actions),
                        _ => self.lose(run, lost.len(), cause, &reason, &mut actions),
                    }
                }
                for run in innocent.into_iter().rev() {
                    // One failure too many may have stopped everything.
                    if self.stopping {
                        self.finish(run, Outcome::early(Status::Interrupted, 0, &reason), &mut actions);
                    } else {
                        let queue = if self.suspected.contains(&run) { &mut self.suspects } else { &mut self.ready };
                        queue.push_front(run);
                    }
                }
                if is_crowded {
                    actions.push(Action::Narrow(worker, self.slots.halve(worker, lost.len())));
                }
                if cause == Cause::Device && self.slots.device_failed(worker) {
                    actions.push(Action::Retire(worker, reason.clone()));
                    if !self.slots.has_any() {
                        self.stop();
                        actions.push(Action::Strand(reason));
                    }
                }
            }
            Input::Waited(run) => {
                if self.waiting.remove(&run) {
                    let queue = if self.suspected.contains(&run) { &mut self.suspects } else { &mut self.ready };
                    queue.push_back(run);
                }
            }
            Input::Slots(worker, slots) => self.slots.set(worker, slots),
            Input::Cancel(run, reason) => self.stop_run(run, reason, &mut actions),
            Input::Stop => self.stop(),
        }
        actions.extend(self.fill());
        actions
    }

    /// Whether nothing runs and nothing will.
    pub fn is_done(&self) -> bool {
        self.running.is_empty() && self.ready.is_empty() && self.waiting.is_empty() && self.suspects.is_empty()
    }

    /// The runs that train on a worker.
    pub fn runs_on(&self, worker: WorkerId) -> Vec<Run> {
        self.running.iter().filter(|(_, on)| **on == worker).map(|(run, _)| *run).collect()
    }

    /// The worker that trains the run.
    pub fn worker_of(&self, run: Run) -> Option<WorkerId> {
        self.running.get(&run).copied()
    }

    /// The run's newest evaluation.
    pub fn evaluation(&self, run: Run) -> Option<&Evaluation> {
        self.evaluations.get(&run)
    }

    /// The run has written a checkpoint since the cluster ended its attempt before this one.
    pub fn progressed(&mut self, run: Run) {
        if let Some(count) = self.counts.get_mut(&run) {
            count.interruptions = 0;
        }
    }

    fn stop(&mut self) {
        self.stopping = true;
        self.ready.clear();
        self.waiting.clear();
        self.suspects.clear();
    }

    fn is_stopping(&self, run: Run) -> bool {
        self.stopping || self.stopped.contains(&run)
    }

    /// Stops a run that trains; one that waits for its turn never gets it.
    fn stop_run(&mut self, run: Run, reason: String, actions: &mut Vec<Action>) {
        if self.running.contains_key(&run) {
            if !self.stopping && self.stopped.insert(run) {
                actions.push(Action::Stop { run, reason });
            }
            return;
        }
        let waits = self.ready.len() + self.waiting.len() + self.suspects.len();
        self.ready.retain(|ready| *ready != run);
        self.waiting.remove(&run);
        self.suspects.retain(|suspect| *suspect != run);
        if self.ready.len() + self.waiting.len() + self.suspects.len() < waits {
            self.finish(run, Outcome::early(Status::Interrupted, 0, reason), actions);
        }
    }

    /// The attempt ended with its worker, which trained this many runs.
    fn lose(&mut self, run: Run, runs: usize, cause: Cause, reason: &str, actions: &mut Vec<Action>) {
        if !cause.is_transient() {
            return self.finish(run, Outcome::failed(cause, reason), actions);
        }
        let count = self.counts.entry(run).or_default();
        count.deaths += 1;
        let deaths = count.deaths;
        let alone = runs == 1;
        let outcome = match cause {
            Cause::Timeout => Outcome { cause: Some(cause), ..Outcome::early(Status::TimedOut, 0, reason) },
            cause => Outcome::failed(cause, reason),
        };
        if alone && deaths >= QUARANTINE_DEATHS {
            let reason = format!("quarantined after {deaths} deaths: {reason}");
            return self.finish(run, Outcome { reason: Some(reason), ..outcome }, actions);
        }
        if deaths >= QUARANTINE_DEATHS {
            self.suspected.insert(run);
        }
        if !alone && self.limits.retries > 0 && count.failures >= self.limits.retries {
            // Its tries are used up, perhaps by the fault of others: one more, alone, decides.
            self.suspected.insert(run);
            count.failures = self.limits.retries - 1;
        }
        self.fail(run, cause, outcome, actions);
    }

    /// The cluster ended the attempt: the next one goes on, however many failures the run may have.
    fn interrupt(&mut self, run: Run, cause: Cause, reason: &str, actions: &mut Vec<Action>) {
        let count = self.counts.entry(run).or_default();
        count.interruptions += 1;
        let count = *count;
        if count.interruptions > MOST_INTERRUPTIONS {
            let reason =
                format!("interrupted {} times by the cluster without a checkpoint: {reason}", count.interruptions);
            return self.finish(run, Outcome::failed(cause, reason), actions);
        }
        self.waiting.insert(run);
        let (outcome, alone) = (Outcome::early(Status::Interrupted, 0, reason), self.suspected.contains(&run));
        actions.push(Action::Retry { run, count, outcome, pause: FIRST_PAUSE, alone });
    }

    fn fail(&mut self, run: Run, cause: Cause, outcome: Outcome, actions: &mut Vec<Action>) {
        let count = self.counts.entry(run).or_default();
        count.failures += 1;
        let count = *count;
        if count.failures > self.limits.retries || self.is_stopping(run) {
            return self.finish(run, outcome, actions);
        }
        if cause == Cause::OutOfMemory {
            self.suspected.insert(run);
        }
        let doublings = (count.failures - 1).min(16);
        let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
        self.waiting.insert(run);
        let alone = self.suspected.contains(&run);
        let outcome = Outcome { status: Status::Interrupted, ..outcome };
        actions.push(Action::Retry { run, count, outcome, pause, alone });
    }

    fn finish(&mut self, run: Run, outcome: Outcome, actions: &mut Vec<Action>) {
        let failed = matches!(outcome.status, Status::Failed | Status::TimedOut);
        self.stopped.remove(&run);
        actions.push(Action::Finish(run, outcome));
        self.failed += u32::from(failed);
        if failed && !self.stopping && self.limits.max_failures.is_some_and(|most| self.failed >= most) {
            self.stop();
            actions.push(Action::Halt(self.failed));
        }
    }

    /// Starts the runs that can start: in their order while there are free slots; when nothing else is left, one suspect.
    fn fill(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.suspected.iter().any(|run| self.running.contains_key(run)) {
            return actions;
        }
        while let Some(worker) = self.slots.least_busy()
            && let Some(run) = self.ready.pop_front()
        {
            self.occupy(run, worker);
            actions.push(Action::Start(worker, run));
        }
        if self.running.is_empty()
            && self.waiting.iter().all(|run| self.suspected.contains(run))
            && let Some(worker) = self.slots.first()
            && let Some(run) = self.suspects.pop_front()
        {
            self.occupy(run, worker);
            actions.push(Action::Start(worker, run));
        }
        actions
    }

    fn occupy(&mut self, run: Run, worker: WorkerId) {
        self.running.insert(run, worker);
        self.slots.occupy(worker);
    }

    /// The run trains no more; the worker on which it did.
    fn release(&mut self, run: Run) -> Option<WorkerId> {
        let worker = self.running.remove(&run);
        worker.into_iter().for_each(|worker| self.slots.release(worker));
        worker
    }
}

#[cfg(test)]
mod tests;
