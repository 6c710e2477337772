//! The loop between the scheduler, which decides, and the workers, which train.

use crate::error::Error;
use crate::sweep::launcher::local::{Place, Report, Worker};
use crate::sweep::launcher::protocol::{Answer, News, Order};
use crate::sweep::progress::Progress;
use crate::sweep::scheduler::{Action, Input, Limits, Run, Scheduler, WorkerId};
use crate::sweep::signals;
use crate::sweep::timers::Timers;
use crate::text;
use experiment::Execution;
use record::{Cause, EventLog, Failures, Outcome, Plan, Status, SweepFolder};
use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long a run that is past its time limit may take for its last step and its checkpoint: a tenth of the limit,
/// within these.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// The loop between scheduler and workers.
pub struct Drive<'a> {
    plan: &'a Plan,
    folder: &'a SweepFolder,
    execution: &'a Execution,
    max_failures: Option<u32>,
    places: Vec<Place>,
    workers: Vec<Option<Worker>>,
    /// Workers that were killed for a run that hung.
    killed_for: HashMap<WorkerId, Run>,
    runs: HashMap<&'a str, Run>,
    /// Starts of each run, to tell a timer of an attempt from one of the next.
    starts: Vec<u32>,
    timers: Timers<Timer>,
    failures: Failures,
    progress: Progress,
    sender: Sender<Report>,
    reports: Receiver<Report>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Rested(Run),
    /// The time limit of the run's attempt of this number.
    Limit(Run, u32),
    /// The end of the patience after it.
    Hangs(Run, u32),
}

impl<'a> Drive<'a> {
    /// For the runs of a plan, with a worker for each place.
    pub fn new(
        plan: &'a Plan,
        folder: &'a SweepFolder,
        execution: &'a Execution,
        max_failures: Option<u32>,
        places: Vec<Place>,
        progress: Progress,
    ) -> Self {
        let (sender, reports) = channel();
        Self {
            plan,
            folder,
            execution,
            max_failures,
            workers: places.iter().map(|_| None).collect(),
            places,
            killed_for: HashMap::new(),
            runs: plan.runs.iter().map(|run| run.id.as_str()).zip(0..).collect(),
            starts: vec![0; plan.runs.len()],
            timers: Timers::new(),
            failures: Failures::default(),
            progress,
            sender,
            reports,
        }
    }

    /// Trains the pending runs and sets their outcomes; returns whether a signal stopped it.
    ///
    /// # Errors
    /// A worker cannot be started.
    pub fn run(&mut self, pending: Vec<Run>, outcomes: &mut [Option<Outcome>]) -> Result<bool, Error> {
        signals::pass_on(self.sender.clone())?;
        self.progress.begin(pending.len());
        let mut scheduler = self.scheduler(pending);
        let mut stopped = false;
        let mut actions = scheduler.start();
        loop {
            for action in actions {
                self.act(action, outcomes)?;
            }
            if scheduler.is_done() {
                break;
            }
            actions = match self.wait() {
                None => match self.timers.due() {
                    Some(timer) => self.ring(timer, &mut scheduler),
                    None => Vec::new(),
                },
                Some(Report::Says(answer)) => self.hear(answer, &mut scheduler),
                Some(Report::Mutters(worker, line)) => {
                    self.progress.mutter(worker, &line);
                    Vec::new()
                }
                Some(Report::Silent(worker)) => self.bury(worker, &mut scheduler),
                Some(Report::Stop) => {
                    stopped = true;
                    self.progress.note("stopping: the runs write a checkpoint and end; once more to end at once");
                    self.stop_all("stopped by a signal");
                    scheduler.next(Input::Stop)
                }
                Some(Report::Pause) => {
                    self.pause();
                    Vec::new()
                }
            };
        }
        self.progress.end();
        for worker in self.workers.drain(..).flatten() {
            worker.dismiss();
        }
        Ok(stopped)
    }

    fn scheduler(&mut self, pending: Vec<Run>) -> Scheduler {
        let mut failures = Failures::read(self.folder).0;
        let known = |run: &Run| Some((*run, *failures.get(&self.plan.runs[*run].id)?));
        let counts: BTreeMap<_, _> = pending.iter().filter_map(known).collect();
        failures.retain(|id, _| self.runs.get(id.as_str()).is_some_and(|run| counts.contains_key(run)));
        self.failures = Failures(failures);
        let limits = Limits { retries: self.execution.retries, max_failures: self.max_failures };
        let slots = self.places.iter().map(|place| place.slots).collect();
        Scheduler::new(pending, slots, counts, limits)
    }

    /// The next report, unless something falls due before it.
    fn wait(&self) -> Option<Report> {
        match self.timers.pause() {
            None => Some(self.reports.recv().expect("the sweep itself holds a sender")),
            Some(pause) => match self.reports.recv_timeout(pause) {
                Ok(report) => Some(report),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => unreachable!("the sweep itself holds a sender"),
            },
        }
    }

