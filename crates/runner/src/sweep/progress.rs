//! The progress of a sweep as a person sees it on standard error.

use crate::sweep::bars::{RunBar, SweepBar};
use crate::sweep::display::Display;
use crate::text;
use dispatch::{Notice, Observer, Retry, Run};
use record::{Evaluation, Event, Outcome, Plan, Status, tag};
use std::collections::BTreeMap;
use std::time::Instant;

/// Writes a line for each change of a run, and moves the bars.
pub(crate) struct Progress<'a> {
    plan: &'a Plan,
    display: Display,
    began: Instant,
    total: usize,
    finished: usize,
    running: BTreeMap<Run, Running>,
    work: Work,
}

struct Running {
    began: Instant,
    /// The step that the attempt began at.
    from: u64,
    bar: RunBar,
}

/// Steps of all runs, by which the time that is left is estimated.
#[derive(Default)]
struct Work {
    /// To do.
    steps: u64,
    /// Done by each run.
    done: BTreeMap<Run, u64>,
    /// Done before this sweep, by runs that went on.
    before: BTreeMap<Run, u64>,
}

impl Work {
    fn done(&self) -> u64 {
        self.done.values().sum()
    }

    /// Seconds to the end, if the rest takes as long a step as what was done in so many seconds.
    fn left(&self, elapsed: f64) -> Option<f64> {
        let trained = self.done().saturating_sub(self.before.values().sum());
        (trained > 0).then(|| self.steps.saturating_sub(self.done()) as f64 * elapsed / trained as f64)
    }

    /// The run has ended at this step: what it leaves undone is not to be done.
    fn end(&mut self, run: Run, steps: u64, step: u64) {
        let done = self.done.entry(run).or_default();
        *done = step.max(*done);
        self.steps = self.steps.saturating_sub(steps.saturating_sub(*done));
    }

    fn share(&self) -> f64 {
        self.done() as f64 / self.steps.max(1) as f64
    }
}

impl<'a> Progress<'a> {
    /// Of the pending runs of a plan.
    pub(crate) fn new(plan: &'a Plan, pending: &[Run], display: Display) -> Self {
        let steps = pending.iter().map(|run| plan.runs[*run].steps).sum();
        let work = Work { steps, ..Work::default() };
        Self { plan, display, began: Instant::now(), total: 0, finished: 0, running: BTreeMap::new(), work }
    }

    fn id(&self, run: Run) -> &'a str {
        &self.plan.runs[run].id
    }

    fn started(&mut self, run: Run) {
        let bar = RunBar { id: self.id(run).to_owned(), steps: self.plan.runs[run].steps, ..RunBar::default() };
        self.display.run(run, &bar);
        self.running.insert(run, Running { began: Instant::now(), from: 0, bar });
    }

    /// The attempt is over, and perhaps another one follows.
    fn remove(&mut self, run: Run) {
        self.running.remove(&run);
        self.display.remove(run);
    }

    fn reached(&mut self, run: Run, step: u64) {
        let Some(running) = self.running.get_mut(&run) else { return };
        let bar = &mut running.bar;
        bar.step = step;
        let (trained, left) = (step.saturating_sub(running.from), bar.steps.saturating_sub(step));
        bar.left = (trained > 0).then(|| left as f64 * running.began.elapsed().as_secs_f64() / trained as f64);
        self.display.run(run, bar);
        self.work.done.insert(run, step);
        self.show_sweep();
    }

    fn show_sweep(&self) {
        let elapsed = self.began.elapsed().as_secs_f64();
        let (share, left) = (self.work.share(), self.work.left(elapsed));
        self.display.sweep(SweepBar { finished: self.finished, runs: self.total, share, elapsed, left });
    }

    fn recorded(&mut self, run: Run, event: &Event) {
        let id = self.id(run);
        let Some(running) = self.running.get_mut(&run) else { return };
        match event {
            Event::Started { step, .. } => {
                (running.began, running.from) = (Instant::now(), *step);
                self.work.before.entry(run).or_insert(*step);
                self.reached(run, *step);
            }
            Event::Scalars(scalars) => {
                running.bar.losses = losses(&scalars.values);
                self.reached(run, scalars.step);
            }
            _ => {}
        }
        match event {
            event if self.display.is_verbose() => self.display.line(&format!("{id}: {event}")),
            Event::Started { step, .. } if *step > 0 => self.display.line(&format!("{id}: goes on from step {step}")),
            Event::Warning { message, .. } => self.display.line(&format!("{id}: warning: {message}")),
            _ => {}
        }
    }

    fn retrying(&mut self, run: Run, outcome: &Outcome, next: Retry) {
        self.remove(run);
        let reason = outcome.reason.as_deref().unwrap_or("it failed");
        let when = match next {
            Retry::Alone => "after all others, alone".to_owned(),
            Retry::After(pause) => format!("in {}", text::seconds(pause.as_secs_f64())),
        };
        self.display.line(&format!("{}: {reason}; again {when}", self.id(run)));
    }

    fn finish(&mut self, run: Run, outcome: &Outcome, evaluation: Option<&Evaluation>) {
        self.finished += 1;
        let mut line = format!("[{}/{}] {}  {}", self.finished, self.total, self.id(run), outcome.status);
        if let Some(evaluation) = evaluation {
            line += &measured(evaluation);
        }
        self.display.remove(run);
        if let Some(running) = self.running.remove(&run) {
            line += &format!("  {}", text::seconds(running.began.elapsed().as_secs_f64()));
            if !running.bar.losses.is_empty() {
                line += &format!("  {}", running.bar.losses);
            }
        }
        if let (Some(reason), true) = (&outcome.reason, outcome.status != Status::Done) {
            line += &format!("  ({reason})");
        }
        match outcome.status {
            Status::Failed | Status::TimedOut => self.display.error(&line),
            _ => self.display.line(&line),
        }
        self.work.end(run, self.plan.runs[run].steps, outcome.step);
        self.show_sweep();
    }
}

