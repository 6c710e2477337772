//! The loop between the scheduler, which decides, and the launcher, which has the workers.

use crate::failures::FailureLog;
use crate::job::{DispatchError, Dispatched, Job, Settings};
use crate::launcher::{Event, Exit, Launcher, WorkerEvent, WorkerSpec};
use crate::observer::{Notice, Observer, Retry};
use crate::packing::Meters;
use crate::policy::Policy;
use crate::protocol::{Answer, Order, Update};
use crate::scheduler::{Action, Input, Limits, Run, Scheduler, WorkerId};
use crate::signals;
use crate::time_limit::TimeLimit;
use crate::timers::Timers;
use record::{Cause, EventLog, Outcome, Plan, Status, SweepFolder};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;

/// Trains the runs of a [`Job`].
pub struct Dispatcher<'a> {
    plan: &'a Plan,
    folder: &'a SweepFolder,
    specs: Vec<WorkerSpec>,
    time_limit: Option<TimeLimit>,
    launcher: &'a mut dyn Launcher,
    observer: &'a mut dyn Observer,
    scheduler: Scheduler,
    workers: Vec<WorkerState>,
    meters: Meters,
    /// The run that a worker was killed for, because it ignored its time limit.
    killed_for: HashMap<WorkerId, Run>,
    /// The newest checkpoint of a run when the cluster last ended its attempt.
    interrupted_at: HashMap<Run, u64>,
    ids: HashMap<&'a str, Run>,
    /// Attempts at each run in this sweep, to distinguish the timers of successive attempts.
    attempts: Vec<u32>,
    timers: Timers<Timer>,
    failures: FailureLog<'a>,
    /// Runs that workers train already.
    ordered: Vec<(WorkerId, Run)>,
    done: Dispatched,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WorkerState {
    Absent,
    Starting,
    Ready,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Retry(Run),
    /// The time limit of the run's attempt of this number.
    Limit(Run, u32),
    /// The end of the grace after it.
    Kill(Run, u32),
}

impl<'a> Dispatcher<'a> {
    /// For the pending runs of a plan. Nothing is started yet.
    pub fn new(
        job: Job<'a>,
        settings: Settings,
        policy: Box<dyn Policy>,
        launcher: &'a mut dyn Launcher,
        observer: &'a mut dyn Observer,
    ) -> Self {
        let Job { plan, folder, pending, workers, ordered } = job;
        observer.notice(Notice::Began(pending.len()));
        let failures = FailureLog::read(plan, folder, &pending);
        let limits = Limits { retries: settings.retries, max_failures: settings.max_failures };
        let slots = workers.iter().map(|worker| if worker.packs { 1 } else { worker.slots }).collect();
        let mut scheduler = Scheduler::new(pending.iter().copied(), slots, failures.counts(&pending), limits, policy);
        ordered.iter().for_each(|(worker, run)| scheduler.assume(*run, *worker));
        let (sender, events) = channel();
        Self {
            plan,
            folder,
            time_limit: settings.time_limit.map(TimeLimit::new),
            launcher,
            observer,
            scheduler,
            workers: vec![WorkerState::Absent; workers.len()],
            meters: Meters::new(&workers),
            specs: workers,
            killed_for: HashMap::new(),
            interrupted_at: HashMap::new(),
            ids: plan.runs.iter().map(|run| run.id.as_str()).zip(0..).collect(),
            attempts: vec![0; plan.runs.len()],
            timers: Timers::new(),
            failures,
            ordered,
            done: Dispatched { outcomes: BTreeMap::new(), stopped: false, left: false, stranded: None },
            sender,
            events,
        }
    }

