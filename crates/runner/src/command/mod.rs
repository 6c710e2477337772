//! One file for each command.

mod augment;
mod cancel;
mod classify;
mod compare;
mod completions;
mod data;
mod diff;
mod doctor;
mod edit;
mod evaluate;
mod export;
mod extend;
mod extractor;
mod fetch;
mod gc;
mod import;
mod init;
mod join;
mod metrics;
mod models;
mod note;
mod plan;
mod report;
mod rm;
mod sample;
mod schema;
mod status;
mod sweep;
mod tag;
mod translate;
mod verify;
mod watch;
mod why;
mod worker;

use crate::cli::{Cli, Command};
use crate::error::{DONE, Error, RUNS_FAILED};
use crate::terminal;
use record::{LOCK_SWITCH, LOCK_VALUES, RunFolder};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use training::TILES_SWITCH;

/// Warnings that are printed in full.
const MAX_SHOWN: usize = 20;

/// Runs the command.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Error> {
    check_switches()?;
    // A worker computes on the threads of its slots.
    if !matches!(cli.command, Command::Worker(_) | Command::Join(_)) {
        rayon::ThreadPoolBuilder::new().build_global().map_err(Error::threads)?;
    }
    match cli.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Extend(arguments) => extend::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments, false),
        Command::Status(arguments) => status::run(&arguments),
        Command::Why(arguments) => why::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Edit(arguments) => edit::run(&arguments),
        Command::Augment(arguments) => augment::run(&arguments),
        Command::Translate(arguments) => translate::run(&arguments),
        Command::Metrics(arguments) => metrics::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Extractor(arguments) => extractor::run(arguments.command),
        Command::Join(arguments) => join::run(&arguments),
        Command::Cancel(arguments) => cancel::run(&arguments),
        Command::Note(arguments) => note::run(&arguments),
        Command::Tag(arguments) => tag::run(&arguments),
        Command::Rm(arguments) => rm::run(&arguments),
        Command::Gc(arguments) => gc::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Schema => schema::run(),
        Command::Data(arguments) => data::run(arguments.command),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Worker(arguments) => worker::run(&arguments),
    }
}

/// A misspelt switch would silently change the bits of the weights, or leave locks on.
fn check_switches() -> Result<(), Error> {
    for (switch, values) in [(TILES_SWITCH, &["off"][..]), (LOCK_SWITCH, &LOCK_VALUES)] {
        if let Some(value) = std::env::var_os(switch).filter(|value| !values.iter().any(|known| value == known)) {
            let (value, values) = (value.display(), values.join("` or `"));
            let message = format!("{switch} is `{value}` in the environment; it can be `{values}`, or not set");
            return Err(Error::Usage(message));
        }
    }
    Ok(())
}

/// Prints a value as JSON: for programs as it is, on a terminal with what that would obey as escapes.
fn print_json(value: &impl Serialize) -> Result<(), Error> {
    if io::stdout().is_terminal() {
        return out(serde_json::to_string_pretty(value).expect("what is printed is plain data"));
    }
    let mut output = BufWriter::new(io::stdout().lock());
    // In parts: the text of a large plan is several times the plan.
    let written = serde_json::to_writer_pretty(&mut output, value).map_err(io::Error::from);
    ignore_broken_pipe(written.and_then(|()| writeln!(output)).and_then(|()| output.flush()))
}

/// Prints lines for people on standard output.
fn out(text: impl Display) -> Result<(), Error> {
    ignore_broken_pipe(writeln!(io::stdout().lock(), "{}", terminal::lines(&text.to_string())))
}

/// Prints text for programs on standard output, as it is unless that is a terminal.
fn out_for_programs(text: &[u8]) -> Result<(), Error> {
    if io::stdout().is_terminal() {
        return out(String::from_utf8_lossy(text).trim_end_matches('\n'));
    }
    let mut output = io::stdout().lock();
    ignore_broken_pipe(output.write_all(text).and_then(|()| output.flush()))
}

/// A reader that has closed its end, as `head` does, wants no more.
fn ignore_broken_pipe(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io(Path::new("standard output"))(error)),
        _ => Ok(()),
    }
}

/// Writes a file that was asked for, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    record::remove_stale_of(path);
    record::write_derived(path, bytes).map_err(Error::io(path))
}

/// Prints a line on standard error, as far as it is open.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", terminal::line(line));
}

/// Prints warnings: of what is legal, but probably not meant, or of what is missing.
fn warn(warnings: &[String]) {
    bounded(warnings).for_each(|warning| say(&format!("warning: {warning}")));
}

/// Prints what keeps requirements from being met; exit code 1 if there is anything.
fn gate(unmet: &[String]) -> ExitCode {
    bounded(unmet).for_each(|line| say(&format!("error: {line}")));
    ExitCode::from(if unmet.is_empty() { DONE } else { RUNS_FAILED })
}

/// As many messages as a reader looks at, and how many more there are.
fn bounded(messages: &[String]) -> impl Iterator<Item = String> {
    let left = messages.len().saturating_sub(MAX_SHOWN);
    let more = (left > 0).then(|| format!("and {left} more"));
    messages.iter().take(MAX_SHOWN).cloned().chain(more)
}

/// There is no sound checkpoint to read, or none of this step.
fn no_checkpoint(run: &RunFolder, step: Option<u64>) -> Error {
    let (id, steps) = (run.id(), run.checkpoint_steps());
    Error::Usage(match step {
        Some(step) => {
            let there: Vec<String> = steps.iter().rev().map(u64::to_string).collect();
            format!("run {id} has no sound checkpoint of step {step}; there are those of {}", there.join(", "))
        }
        None => match steps.first().map(|newest| training::check_checkpoint(run, *newest)) {
            Some(Err(error)) => format!("run {id} has no sound checkpoint: {error}"),
            _ => format!("run {id} has no sound checkpoint yet"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_warnings_some_are_shown_and_the_others_counted() {
        let all: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
        let shown: Vec<String> = bounded(&all).collect();
        assert_eq!((shown.len(), shown[19].as_str(), shown[20].as_str()), (21, "19", "and 9980 more"));
        assert_eq!(bounded(&all[..20]).collect::<Vec<_>>(), all[..20]);
    }
}
