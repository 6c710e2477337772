//! Standard error of a sweep: lines, and bars below them on a terminal.

use crate::terminal;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Redraws a second.
const REDRAW_HZ: u8 = 8;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Errors.
    Quiet,
    /// Runs as they start and end, too.
    Normal,
    /// All that runs record and that workers write to their standard error, too.
    Verbose,
}

/// The display of this process's standard error.
pub(crate) struct Display {
    detail: Detail,
    /// On a terminal.
    bars: Option<Bars>,
}

struct Bars {
    screen: MultiProgress,
    sweep: ProgressBar,
}

impl Display {
    /// Without bars so far.
    pub(crate) fn new(detail: Detail) -> Self {
        let terminal = detail != Detail::Quiet && std::io::stderr().is_terminal();
        let bars = terminal.then(|| {
            let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(REDRAW_HZ));
            Bars { screen, sweep: ProgressBar::hidden() }
        });
        Self { detail, bars }
    }

    /// Whether everything is to be shown.
    pub(crate) fn is_verbose(&self) -> bool {
        self.detail == Detail::Verbose
    }

    /// Writes a line, unless all but errors is to be quiet.
    pub(crate) fn line(&self, line: &str) {
        // A standard error that is closed must not end a sweep.
        let write = || drop(writeln!(std::io::stderr(), "{}", terminal::line(line)));
        match (&self.bars, self.detail) {
            (_, Detail::Quiet) => {}
            (Some(bars), _) => bars.screen.suspend(write),
            (None, _) => write(),
        }
    }

    /// Writes a line in any case.
    pub(crate) fn error(&self, line: &str) {
        match self.detail {
            Detail::Quiet => drop(writeln!(std::io::stderr(), "{}", terminal::line(line))),
            _ => self.line(line),
        }
    }

    /// Adds the bar of the sweep, which counts runs.
    pub(crate) fn begin(&mut self, runs: usize) {
        if let Some(bars) = &mut self.bars {
            bars.sweep = bars.screen.add(ProgressBar::new(runs as u64));
            bars.sweep.set_style(style("{prefix:38} {bar:20} {pos:>6}/{len:<6} {elapsed} elapsed"));
            bars.sweep.set_prefix("sweep");
            bars.sweep.enable_steady_tick(Duration::from_secs(1));
        }
    }

    /// Adds a bar of a run, which counts steps; `None` where there are no bars.
    pub(crate) fn run(&self, id: &str, steps: u64) -> Option<ProgressBar> {
        self.bars.as_ref().map(|bars| {
            let bar = bars.screen.insert_before(&bars.sweep, ProgressBar::new(steps));
            bar.set_style(style("{prefix:38!} {bar:20} {pos:>6}/{len:<6} {msg}  {eta} left"));
            bar.set_prefix(terminal::line(id).into_owned());
            bar
        })
    }

    /// So many runs are finished.
    pub(crate) fn finished(&self, runs: usize) {
        if let Some(bars) = &self.bars {
            bars.sweep.set_position(runs as u64);
        }
    }

    /// Removes the bars.
    pub(crate) fn end(&mut self) {
        if let Some(bars) = self.bars.take() {
            bars.sweep.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the templates are constants that parse");
    style.progress_chars("=> ")
}
