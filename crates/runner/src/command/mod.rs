//! One file for each command.

mod data;
mod doctor;
mod models;
mod plan;
mod report;
mod sample;
mod status;
mod sweep;
mod verify;
mod worker;

use crate::cli::{Cli, Command, ExecutionArgs};
use crate::error::Error;
use crate::launcher::local::Report;
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Does what the command line asks.
pub fn run(cli: Cli) -> Result<ExitCode, Error> {
    match cli.command {
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Plan(arguments) => plan::run(&arguments, &ExecutionArgs::default()),
        Command::Status(arguments) => status::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Data(arguments) => data::run(arguments.command),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Worker(arguments) => worker::run(&arguments),
    }
}

/// Prints a value as JSON for programs.
fn print_json(value: &impl Serialize) -> Result<(), Error> {
    out(serde_json::to_string_pretty(value).expect("results are plain data"))
}

/// Prints lines on standard output. A reader that has left, as `head` does, has all that it wanted.
fn out(text: impl Display) -> Result<(), Error> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io(Path::new("standard output"))(error)),
        _ => Ok(()),
    }
}

/// This machine's name.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Signals that come this close together are one: `timeout` sends its signal to the process and to its group.
const ONE_SIGNAL: Duration = Duration::from_millis(500);

/// Sends the first SIGINT or SIGTERM to the sweep; the second ends the process at once, and the workers with it: their
/// orders end.
pub fn on_signal(reports: Sender<Report>) -> Result<(), Error> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(Error::io(Path::new("signal handler")))?;
    std::thread::spawn(move || {
        let mut first: Option<Instant> = None;
        for _ in signals.forever() {
            match first {
                None => {
                    first = Some(Instant::now());
                    let _ = reports.send(Report::Signal);
                }
                Some(first) if first.elapsed() < ONE_SIGNAL => {}
                Some(_) => std::process::exit(i32::from(crate::error::KILLED)),
            }
        }
    });
    Ok(())
}
