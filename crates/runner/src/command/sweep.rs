//! `runner sweep`.

use super::{out, print_json, say};
use crate::cli::{Format, Launcher, PlanArgs, SweepArgs};
use crate::error::{DONE, Error, MACHINE, RUNS_FAILED, STOPPED};
use crate::inspect::leaderboard;
use crate::inspect::requirement::Requirement;
use crate::plan::part::Part;
use crate::plan::planning;
use crate::sweep::display::{Detail, Display};
use crate::sweep::{Options, Summary, execute};
use crate::text;
use record::{Plan, SweepFolder};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;
use training::RunConfig;

pub(crate) fn run(arguments: SweepArgs) -> Result<ExitCode, Error> {
    let SweepArgs { experiment, execution, fresh, mix, retrain, strict, format, quiet, verbose, dry_run, .. } =
        arguments;
    let (slots, max_failures) = (arguments.slots, if arguments.fail_fast { Some(1) } else { arguments.max_failures });
    if dry_run {
        let (part, diff, measure) = (arguments.part, false, false);
        let arguments = PlanArgs { experiment, part, execution, retrain, diff, measure, format };
        return super::plan::run(&arguments, quiet);
    }
    if arguments.detach && arguments.launcher == Launcher::Local {
        return Err(Error::Usage(
            "--detach is for --launcher slurm and --launcher join: workers of this machine end with the sweep"
                .to_owned(),
        ));
    }
    if arguments.program.is_some() && arguments.launcher != Launcher::Slurm {
        return Err(Error::Usage("--program is for --launcher slurm: others start the program themselves".to_owned()));
    }
    let began = Instant::now();
    let planned = planning::plan(&experiment, &execution)?;
    let part = Part::of(&planned.plan, &arguments.part)?;
    let requirements = &arguments.require.requirements[..];
    check_evaluated(requirements, &planned.plan, &part)?;
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
        Options {
            results: experiment.results,
            fresh,
            part: part.clone(),
            mix,
            retrain,
            slots,
            max_failures,
            display,
            launcher: arguments.launcher,
            detach: arguments.detach,
            program: arguments.program,
        },
    )?;
    complain(&summary);
    match format {
        Format::Json => print_json(&summary)?,
        Format::Text if !quiet => print(&summary, began)?,
        Format::Text => {}
    }
    let code = exit_code(&summary, strict);
    if requirements.is_empty() || summary.stopped || summary.left {
        return Ok(ExitCode::from(code));
    }
    let rows = report::rows(&SweepFolder::new(&summary.folder))?;
    let rows = || rows.iter().enumerate().filter(|(run, _)| part.contains(*run)).map(|(_, row)| row);
    let unmet: Vec<String> = requirements.iter().flat_map(|requirement| requirement.unmet_by_runs(rows())).collect();
    let gate = super::gate(&unmet);
    Ok(if code == DONE { gate } else { ExitCode::from(code) })
}

/// A requirement that no run could meet is refused before hours of training.
fn check_evaluated(requirements: &[Requirement], plan: &Plan, part: &Part) -> Result<(), Error> {
    let runs = plan.runs.iter().enumerate().filter(|(run, _)| part.contains(*run));
    let configs = runs.filter_map(|(_, run)| RunConfig::deserialize(&run.config).ok());
    let evaluated: BTreeSet<&str> = configs.filter_map(|config| config.evaluate).flat_map(|e| e.quantities()).collect();
    let Some(lacking) = requirements.iter().find(|requirement| !evaluated.contains(&*requirement.quantity)) else {
        return Ok(());
    };
    let what = match evaluated.is_empty() {
        true => "no run is evaluated: add `evaluate: { every: 300 }` to `run`".to_owned(),
        false => format!(
            "no run evaluates {}: add its metric to `run.evaluate.metrics`, or require one of {}",
            lacking.quantity,
            evaluated.into_iter().collect::<Vec<_>>().join(", ")
        ),
    };
    Err(Error::Usage(format!("--require {lacking}: {what}")))
}

/// Says why there is no device or no report.
pub(super) fn complain(summary: &Summary) {
    let device = summary.stranded.iter().map(|reason| format!("no device is left to train on: {reason}"));
    device.chain(summary.problem.clone()).for_each(|problem| say(&format!("error: {problem}")));
}

pub(super) fn print(summary: &Summary, began: Instant) -> Result<(), Error> {
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
    if summary.problem.is_some() || summary.left {
        return Ok(());
    }
    out(format_args!("report:       {}", summary.report.display()))?;
    out(format_args!("tensorboard:  tensorboard --logdir {}", summary.tensorboard.display()))?;
    summary.best.as_ref().map_or(Ok(()), |board| out(leaderboard::text(board)))
}

/// A signal goes before devices that were lost, they before failed runs, and these before a report that could not be written.
pub(super) fn exit_code(summary: &Summary, strict: bool) -> u8 {
    let count = |status| summary.runs.get(status).copied().unwrap_or(0);
    let unfinished = count("interrupted") + count("queued") + count("running");
    if summary.left && !summary.stopped {
        if summary.problem.is_some() { RUNS_FAILED } else { DONE }
    } else if summary.stopped && unfinished > 0 {
        STOPPED
    } else if summary.stranded.is_some() {
        MACHINE
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
