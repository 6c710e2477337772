//! A task that was submitted: what it answers, and what Slurm says of it.

use super::queue::{Ended, Queued, State};
use crate::channel::{Answers, Channel, Tail};
use crate::launcher::exit::LastLines;
use crate::launcher::{Event, WorkerEvent};
use crate::protocol::{Misplaced, Order, Update};
use crate::scheduler::WorkerId;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

/// A task that this many answers in a row do not know is lost, and so is an end that they show.
const LOOKS: u32 = 2;

/// Bytes at the end of a log that explain an end.
const TAIL: usize = 4096;

/// A task that was submitted.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) name: String,
    pub(super) index: u32,
    pub(super) channel: Channel,
    pub(super) answers: Answers,
    /// Runs whose ends are still to come; by run, as often as they were ordered.
    pub(super) open: HashMap<String, i64>,
    pub(super) is_ready: bool,
    pub(super) is_running: bool,
    /// Its log, as far as it was passed on, and the last lines of that.
    pub(super) log: Tail,
    pub(super) last: LastLines,
    /// Answers of Slurm in a row that did not know it, or that showed its end.
    pub(super) absent: u32,
    pub(super) ended: u32,
    /// As Slurm knows it.
    pub(super) id: Option<String>,
    pub(super) kill_sent: bool,
}

impl Followed {
    pub(super) fn new(name: String, index: u32, channel: Channel) -> Self {
        Self {
            name,
            index,
            answers: Answers::of(&channel),
            channel,
            open: HashMap::new(),
            is_ready: false,
            is_running: false,
            log: Tail::default(),
            last: LastLines::default(),
            absent: 0,
            ended: 0,
            id: None,
            kill_sent: false,
        }
    }

    pub(super) fn ordered(&mut self, order: &Order) {
        if let Order::Train(run) = order {
            *self.open.entry(run.clone()).or_default() += 1;
        }
    }

    /// Passes on answers, and lines of the log; returns the runs that do not belong on its node.
    pub(super) fn listen(&mut self, id: WorkerId, events: &Sender<Event>) -> Vec<(String, Misplaced)> {
        // What cannot be read now is read at the next look.
        let answers = self.answers.read().unwrap_or_default();
        let report = |event| drop(events.send(Event::Worker(id, event)));
        if !self.is_ready && (self.answers.starts() > 0 || self.is_running) {
            self.is_ready = true;
            report(WorkerEvent::Ready);
        }
        for line in self.log.read(&self.channel.log()).unwrap_or_default() {
            let line = String::from_utf8_lossy(&line).into_owned();
            self.last.push(&line);
            report(WorkerEvent::Stderr(line));
        }
        let mut misplaced = Vec::new();
        for answer in answers {
            if answer.update.is_last() {
                *self.open.entry(answer.run.clone()).or_default() -= 1;
            }
            match answer.update {
                Update::Misplaced(why) => misplaced.push((answer.run, why)),
                _ => report(WorkerEvent::Answer(answer)),
            }
        }
        misplaced
    }

    /// Whether it has left, and nothing is open.
    pub(super) fn has_left(&self) -> bool {
        self.channel.is_closed() && self.open.values().all(|open| *open <= 0)
    }

    /// What Slurm says of it now; returns how it ended, if that is certain: `None` inside for a job that is lost.
    pub(super) fn see(&mut self, job: Option<&Queued>) -> Option<Option<Ended>> {
        let Some(job) = job else {
            self.absent += 1;
            return (self.absent >= LOOKS).then_some(None);
        };
        self.absent = 0;
        self.id = Some(job.id.clone());
        match &job.state {
            State::Ended(end) => {
                // A job that is put back into the queue looks ended for a moment.
                self.ended += 1;
                return (self.ended >= LOOKS).then(|| Some(end.clone()));
            }
            state => {
                self.ended = 0;
                self.is_running = matches!(state, State::Running(_));
            }
        }
        None
    }
}

/// The last lines of a log.
pub(super) fn tail(path: &PathBuf) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let bytes = &bytes[bytes.len().saturating_sub(TAIL)..];
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" | ")
}
