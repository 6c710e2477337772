//! Standard error of a sweep: lines, and bars below them on a terminal.

use crate::sweep::bars::{self, RunBar, SweepBar};
use crate::terminal;
use console::Term;
use dispatch::Run;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two looks at what has changed.
const REDRAW: Duration = Duration::from_millis(125);

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
    screen: Option<Arc<Mutex<Screen>>>,
    /// The thread that draws; it ends when its sender is dropped.
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Display {
    /// Without bars so far.
    pub(crate) fn new(detail: Detail) -> Self {
        let is_drawn = detail != Detail::Quiet && std::io::stderr().is_terminal();
        Self { detail, screen: is_drawn.then(Arc::default), drawing: None }
    }

    /// Whether everything is to be shown.
    pub(crate) fn is_verbose(&self) -> bool {
        self.detail == Detail::Verbose
    }

    /// Writes a line, unless all but errors is to be quiet.
    pub(crate) fn line(&self, line: &str) {
        let line = terminal::line(line);
        match (&self.screen, self.detail) {
            (_, Detail::Quiet) => {}
            (Some(screen), _) => locked(screen).write(&line),
            // A standard error that is closed must not end a sweep.
            (None, _) => drop(writeln!(std::io::stderr(), "{line}")),
        }
    }

    /// Writes a line in any case.
    pub(crate) fn error(&self, line: &str) {
        match self.detail {
            Detail::Quiet => drop(writeln!(std::io::stderr(), "{}", terminal::line(line))),
            _ => self.line(line),
        }
    }

    /// From now on bars are drawn below the lines.
    pub(crate) fn begin(&mut self) {
        let Some(screen) = self.screen.clone() else { return };
        let (stop, stopped) = channel::<()>();
        let draw = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(REDRAW) {
                locked(&screen).draw();
            }
            locked(&screen).clear();
        };
        // Without a thread there are lines and no bars.
        self.drawing = thread::Builder::new().spawn(draw).ok().map(|thread| (stop, thread));
    }

    /// Sets the bar of the whole sweep.
    pub(crate) fn sweep(&self, bar: SweepBar) {
        if let Some(screen) = &self.screen {
            locked(screen).sweep = (bar, Instant::now());
        }
    }

    /// Sets the bar of a run.
    pub(crate) fn run(&self, run: Run, bar: &RunBar) {
        if let Some(screen) = &self.screen {
            locked(screen).runs.insert(run, bar.clone());
        }
    }

    /// Removes the bar of a run.
    pub(crate) fn remove(&self, run: Run) {
        if let Some(screen) = &self.screen {
            locked(screen).runs.remove(&run);
        }
    }

    /// Removes the bars.
    pub(crate) fn end(&mut self) {
        if let Some((stop, thread)) = self.drawing.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.end();
    }
}

/// A panic of another thread leaves nothing behind that could not be drawn.
fn locked(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lines below all others, and where they are on the terminal.
struct Screen {
    term: Term,
    runs: BTreeMap<Run, RunBar>,
    /// With the time at which it was set.
    sweep: (SweepBar, Instant),
    drawn: Vec<String>,
    /// Rows and columns when they were drawn.
    size: (u16, u16),
}

impl Default for Screen {
    fn default() -> Self {
        let (term, sweep) = (Term::buffered_stderr(), (SweepBar::default(), Instant::now()));
        Self { size: term.size(), term, runs: BTreeMap::new(), sweep, drawn: Vec::new() }
    }
}

impl Screen {
    /// Writes a line above the bars.
    fn write(&mut self, line: &str) {
        let drawn = self.erase();
        let _ = self.term.write_line(line);
        self.put(drawn);
    }

    /// Draws what has changed, also after the terminal has.
    fn draw(&mut self) {
        let size = self.term.size();
        let (bar, since) = self.sweep;
        let passed = since.elapsed().as_secs_f64();
        let left = bar.left.map(|left| (left - passed).max(0.0));
        let bar = SweepBar { elapsed: bar.elapsed + passed, left, ..bar };
        let runs: Vec<&RunBar> = self.runs.values().collect();
        // A full last column would wrap on some terminals, and a full screen scroll.
        let (rows, columns) = (usize::from(size.0), usize::from(size.1));
        let lines = bars::lines(&runs, &bar, columns.saturating_sub(1), rows.saturating_sub(2));
        if size == self.size && lines.len() >= self.drawn.len() {
            if lines != self.drawn {
                self.replace(lines);
            }
        } else {
            self.erase();
            self.size = size;
            self.put(lines);
        }
    }

    /// Line by line, without an empty screen in between.
    fn replace(&mut self, lines: Vec<String>) {
        let _ = self.term.move_cursor_up(self.drawn.len());
        for line in &lines {
            let _ = self.term.clear_line().and_then(|()| self.term.write_line(line));
        }
        let _ = self.term.flush();
        self.drawn = lines;
    }

    fn clear(&mut self) {
        self.erase();
        let _ = self.term.flush();
    }

    /// Removes the bars from the terminal, which may have become narrower, so that they take more rows.
    fn erase(&mut self) -> Vec<String> {
        let drawn = std::mem::take(&mut self.drawn);
        let columns = usize::from(self.term.size().1);
        let _ = terminal::erase(&self.term, &drawn, columns);
        drawn
    }

    fn put(&mut self, lines: Vec<String>) {
        for line in &lines {
            let _ = self.term.write_line(line);
        }
        let _ = self.term.flush();
        self.drawn = lines;
    }
}
