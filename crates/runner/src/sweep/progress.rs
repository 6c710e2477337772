//! What a person sees of a running sweep, on standard error: bars on a terminal, plain lines elsewhere.

use crate::sweep::scheduler::{Run, WorkerId};
use crate::text;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use record::{Event, Outcome, Status};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Redraws a second.
const REDRAW_HZ: u8 = 8;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Quiet,
    /// Runs as they start and end.
    Normal,
    /// All that runs record and that workers write to their standard error, too.
    Verbose,
}

/// The display.
pub struct Progress {
    detail: Detail,
    bars: Option<Bars>,
    total: usize,
    finished: usize,
    began: Instant,
    running: BTreeMap<Run, Running>,
}

struct Bars {
    screen: MultiProgress,
    sweep: ProgressBar,
}

struct Running {
    id: String,
    began: Instant,
    bar: Option<ProgressBar>,
    losses: String,
}

impl Progress {
    /// A display for this process's standard error.
    pub fn new(detail: Detail) -> Self {
        let terminal = detail != Detail::Quiet && std::io::stderr().is_terminal();
        let bars = terminal.then(|| {
            let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(REDRAW_HZ));
            Bars { screen, sweep: ProgressBar::hidden() }
        });
        Self { detail, bars, total: 0, finished: 0, began: Instant::now(), running: BTreeMap::new() }
    }

    /// Says a line.
    pub fn note(&self, line: &str) {
        // A standard error that is closed must not end a sweep.
        let say = || drop(writeln!(std::io::stderr(), "{line}"));
        match (&self.bars, self.detail) {
            (_, Detail::Quiet) => {}
            (Some(bars), _) => bars.screen.suspend(say),
            (None, _) => say(),
        }
    }

    /// Says what must be known even when all else is quiet.
    pub fn alarm(&self, line: &str) {
        match self.detail {
            Detail::Quiet => drop(writeln!(std::io::stderr(), "{line}")),
            _ => self.note(line),
        }
    }

    /// So many runs are to be trained.
    pub fn begin(&mut self, runs: usize) {
        self.total = runs;
        self.began = Instant::now();
        if let Some(bars) = &mut self.bars {
            bars.sweep = bars.screen.add(ProgressBar::new(runs as u64));
            bars.sweep.set_style(style("{prefix:38} {bar:20} {pos:>6}/{len:<6} {elapsed} elapsed"));
            bars.sweep.set_prefix("sweep");
            bars.sweep.enable_steady_tick(Duration::from_secs(1));
        }
    }

    /// A run starts.
    pub fn start(&mut self, run: Run, id: &str, steps: u64) {
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.screen.insert_before(&bars.sweep, ProgressBar::new(steps));
            bar.set_style(style("{prefix:38!} {bar:20} {pos:>6}/{len:<6} {msg}  {eta} left"));
            bar.set_prefix(id.to_owned());
            bar
        });
        self.running.insert(run, Running { id: id.to_owned(), began: Instant::now(), bar, losses: String::new() });
    }

    /// An attempt is over and another one follows.
    pub fn drop_run(&mut self, run: Run) {
        if let Some(Running { bar: Some(bar), .. }) = self.running.remove(&run) {
            bar.finish_and_clear();
        }
    }

    /// A run has done so many steps.
    pub fn step(&mut self, run: Run, step: u64) {
        if let Some(Running { bar: Some(bar), .. }) = self.running.get(&run) {
            bar.set_position(step);
        }
    }

    /// A run recorded an event.
    pub fn event(&mut self, run: Run, event: &Event) {
        let Some(run) = self.running.get_mut(&run) else { return };
        let line = (self.detail == Detail::Verbose).then(|| format!("{}: {event}", run.id));
        match event {
            Event::Started { step, .. } => {
                if let Some(bar) = &run.bar {
                    bar.set_position(*step);
                    bar.reset_eta();
                }
                if *step > 0 && line.is_none() {
                    let line = format!("{}: goes on from step {step}", run.id);
                    self.note(&line);
                }
            }
            Event::Scalars(scalars) => {
                let value = |name: &str| scalars.values.get(name).copied().unwrap_or(f64::NAN);
                run.losses = format!("D {:.3}  G {:.3}", value("loss/discriminator"), value("loss/generator"));
                if let Some(bar) = &run.bar {
                    let speed = value("speed/images_per_second");
                    bar.set_message(format!("{}  {speed:.0} images/s", run.losses));
                    bar.set_position(scalars.step);
                }
            }
            Event::Warning { message, .. } if line.is_none() => {
                let line = format!("{}: warning: {message}", run.id);
                self.note(&line);
            }
            _ => {}
        }
        if let Some(line) = line {
            self.note(&line);
        }
    }

    /// A worker wrote a line to its standard error.
    pub fn mutter(&self, worker: WorkerId, line: &str) {
        if self.detail == Detail::Verbose {
            self.note(&format!("worker {worker}: {line}"));
        }
    }

    /// A run has its final status in this sweep.
    pub fn finish(&mut self, run: Run, id: &str, outcome: &Outcome) {
        self.finished += 1;
        let run = self.running.remove(&run);
        let mut line = format!("[{}/{}] {id}  {}", self.finished, self.total, outcome.status);
        if let Some(run) = run {
            if let Some(bar) = run.bar {
                bar.finish_and_clear();
            }
            line += &format!("  {}", text::seconds(run.began.elapsed().as_secs_f64()));
            if !run.losses.is_empty() {
                line += &format!("  {}", run.losses);
            }
        }
        if let (Some(reason), true) = (&outcome.reason, outcome.status != Status::Done) {
            line += &format!("  ({reason})");
        }
        match outcome.status {
            Status::Failed | Status::TimedOut => self.alarm(&line),
            _ => self.note(&line),
        }
        if let Some(bars) = &self.bars {
            bars.sweep.set_position(self.finished as u64);
        }
    }

    /// The sweep is over.
    pub fn end(&mut self) {
        self.running.clear();
        if let Some(bars) = self.bars.take() {
            bars.sweep.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the templates are constants that parse");
    style.progress_chars("=> ")
}