    /// Where events come in from outside, such as those of [`signals::forward`].
    pub fn events(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Trains the runs until each has its final status or the sweep is stopped, and dismisses the workers.
    ///
    /// # Errors
    /// A worker cannot be started.
    pub fn run(mut self) -> Result<Dispatched, DispatchError> {
        for (worker, run) in std::mem::take(&mut self.ordered) {
            self.observer.notice(Notice::Started(run));
            self.attempts[run] += 1;
            self.require(worker)?;
        }
        let mut actions = self.scheduler.start();
        loop {
            for action in actions {
                self.act(action)?;
            }
            if self.done.left {
                // What came of the last submissions.
                while let Ok(event) = self.events.try_recv() {
                    for action in self.handle(event) {
                        self.act(action)?;
                    }
                }
                self.observer.notice(Notice::Ended);
                return Ok(self.done);
            }
            if self.scheduler.is_done() {
                break;
            }
            actions = match self.wait() {
                Some(event) => self.handle(event),
                None => self.timers.due().map_or_else(Vec::new, |timer| self.ring(timer)),
            };
        }
        self.observer.notice(Notice::Ended);
        for worker in self.present() {
            self.launcher.dismiss(worker);
        }
        Ok(self.done)
    }

    /// The next event; `None` if a timer falls due before it.
    fn wait(&self) -> Option<Event> {
        match self.timers.pause() {
            None => Some(self.events.recv().expect("the dispatcher itself holds a sender")),
            Some(pause) => match self.events.recv_timeout(pause) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => unreachable!("the dispatcher itself holds a sender"),
            },
        }
    }

