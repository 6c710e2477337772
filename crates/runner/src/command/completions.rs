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
    if arguments.shell == Shell::Bash {
        script.extend(runs_in_bash(&command).bytes());
    }
    out_for_programs(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Ids of the runs below `results`, for the commands that take a run. The generator knows no values that change.
fn runs_in_bash(program: &clap::Command) -> String {
    let names_run = |argument: &clap::Arg| {
        let values = argument.get_value_names().unwrap_or_default();
        values.iter().any(|value| value.contains("RUN"))
    };
    let takes_run = |command: &&clap::Command| command.get_positionals().any(names_run);
    let commands: Vec<&str> = program.get_subcommands().filter(takes_run).map(clap::Command::get_name).collect();
    format!(
        r#"
_{PROGRAM}_with_runs() {{
    _{PROGRAM} "$@"
    local word="${{COMP_WORDS[COMP_CWORD]}}" runs=(results/*/runs/*/)
    case "${{COMP_WORDS[1]}}" in
        {})
            if [[ "$word" != -* && -d "${{runs[0]}}" ]]; then
                runs=("${{runs[@]%/}}")
                COMPREPLY+=($(compgen -W "${{runs[*]##*/}}" -- "$word"))
            fi
            ;;
    esac
}}
complete -F _{PROGRAM}_with_runs -o bashdefault -o default {PROGRAM}
"#,
        commands.join("|")
    )
}