/// The loss of each phase: `D 1.318  G 0.714`.
fn losses(values: &BTreeMap<String, f64>) -> String {
    let loss = |phase: &str| Some(format!("{} {}", text::phase(phase), text::number(*values.get(&tag::loss(phase))?)));
    tag::phases(values.keys()).into_iter().filter_map(loss).collect::<Vec<_>>().join("  ")
}

/// The quantity that the report selects steps by, if it was measured, else the first: `  frechet 12.30 at step 600`.
fn measured(evaluation: &Evaluation) -> String {
    let values = &evaluation.values;
    let found = values.get_key_value(record::FAVOURITE).or_else(|| values.first_key_value());
    found.map_or_else(String::new, |(name, found)| {
        format!("  {name} {} at step {}", text::number(found.value), evaluation.step)
    })
}

impl Observer for Progress<'_> {
    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Began(runs) => {
                self.total = runs;
                self.show_sweep();
                self.display.begin();
            }
            Notice::Started(run) => self.started(run),
            Notice::Step(run, step) => self.reached(run, step),
            Notice::Recorded(run, event) => self.recorded(run, event),
            Notice::Lost(run) => self.remove(run),
            Notice::Retrying { run, outcome, next } => self.retrying(run, outcome, next),
            Notice::Finished { run, outcome, evaluation } => self.finish(run, outcome, evaluation),
            Notice::Stderr(worker, line) => {
                if self.display.is_verbose() {
                    self.display.line(&format!("worker {worker}: {line}"));
                }
            }
            Notice::Narrowed { device, slots } => {
                let runs = text::count(slots, "run");
                self.display.line(&format!("{device} was out of memory: {runs} at once from now on"));
            }
            Notice::Packed { device, slots } => {
                self.display.line(&format!("{device}: {} at once from now on", text::count(slots, "run")));
            }
            Notice::Retired { device, reason } => {
                self.display.error(&format!("{device} failed at two starts and is used no more: {reason}"));
            }
            Notice::Interrupted => {
                self.display.line("stopping: the runs write a checkpoint and end; once more to end at once");
            }
            Notice::Left => {
                let line = "leaving: nothing is cancelled, and the tasks go on; the same command follows them again";
                self.display.line(line);
            }
            Notice::Halted(reason) => {
                self.display.line(&format!("{reason}: the runs that train write a checkpoint and end"));
            }
            Notice::Unwritten(path, error) => self.display.line(&format!("warning: {}: {error}", path.display())),
            Notice::Warning(line) => self.display.line(&format!("warning: {line}")),
            Notice::Ended => {
                self.running.clear();
                self.display.end();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{Direction, Measurement};

    #[test]
    fn each_phase_has_its_loss() {
        let values = |phases: &[&str]| {
            let of = |phase: &&str| [(tag::loss(phase), 0.5), (tag::learning_rate(phase), 1e-4)];
            let values = phases.iter().flat_map(of).chain([("loss/code".to_owned(), 2.0)]);
            losses(&values.collect())
        };
        assert_eq!(values(&["generator", "discriminator"]), "D 0.5000  G 0.5000");
        assert_eq!(values(&["translators", "critic"]), "critic 0.5000  translators 0.5000");
        assert_eq!(values(&[]), "");
    }

    #[test]
    fn what_an_ended_run_leaves_undone_takes_no_time() {
        let mut work = Work { steps: 300, ..Work::default() };
        assert_eq!(work.left(1.0), None);
        work.before.insert(0, 50);
        work.done = [(0, 70), (1, 20)].into();
        assert_eq!((work.left(4.0), work.share()), (Some(21.0), 0.3));
        work.end(0, 100, 70);
        assert_eq!((work.left(4.0), work.share()), (Some(18.0), 90.0 / 270.0));
        work.end(1, 100, 100);
        assert_eq!(work.left(12.0), Some(10.0));
    }

    #[test]
    fn an_evaluation_is_shown_by_one_value() {
        let mut evaluation = Evaluation {
            step: 1,
            at: 0.0,
            count: 8,
            features: "pixels".to_owned(),
            features_hash: String::new(),
            split: Evaluation::TRAIN.to_owned(),
            values: BTreeMap::new(),
            floors: BTreeMap::new(),
            baselines: BTreeMap::new(),
            problems: BTreeMap::new(),
            by_class: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        assert_eq!(measured(&evaluation), "");
        for (name, value, expected) in
            [("kid", 0.25, "  kid 0.2500 at step 1"), ("authenticity", 1.5, "  authenticity 1.500 at step 1")]
        {
            let found = Measurement { value, standard_error: None, direction: Direction::Lower };
            evaluation.values.insert(name.to_owned(), found);
            assert_eq!(measured(&evaluation), expected);
        }
        let found = Measurement { value: 12.0, standard_error: None, direction: Direction::Lower };
        evaluation.values.insert(record::FAVOURITE.to_owned(), found);
        assert_eq!(measured(&evaluation), "  frechet 12.00 at step 1");
    }
}
