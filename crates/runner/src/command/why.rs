//! `runner why`.

use super::{out, print_json};
use crate::cli::{Format, WhyArgs};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::why::{AttemptSummary, Closest, Next, Why};
use crate::plan::settings::folded;
use crate::terminal::joined;
use record::Status;
use std::process::ExitCode;

pub(crate) fn run(arguments: &WhyArgs) -> Result<ExitCode, Error> {
    let why = Why::of(&find::known(&arguments.run, &arguments.results)?)?;
    match arguments.format {
        Format::Json => print_json(&why)?,
        Format::Text => out(text(&why))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text(why: &Why) -> String {
    let mut lines = vec![state(why), next(why), plan(why)];
    lines.extend(why.queue.iter().map(|queue| format!("On the cluster {queue}.")));
    if why.attempts.len() > 1 || why.attempts.iter().any(|attempt| attempt.end != "done") {
        lines.push("attempts:".to_owned());
        lines.extend(why.attempts.iter().map(attempt));
    }
    // That a finished run has siblings in the plan explains nothing.
    if let Some(closest) = &why.closest
        && (why.next != Next::Keep || !closest.planned || closest.differences.is_empty())
    {
        lines.extend(compared(closest));
    }
    joined(&lines)
}

fn state(why: &Why) -> String {
    let Why { id, status, step, steps, .. } = why;
    let reason = why.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    match status {
        Status::Done => format!("{id} is done: all of its {steps} steps."),
        Status::Queued => format!("{id} is queued: it never started."),
        Status::Running => format!("{id} is running: step {step} of {steps}."),
        Status::TimedOut => format!("{id} ran out of time at step {step} of {steps}{reason}."),
        Status::Interrupted => format!("{id} was interrupted at step {step} of {steps}{reason}."),
        Status::Diverged | Status::Collapsed | Status::Failed => {
            format!("{id} {status} at step {step} of {steps}{reason}.")
        }
    }
}

fn next(why: &Why) -> String {
    let from = match why.checkpoint {
        Some(step) => format!("from its checkpoint of step {step}"),
        None => "from the beginning: it has no checkpoint".to_owned(),
    };
    match why.next {
        Next::Keep => "That is a result: a sweep leaves it alone.".to_owned(),
        Next::Ignore => "Sweeps leave it alone while no plan has it.".to_owned(),
        Next::Running => "A sweep trains it now.".to_owned(),
        Next::Waits => "A sweep works here and has yet to come to it.".to_owned(),
        Next::Train if why.attempts.is_empty() => "The next sweep trains it.".to_owned(),
        Next::Train => format!("The next sweep goes on {from}."),
    }
}

fn plan(why: &Why) -> String {
    match &why.sweep {
        Some(sweep) if why.planned => format!("It is planned in sweep {sweep}."),
        Some(sweep) => format!("It is no longer planned in sweep {sweep}."),
        None => "There is no plan beside it.".to_owned(),
    }
}

fn attempt(summary: &AttemptSummary) -> String {
    let AttemptSummary { attempt, from, step, end, .. } = summary;
    let reason = summary.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    match *end {
        end if *attempt == 0 => format!("  before it could start: {end}{reason}"),
        "killed" => format!("  {attempt}: from step {from}, killed after step {step}"),
        "running" => format!("  {attempt}: from step {from}, now at step {step}"),
        end => format!("  {attempt}: from step {from}, {end} at step {step}{reason}"),
    }
}

fn compared(closest: &Closest) -> Vec<String> {
    let Closest { id, status, planned, differences } = closest;
    let planned = if *planned { "" } else { ", no longer planned" };
    let mut lines = vec![format!("The closest other run that is finished is {id} ({status}{planned}).")];
    if differences.is_empty() {
        lines.push("Its settings are the same.".to_owned());
        lines.push("The ids differ, because the contents of the data or the format's version changed.".to_owned());
    } else {
        lines.push("There → here:".to_owned());
        lines.extend(folded(differences).iter().map(|difference| format!("  {difference}")));
        lines.push("So this is a different run.".to_owned());
    }
    lines
}