    fn handle(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Worker(worker, WorkerEvent::Ready) => {
                self.workers[worker] = WorkerState::Ready;
                self.scheduler.runs_on(worker).into_iter().for_each(|run| self.limit(run));
            }
            Event::Worker(worker, WorkerEvent::Answer(answer)) => return self.update(worker, answer),
            Event::Worker(worker, WorkerEvent::Stderr(line)) => self.observer.notice(Notice::Stderr(worker, &line)),
            Event::Worker(_, WorkerEvent::Warning(line)) => self.observer.notice(Notice::Warning(&line)),
            Event::Worker(worker, WorkerEvent::Exited(exit)) => return self.exited(worker, exit),
            Event::Stop => {
                self.done.stopped = true;
                if self.launcher.leave() {
                    self.done.left = true;
                    self.observer.notice(Notice::Left);
                    return Vec::new();
                }
                self.observer.notice(Notice::Interrupted);
                self.stop_all("stopped by a signal");
                return self.scheduler.next(Input::Stop);
            }
            Event::Cancel { run, reason } => {
                if let Some(run) = self.ids.get(run.as_str()).copied() {
                    return self.scheduler.next(Input::Cancel(run, reason));
                }
            }
            Event::Pause => self.pause(),
        }
        Vec::new()
    }

    fn act(&mut self, action: Action) -> Result<(), DispatchError> {
        match action {
            Action::Start(worker, run) => self.start(worker, run)?,
            Action::Stop { run, reason } => self.stop(run, Status::Interrupted, reason),
            Action::Retry { run, count, outcome, pause, alone } => {
                let next = if alone { Retry::Alone } else { Retry::After(pause) };
                self.observer.notice(Notice::Retrying { run, outcome: &outcome, next });
                let written = self.failures.set(run, count);
                self.check_written(written);
                self.timers.set(pause, Timer::Retry(run));
                self.done.outcomes.insert(run, outcome);
            }
            Action::Finish(run, outcome) => {
                let written = self.failures.remove(run);
                self.check_written(written);
                let evaluation = self.scheduler.evaluation(run);
                self.observer.notice(Notice::Finished { run, outcome: &outcome, evaluation });
                self.done.outcomes.insert(run, outcome);
            }
            Action::Narrow(worker, slots) => {
                self.meters.settle(worker, slots);
                self.observer.notice(Notice::Narrowed { device: &self.specs[worker].device, slots });
            }
            Action::Retire(worker, reason) => {
                self.observer.notice(Notice::Retired { device: &self.specs[worker].device, reason: &reason });
            }
            Action::Strand(reason) => self.done.stranded = Some(reason),
            Action::Halt(failed) => {
                let runs = if failed == 1 { "run" } else { "runs" };
                let reason = format!("stopped after {failed} {runs} had failed");
                self.observer.notice(Notice::Halted(&reason));
                self.stop_all(&reason);
            }
        }
        Ok(())
    }

    fn start(&mut self, worker: WorkerId, run: Run) -> Result<(), DispatchError> {
        self.observer.notice(Notice::Started(run));
        self.attempts[run] += 1;
        self.require(worker)?;
        if self.workers[worker] == WorkerState::Ready {
            self.limit(run);
        }
        self.launcher.send(worker, &Order::Train(self.plan.runs[run].id.clone()));
        Ok(())
    }

    /// Starts the worker, unless it is there.
    fn require(&mut self, worker: WorkerId) -> Result<(), DispatchError> {
        if self.workers[worker] == WorkerState::Absent {
            let started = self.launcher.start(worker, &self.specs[worker], &self.sender);
            started.map_err(DispatchError::Worker)?;
            self.workers[worker] = WorkerState::Starting;
        }
        Ok(())
    }

    /// The run's time begins. A worker that is not there yet uses up no time of its runs.
    fn limit(&mut self, run: Run) {
        if let Some(limit) = &mut self.time_limit {
            limit.begin(run, &self.folder.run(&self.plan.runs[run].id));
            self.timers.set(limit.limit(), Timer::Limit(run, self.attempts[run]));
        }
    }

    fn update(&mut self, worker: WorkerId, Answer { run, update }: Answer) -> Vec<Action> {
        let run = self.ids.get(run.as_str()).copied();
        let Some(run) = run.filter(|run| self.scheduler.worker_of(*run) == Some(worker)) else { return Vec::new() };
        self.time_limit.iter_mut().for_each(|limit| limit.answered(run));
        match update {
            Update::Step(step) => {
                self.observer.notice(Notice::Step(run, step));
                let runs = self.scheduler.runs_on(worker).len();
                if let Some(slots) = self.meters.stepped(worker, run, step, runs) {
                    self.observer.notice(Notice::Packed { device: &self.specs[worker].device, slots });
                    return self.scheduler.next(Input::Slots(worker, slots));
                }
            }
            Update::Event(event) => {
                self.observer.notice(Notice::Recorded(run, &event));
                if let record::Event::Scalars(scalars) = &event
                    && let Some(share) = scalars.values.get(record::tag::DEVICE_MEMORY)
                {
                    self.meters.memory(worker, *share);
                }
                if let record::Event::Evaluation(evaluation) = event {
                    return self.scheduler.next(Input::Evaluated(run, evaluation));
                }
            }
            Update::Ended(outcome) => {
                self.meters.ended(run);
                return self.scheduler.next(Input::Ended(run, outcome));
            }
            Update::Misplaced(why) => {
                self.meters.ended(run);
                let way = "--mix goes on from it and marks the run, --fresh trains anew";
                let reason = format!("{why}; there is no node of its numeric class: {way}");
                let outcome = Outcome::failed(Cause::Config, reason);
                let written = self.record_end(run, &outcome);
                self.check_recorded(run, written);
                return self.scheduler.next(Input::Ended(run, outcome));
            }
        }
        Vec::new()
    }

    fn ring(&mut self, timer: Timer) -> Vec<Action> {
        match (timer, &self.time_limit) {
            (Timer::Retry(run), _) => return self.scheduler.next(Input::Waited(run)),
            (Timer::Limit(run, attempt), Some(limit)) if self.attempts[run] == attempt => {
                if self.scheduler.worker_of(run).is_some() {
                    self.timers.set(limit.patience(run), Timer::Kill(run, attempt));
                    let reason = limit.reached();
                    self.stop(run, Status::TimedOut, reason);
                }
            }
            (Timer::Kill(run, attempt), Some(limit)) if self.attempts[run] == attempt => {
                let left = limit.patience_left(run);
                if !left.is_zero() {
                    self.timers.set(left, timer);
                } else if let Some(worker) = self.scheduler.worker_of(run) {
                    self.killed_for.insert(worker, run);
                    self.launcher.kill(worker);
                }
            }
            (Timer::Limit(..) | Timer::Kill(..), _) => {}
        }
        Vec::new()
    }

    /// A worker died. The end of its runs is written into their records, which have no other writer now.
    fn exited(&mut self, worker: WorkerId, exit: Exit) -> Vec<Action> {
        self.workers[worker] = WorkerState::Absent;
        let culprit = self.killed_for.remove(&worker);
        let (cause, reason) = match (culprit, &self.time_limit) {
            (Some(run), Some(limit)) => (Cause::Timeout, limit.ignored(run)),
            _ if matches!(exit.cause, Cause::Device | Cause::Config) => (exit.cause, exit.reason),
            _ => (exit.cause, format!("its worker died: {}", exit.reason)),
        };
        for run in self.scheduler.runs_on(worker) {
            self.meters.ended(run);
            self.observer.notice(Notice::Lost(run));
        }
        let is_blameless = exit.is_blameless;
        if is_blameless {
            self.note_progress(worker);
        }
        let actions = self.scheduler.next(Input::Died { worker, culprit, cause, reason, is_blameless });
        for action in &actions {
            // Whom the cluster took for dead may live, and write.
            if is_blameless && matches!(action, Action::Retry { .. }) {
                continue;
            }
            if let Action::Finish(run, outcome) | Action::Retry { run, outcome, .. } = action {
                let written = self.record_end(*run, outcome);
                self.check_recorded(*run, written);
            }
        }
        actions
    }

    /// Before the cluster's end of a worker counts against its runs: those that have got further since the last one.
    fn note_progress(&mut self, worker: WorkerId) {
        for run in self.scheduler.runs_on(worker) {
            let checkpoints = self.folder.run(&self.plan.runs[run].id).checkpoint_steps();
            let Some(newest) = checkpoints.first().copied() else { continue };
            if self.interrupted_at.insert(run, newest).is_some_and(|before| newest > before) {
                self.scheduler.progressed(run);
            }
        }
    }

    fn record_end(&self, run: Run, outcome: &Outcome) -> io::Result<()> {
        let planned = &self.plan.runs[run];
        let folder = self.folder.run(&planned.id);
        EventLog::take_over(&folder, planned.identity().as_ref())?.end(outcome, 0.0)?;
        writeln!(folder.open_log()?, "{}: {}", outcome.status, outcome.reason.as_deref().unwrap_or_default())
    }

    /// Asks a run to write a checkpoint and to end.
    fn stop(&mut self, run: Run, status: Status, reason: String) {
        if let Some(worker) = self.scheduler.worker_of(run) {
            let run = Some(self.plan.runs[run].id.clone());
            self.launcher.send(worker, &Order::Stop { run, status, reason });
        }
    }

    fn stop_all(&mut self, reason: &str) {
        self.send_all(&Order::Stop { run: None, status: Status::Interrupted, reason: reason.to_owned() });
    }

    fn send_all(&mut self, order: &Order) {
        for worker in self.present() {
            self.launcher.send(worker, order);
        }
    }

    /// The workers that were started and have not ended.
    fn present(&self) -> Vec<WorkerId> {
        (0..self.workers.len()).filter(|worker| self.workers[*worker] != WorkerState::Absent).collect()
    }

    /// Sleeps with all workers until a signal continues this process. Time limits do not count the sleep.
    fn pause(&mut self) {
        let began = Instant::now();
        self.send_all(&Order::Pause);
        signals::pause();
        self.send_all(&Order::Resume);
        self.timers.delay(began.elapsed());
        self.time_limit.iter_mut().for_each(|limit| limit.delay(began.elapsed()));
    }

    fn check_recorded(&mut self, run: Run, written: io::Result<()>) {
        if let Err(error) = written {
            let folder = self.folder.run(&self.plan.runs[run].id);
            self.observer.notice(Notice::Unwritten(folder.path(), &error));
        }
    }

    fn check_written(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.observer.notice(Notice::Unwritten(&self.folder.failures(), &error));
        }
    }
}
