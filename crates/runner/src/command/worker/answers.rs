//! Answers on standard output.

use super::orders::Controls;
use dispatch::protocol::{Answer, Update};
use record::Event;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use training::Observer;

/// Steps are reported at most this often.
const STEP_INTERVAL: Duration = Duration::from_millis(100);

/// Reports what the run does to the sweep, and writes it to the run's log.
pub(crate) struct RunObserver {
    run: String,
    controls: Arc<Controls>,
    log: File,
    /// When steps were reported last.
    reported: Instant,
}

impl RunObserver {
    /// Of a run; appends to the file.
    pub(crate) fn new(run: &str, controls: Arc<Controls>, log: File) -> Self {
        Self { run: run.to_owned(), controls, log, reported: Instant::now() }
    }
}

impl Observer for RunObserver {
    fn step(&mut self, done: u64) {
        self.controls.hold();
        if self.reported.elapsed() >= STEP_INTERVAL {
            self.reported = Instant::now();
            send(&self.run, Update::Step(done));
        }
    }

    fn event(&mut self, event: &Event) {
        let _ = writeln!(self.log, "{event}");
        send(&self.run, Update::Event(event.clone()));
    }
}

/// Sends an answer about a run.
pub(crate) fn send(run: &str, update: Update) {
    let answer = Answer { run: run.to_owned(), update };
    let mut line = serde_json::to_vec(&answer).expect("answers are plain data");
    line.push(b'\n');
    // A sweep that is gone closes the orders as well, which ends this process.
    let _ = std::io::stdout().lock().write_all(&line);
}
