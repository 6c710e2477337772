//! From an experiment file to trained runs: plan, scheduler, launchers, commands. No tensor passes through here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cli;
mod command;
mod error;
mod host;
mod inspect;
mod plan;
mod sweep;
mod text;

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
