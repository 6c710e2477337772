//! `runner completions`.

use super::out_for_programs;
use crate::cli::{Cli, CompletionsArgs};
use crate::error::Error;
use clap::CommandFactory;
use std::process::ExitCode;

const PROGRAM: &str = "runner";

pub(crate) fn run(arguments: &CompletionsArgs) -> Result<ExitCode, Error> {
    let whole = Cli::command();
    // The generator would offer hidden commands, too.
    let shown = whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let mut command = clap::Command::new(PROGRAM).version(env!("CARGO_PKG_VERSION")).subcommands(shown);
    // Into memory first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, PROGRAM, &mut script);
    out_for_programs(&script)?;
    Ok(ExitCode::SUCCESS)
}
