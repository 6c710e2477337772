//! `runner status --watch`: follows a sweep until it ends.

use super::status::read;
use crate::cli::Format;
use crate::error::{Error, KILLED};
use crate::inspect::screen::{fitted, whole};
use crate::terminal;
use console::Term;
use record::{SweepFolder, SweepLock};
use report::SweepStatus;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How soon a signal or a new size of the terminal is seen.
const SLICE: Duration = Duration::from_millis(50);

/// Looking may take this part of the time, however large the sweep.
const SHARE: u32 = 4;

/// Shows the sweep at once and after each change; ends with it, or with a signal.
pub(crate) fn run(folder: &SweepFolder, interval: Duration, format: Format) -> Result<ExitCode, Error> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let registered = signal_hook::flag::register(signal, stopped.clone());
        registered.map_err(Error::io(Path::new("signal handler")))?;
    }
    let mut view = View::new(format);
    loop {
        // Asked before the look, so that the last look sees how the last run ended.
        let live = SweepLock::is_held(folder);
        let began = Instant::now();
        let status = read(folder)?;
        let pause = interval.max(began.elapsed() * SHARE);
        let shown = if live { view.show(&status) } else { view.end(&status) };
        match shown {
            // A reader that has left, as `head` does, has all that it wanted.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            shown => shown.map_err(Error::io(Path::new("standard output")))?,
        }
        if !live {
            return Ok(ExitCode::SUCCESS);
        }
        while began.elapsed() < pause {
            std::thread::sleep(SLICE);
            if stopped.load(Ordering::Relaxed) {
                return Ok(ExitCode::from(KILLED));
            }
            view.resize(&status).map_err(Error::io(Path::new("standard output")))?;
        }
    }
}

/// Where the status is shown.
enum View {
    /// Drawn in place.
    Terminal { term: Term, drawn: Vec<String>, size: (u16, u16) },
    /// A text after each change.
    Stream { term: Term, format: Format, written: String },
}

impl View {
    fn new(format: Format) -> Self {
        let term = Term::buffered_stdout();
        match format {
            Format::Text if term.is_term() => Self::Terminal { size: term.size(), term, drawn: Vec::new() },
            format => Self::Stream { term, format, written: String::new() },
        }
    }

    fn show(&mut self, status: &SweepStatus) -> io::Result<()> {
        match self {
            Self::Terminal { term, drawn, size } => {
                *size = term.size();
                let (height, width) = (usize::from(size.0), usize::from(size.1));
                // The cursor stands on the line below.
                let lines = fitted(status, width, height.saturating_sub(1));
                if lines != *drawn {
                    terminal::erase(term, drawn, width)?;
                    *drawn = lines;
                    drawn.iter().try_for_each(|line| term.write_line(line))?;
                }
                term.flush()
            }
            Self::Stream { term, format: Format::Json, written } => {
                let line = serde_json::to_string(status)?;
                write_changed(term, written, line, "")
            }
            Self::Stream { term, written, .. } => write_changed(term, written, whole(status), "\n"),
        }
    }

    /// Draws again if the terminal has another size.
    fn resize(&mut self, status: &SweepStatus) -> io::Result<()> {
        match self {
            Self::Terminal { term, size, .. } if term.size() != *size => self.show(status),
            _ => Ok(()),
        }
    }

    /// Shows how it ended, without regard to the terminal's size.
    fn end(&mut self, status: &SweepStatus) -> io::Result<()> {
        let Self::Terminal { term, drawn, size } = self else { return self.show(status) };
        terminal::erase(term, drawn, usize::from(size.1))?;
        term.write_line(&whole(status))?;
        term.flush()
    }
}

/// Writes a text that differs from the one before.
fn write_changed(term: &Term, written: &mut String, text: String, between: &str) -> io::Result<()> {
    if text != *written {
        let between = if written.is_empty() { "" } else { between };
        term.write_line(&format!("{between}{text}"))?;
        *written = text;
    }
    term.flush()
}
