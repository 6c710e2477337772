//! `runner completions`.

use super::out_for_programs;
use crate::cli::{Cli, CompletionsArgs};
use crate::error::Error;
use clap::CommandFactory;
use clap_complete::Shell;
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
    script.extend(runs(arguments.shell, &command).unwrap_or_default().bytes());
    out_for_programs(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Completes ids of the runs below `results`, for the commands that take a run: the generator knows no values that change.
fn runs(shell: Shell, program: &clap::Command) -> Option<String> {
    let (script, separator) = match shell {
        Shell::Bash => (include_str!("runs.bash"), "|"),
        Shell::Fish => (include_str!("runs.fish"), " "),
        Shell::Zsh => (include_str!("runs.zsh"), "|"),
        _ => return None,
    };
    let names_run = |argument: &clap::Arg| {
        let values = argument.get_value_names().unwrap_or_default();
        values.iter().any(|value| value.contains("RUN"))
    };
    let takes_run = |command: &&clap::Command| command.get_positionals().any(names_run);
    let commands: Vec<&str> = program.get_subcommands().filter(takes_run).map(clap::Command::get_name).collect();
    Some(script.replace("COMMANDS", &commands.join(separator)))
}
