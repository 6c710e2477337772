//! `runner sweep`.

use super::{out, print_json, say};
use crate::cli::{Format, PlanArgs, SweepArgs};
use crate::error::{DONE, Error, MACHINE, RUNS_FAILED, STOPPED};
use crate::inspect::leaderboard;
use crate::plan::part::Part;
use crate::plan::planning;
use crate::sweep::display::{Detail, Display};
use crate::sweep::{Options, Summary, execute};
use crate::text;
use std::process::ExitCode;
use std::time::Instant;

pub(crate) fn run(arguments: SweepArgs) -> Result<ExitCode, Error> {
    let SweepArgs { experiment, execution, fresh, mix, retrain, strict, format, quiet, verbose, dry_run, .. } =
        arguments;
    let (slots, max_failures) = (arguments.slots, if arguments.fail_fast { Some(1) } else { arguments.max_failures });
    if dry_run {
        let (part, diff) = (arguments.part, false);
        return super::plan::run(&PlanArgs { experiment, part, retrain, diff, format }, &execution, quiet);
    }
    let began = Instant::now();
    let planned = planning::plan(&experiment, &execution)?;
    let part = Part::of(&planned.plan, &arguments.part)?;
    if !quiet {
        super::warn(&planned.warnings);
    }
    let detail = match (quiet, verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    };
    let display = Display::new(detail);
    let summary = execute(
        planned,
        Options { results: experiment.results, fresh, part, mix, retrain, slots, max_failures, display },
    )?;
    if let Some(problem) = &summary.problem {
        say(&format!("error: {problem}"));
    }
    match format {
        Format::Json => print_json(&summary)?,
        Format::Text if !quiet => print(&summary, began)?,
        Format::Text => {}
    }
    Ok(ExitCode::from(exit_code(&summary, strict)))
}

fn print(summary: &Summary, began: Instant) -> Result<(), Error> {
    let runs: Vec<_> = summary.runs.iter().map(|(status, count)| format!("{count} {status}")).collect();
    let left_out = match summary.left_out {
        0 => String::new(),
        runs => format!("; {} of the plan left out", text::count(runs, "run")),
    };
    let took = text::seconds(began.elapsed().as_secs_f64());
    out(format_args!("{}: {} ({took}){left_out}", summary.sweep, runs.join(", ")))?;
    for warning in super::bounded(&summary.warnings) {
        out(format_args!("warning:      {warning}"))?;
    }
    if summary.problem.is_some() {
        return Ok(());
    }
    out(format_args!("report:       {}", summary.report.display()))?;
    out(format_args!("tensorboard:  tensorboard --logdir {}", summary.tensorboard.display()))?;
    summary.best.as_ref().map_or(Ok(()), |board| out(leaderboard::text(board)))
}

/// A signal goes before failed runs, and they before a report that could not be written.
fn exit_code(summary: &Summary, strict: bool) -> u8 {
    let count = |status| summary.runs.get(status).copied().unwrap_or(0);
    let unfinished = count("interrupted") + count("queued");
    if summary.stopped && unfinished > 0 {
        STOPPED
    } else if count("failed") + count("timed-out") > 0 || (strict && count("diverged") + count("collapsed") > 0) {
        RUNS_FAILED
    } else if unfinished > 0 {
        STOPPED
    } else if summary.problem.is_some() {
        MACHINE
    } else {
        DONE
    }
}
