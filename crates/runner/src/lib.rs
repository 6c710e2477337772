//! From an experiment file to trained runs: plan, scheduler, launchers, commands. No tensor passes through here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod changes;
mod cli;
mod closest;
mod command;
mod drive;
mod error;
mod experiment;
mod export;
mod find;
mod gc;
mod identity;
mod known;
mod launcher;
mod places;
mod planning;
mod progress;
mod reference;
mod scheduler;
mod screen;
mod settings;
mod signals;
mod sweep;
mod text;
mod timers;
mod why;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match command::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            let _ = std::io::stderr().write_all(error.report().as_bytes());
            error.exit_code()
        }
    }
}