    fn act(&mut self, action: Action, outcomes: &mut [Option<Outcome>]) -> Result<(), Error> {
        match action {
            Action::Start(worker, run) => self.start(worker, run)?,
            Action::Rest { run, count, outcome, pause, alone } => {
                let id = &self.plan.runs[run].id;
                self.progress.drop_run(run);
                let reason = outcome.reason.as_deref().unwrap_or("it failed");
                let when = match alone {
                    true => "after all others, alone".to_owned(),
                    false => format!("in {}", text::seconds(pause.as_secs_f64())),
                };
                self.progress.note(&format!("{id}: {reason}; again {when}"));
                self.failures.0.insert(id.clone(), count);
                self.remember();
                self.timers.set(pause, Timer::Rested(run));
                outcomes[run] = Some(outcome);
            }
            Action::Finish(run, outcome) => {
                let id = &self.plan.runs[run].id;
                if self.failures.0.remove(id).is_some() {
                    self.remember();
                }
                self.progress.finish(run, id, &outcome);
                outcomes[run] = Some(outcome);
            }
            Action::Halt(reason) => {
                self.progress.note(&format!("{reason}: the runs that train write a checkpoint and end"));
                self.stop_all(&reason);
            }
        }
        Ok(())
    }

    fn start(&mut self, worker: WorkerId, run: Run) -> Result<(), Error> {
        let planned = &self.plan.runs[run];
        self.progress.start(run, &planned.id, planned.steps);
        self.starts[run] += 1;
        if let Some(limit) = self.execution.timeout {
            self.timers.set(limit, Timer::Limit(run, self.starts[run]));
        }
        let worker = match &mut self.workers[worker] {
            Some(worker) => worker,
            empty => {
                let started = Worker::start(self.folder, worker, self.places[worker], &self.sender);
                empty.insert(started.map_err(Error::Worker)?)
            }
        };
        // A worker that is already gone falls silent, which is where its runs are taken care of.
        let _ = worker.order(&Order::Train(planned.id.clone()));
        Ok(())
    }

    fn hear(&mut self, Answer { run: id, news }: Answer, scheduler: &mut Scheduler) -> Vec<Action> {
        let Some(run) = self.runs.get(id.as_str()).copied() else { return Vec::new() };
        match news {
            News::Step(step) => self.progress.step(run, step),
            News::Event(event) => self.progress.event(run, &event),
            News::Ended(outcome) => return scheduler.next(Input::Ended(run, outcome)),
        }
        Vec::new()
    }

    fn ring(&mut self, timer: Timer, scheduler: &mut Scheduler) -> Vec<Action> {
        match timer {
            Timer::Rested(run) => return scheduler.next(Input::Rested(run)),
            Timer::Limit(run, start) | Timer::Hangs(run, start) if self.starts[run] != start => {}
            Timer::Limit(run, start) => {
                let limit = self.execution.timeout.unwrap_or_default();
                if let Some(worker) = scheduler.place(run).and_then(|worker| self.workers[worker].as_mut()) {
                    let reason = format!("reached its time limit of {}", text::seconds(limit.as_secs_f64()));
                    let id = Some(self.plan.runs[run].id.clone());
                    let _ = worker.order(&Order::Stop { run: id, status: Status::TimedOut, reason });
                    self.timers.set(patience(limit), Timer::Hangs(run, start));
                }
            }
            Timer::Hangs(run, _) => {
                if let Some(id) = scheduler.place(run)
                    && let Some(worker) = &mut self.workers[id]
                {
                    self.killed_for.insert(id, run);
                    worker.kill();
                }
            }
        }
        Vec::new()
    }

    /// A worker died. What becomes of its runs is written into their records, which no one else writes now.
    fn bury(&mut self, id: WorkerId, scheduler: &mut Scheduler) -> Vec<Action> {
        let Some(worker) = self.workers[id].take() else { return Vec::new() };
        let death = worker.bury();
        let culprit = self.killed_for.remove(&id);
        let (cause, reason) = match (culprit, self.execution.timeout) {
            (Some(_), Some(limit)) => (
                Cause::Timeout,
                format!("gave no answer for {} after its time limit", text::seconds(patience(limit).as_secs_f64())),
            ),
            _ => (death.cause, format!("its worker died: {}", death.reason)),
        };
        for run in scheduler.on(id) {
            self.progress.drop_run(run);
        }
        let actions = scheduler.next(Input::Died { worker: id, culprit, cause, reason });
        for action in &actions {
            let (Action::Finish(run, outcome) | Action::Rest { run, outcome, .. }) = action else { continue };
            let id = &self.plan.runs[*run].id;
            if let Err(error) = self.record_end(id, outcome) {
                self.progress.note(&format!("{id}: its end cannot be recorded: {error}"));
            }
        }
        actions
    }

    fn record_end(&self, id: &str, outcome: &Outcome) -> std::io::Result<()> {
        let folder = self.folder.run(id);
        EventLog::take_over(&folder)?.end(outcome, 0.0)?;
        let mut log = OpenOptions::new().create(true).append(true).open(folder.log())?;
        writeln!(log, "{}: {}", outcome.status, outcome.reason.as_deref().unwrap_or_default())
    }

    fn stop_all(&mut self, reason: &str) {
        self.order_all(&Order::Stop { run: None, status: Status::Interrupted, reason: reason.to_owned() });
    }

    fn order_all(&mut self, order: &Order) {
        for worker in self.workers.iter_mut().flatten() {
            let _ = worker.order(order);
        }
    }

    /// Sleeps with all workers until someone continues this process. Time limits do not count the sleep.
    fn pause(&mut self) {
        let began = Instant::now();
        self.order_all(&Order::Pause);
        signals::pause();
        self.order_all(&Order::Resume);
        self.timers.put_off(began.elapsed());
    }

    fn remember(&self) {
        if let Err(error) = self.failures.write(self.folder) {
            self.progress.note(&format!("warning: {}: {error}", self.folder.failures().display()));
        }
    }
}

fn patience(limit: Duration) -> Duration {
    (limit / 10).clamp(PATIENCE.0, PATIENCE.1)
}
