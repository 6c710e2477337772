//! What becomes of a run's progress: its log, and answers to whoever ordered the run.

use super::Controls;
use dispatch::protocol::{Answer, Update};
use record::Event;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use training::Observer;

/// Steps are reported at most this often.
const STEP_INTERVAL: Duration = Duration::from_millis(100);

/// Takes answers.
pub(crate) type Answers = Arc<dyn Fn(&Answer) + Send + Sync>;

/// Reports what the run does, and writes it to the run's log.
pub(super) struct RunObserver {
    run: String,
    controls: Arc<Controls>,
    answers: Answers,
    log: File,
    /// When steps were reported last.
    reported: Instant,
}

impl RunObserver {
    /// Of a run; appends to the file.
    pub(super) fn new(run: &str, controls: Arc<Controls>, answers: Answers, log: File) -> Self {
        Self { run: run.to_owned(), controls, answers, log, reported: Instant::now() }
    }

    fn answer(&self, update: Update) {
        (self.answers)(&Answer { run: self.run.clone(), update });
    }
}

impl Observer for RunObserver {
    fn step(&mut self, done: u64) {
        self.controls.hold();
        if self.reported.elapsed() >= STEP_INTERVAL {
            self.reported = Instant::now();
            self.answer(Update::Step(done));
        }
    }

    fn event(&mut self, event: &Event) {
        // In one piece: a file is written to with each part of a format.
        let _ = self.log.write_all(format!("{event}\n").as_bytes());
        self.answer(Update::Event(event.clone()));
    }
}
