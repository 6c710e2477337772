//! The loop between the scheduler, which decides, and the workers, which train.

use crate::error::Error;
use crate::experiment::Execution;
use crate::launcher::local::{Place, Report, Worker};
use crate::launcher::protocol::{Answer, Order};
use crate::progress::Progress;
use crate::scheduler::{Action, Input, Run, Scheduler, Slot};
use record::{EventLog, Outcome, Plan, SweepFolder};
use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};

/// The loop between scheduler and workers.
pub struct Drive<'a> {
    plan: &'a Plan,
    folder: &'a SweepFolder,
    execution: &'a Execution,
    places: Vec<Place>,
    workers: Vec<Option<Worker>>,
    progress: Progress,
    sender: Sender<Report>,
    reports: Receiver<Report>,
}

impl<'a> Drive<'a> {
    /// For the runs of a plan, on these places.
    pub fn new(
        plan: &'a Plan,
        folder: &'a SweepFolder,
        execution: &'a Execution,
        places: Vec<Place>,
        progress: Progress,
    ) -> Self {
        let (sender, reports) = channel();
        let workers = places.iter().map(|_| None).collect();
        Self { plan, folder, execution, places, workers, progress, sender, reports }
    }

    /// Trains the pending runs and sets their outcomes; returns whether a signal stopped it.
    ///
    /// # Errors
    /// A worker cannot be started.
    pub fn run(&mut self, pending: Vec<Run>, outcomes: &mut [Option<Outcome>]) -> Result<bool, Error> {
        crate::command::on_signal(self.sender.clone())?;
        self.progress.begin(pending.len());
        let count = self.plan.runs.len();
        let mut scheduler = Scheduler::new(pending, count, self.places.len(), self.execution.retries);
        let mut stopped = false;
        let mut actions = scheduler.start();
        loop {
            for action in actions {
                match action {
                    Action::Start(slot, run) => self.start(slot, run)?,
                    Action::Finish(run, outcome) => {
                        self.progress.finish(&self.plan.runs[run].id, &outcome);
                        outcomes[run] = Some(outcome);
                    }
                }
            }
            if scheduler.is_done() {
                break;
            }
            let report = self.reports.recv().expect("the sweep itself holds a sender");
            actions = match report {
                Report::Says(slot, Answer::Step(step)) => {
                    self.progress.step(slot, step);
                    Vec::new()
                }
                Report::Says(slot, Answer::Event(event)) => {
                    self.progress.event(slot, &event);
                    Vec::new()
                }
                Report::Says(slot, Answer::Ended(outcome)) => scheduler.next(Input::Ended(slot, outcome)),
                Report::Mutters(slot, line) => {
                    self.progress.mutter(slot, &line);
                    Vec::new()
                }
                Report::Silent(slot) => self.bury(slot, &mut scheduler),
                Report::Signal => {
                    stopped = true;
                    self.progress.note("stopping: the runs write a checkpoint and end; once more to end at once");
                    for worker in self.workers.iter_mut().flatten() {
                        let _ = worker.order(&Order::Stop("stopped by a signal".to_owned()));
                    }
                    scheduler.next(Input::Stop)
                }
            };
        }
        self.progress.end();
        for worker in self.workers.drain(..).flatten() {
            worker.dismiss();
        }
        Ok(stopped)
    }

    fn start(&mut self, slot: Slot, run: Run) -> Result<(), Error> {
        let planned = &self.plan.runs[run];
        self.progress.start(slot, &planned.id, planned.steps);
        let worker = match &mut self.workers[slot] {
            Some(worker) => worker,
            empty => {
                let timeout = self.execution.timeout;
                let worker = Worker::start(self.folder, slot, self.places[slot], timeout, &self.sender);
                empty.insert(worker.map_err(Error::Worker)?)
            }
        };
        // A worker that is already gone falls silent, which is where its run is taken care of.
        let _ = worker.order(&Order::Train(planned.id.clone()));
        Ok(())
    }

    /// A worker died: its run is tried again or has failed, and says so in its record, which no one else writes now.
    fn bury(&mut self, slot: Slot, scheduler: &mut Scheduler) -> Vec<Action> {
        let Some(worker) = self.workers[slot].take() else { return Vec::new() };
        let reason = format!("its worker died: {}", worker.bury());
        let Some(run) = scheduler.running(slot) else { return Vec::new() };
        let id = &self.plan.runs[run].id;
        self.progress.drop_slot(slot);
        self.progress.note(&format!("{id}: {reason}"));
        let actions = scheduler.next(Input::Died(slot, reason));
        for action in &actions {
            if let Action::Finish(_, outcome) = action {
                let folder = self.folder.run(id);
                let recorded = fs::create_dir_all(folder.path()).and_then(|()| EventLog::end(&folder, outcome, 0.0));
                if let Err(error) = recorded {
                    self.progress.note(&format!("{id}: its end cannot be recorded: {error}"));
                }
            }
        }
        actions
    }
}
