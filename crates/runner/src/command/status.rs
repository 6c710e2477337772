//! `runner status`.

use super::{gate, out, print_json, watch};
use crate::cli::{Format, StatusArgs};
use crate::error::Error;
use crate::inspect::tasks::{self, Tasks};
use crate::inspect::{find, screen};
use crate::terminal::joined;
use record::{Outcome, Plan, RunFolder, Status, SweepFolder, SweepLock};
use report::SweepStatus;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn run(arguments: &StatusArgs) -> Result<ExitCode, Error> {
    if let (true, Some(run)) = (arguments.log, &arguments.dir) {
        return log(&run.to_string_lossy(), &arguments.results);
    }
    let dir = match &arguments.dir {
        Some(dir) => dir.clone(),
        None => newest(&arguments.results)?,
    };
    let folder = SweepFolder::new(dir);
    if arguments.watch {
        let ended = watch::run(&folder, arguments.interval, arguments.format)?;
        if ended != ExitCode::SUCCESS || arguments.require.requirements.is_empty() {
            return Ok(ended);
        }
        return Ok(gate(&unmet(arguments, &read(&folder)?)));
    }
    let status = read(&folder)?;
    let is_pending = |row: &&report::Row| match row.status {
        Status::Queued => true,
        Status::Interrupted => !Outcome::is_of_cancelled(row.reason.as_deref()),
        _ => false,
    };
    let pending: Vec<&str> = status.runs.iter().filter(is_pending).map(|row| row.id.as_str()).collect();
    let tasks = Tasks::of(&folder, &pending);
    match arguments.format {
        Format::Json => print_json(&WithTasks { status: &status, tasks })?,
        Format::Text => {
            out(screen::whole(&status))?;
            tasks.map_or(Ok(()), |tasks| out(joined(&tasks.lines())))?;
        }
    }
    Ok(gate(&unmet(arguments, &status)))
}

/// The logs of a run and of its tasks.
fn log(run: &str, results: &Path) -> Result<ExitCode, Error> {
    let folder = find::known(run, results)?;
    let logs = match folder.sweep() {
        Some(sweep) => tasks::logs(&sweep, &folder.id()),
        None => Vec::new(),
    };
    if logs.is_empty() {
        return Err(Error::Usage(format!("{}: nothing has written a log yet", folder.id())));
    }
    for (path, text) in logs {
        out(format_args!("== {}\n{}", path.display(), text.trim_end()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The status of a sweep, with the tasks that a cluster has of it.
#[derive(Serialize)]
struct WithTasks<'a> {
    #[serde(flatten)]
    status: &'a SweepStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<Tasks>,
}

fn unmet(arguments: &StatusArgs, status: &SweepStatus) -> Vec<String> {
    let requirements = arguments.require.requirements.iter();
    requirements.flat_map(|requirement| requirement.unmet_by_runs(status.runs.iter())).collect()
}

/// How the runs of a sweep stand now.
pub(crate) fn read(folder: &SweepFolder) -> Result<SweepStatus, Error> {
    let plan = Plan::read(folder)?;
    let runs = report::rows_of(&plan, folder)?;
    Ok(SweepStatus { sweep: plan.sweep, runs })
}

/// The sweep that works now, else the one that recorded something last.
fn newest(results: &Path) -> Result<PathBuf, Error> {
    let list = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let sweeps = list(results).map(SweepFolder::new).filter(|folder| folder.plan().is_file());
    let newest = sweeps.max_by_key(|folder| {
        let events = list(&folder.runs()).filter_map(|run| RunFolder::new(run).modified());
        (SweepLock::is_held(folder), events.max())
    });
    let newest = newest.map(|folder| folder.path().to_owned());
    newest.ok_or_else(|| Error::Usage(format!("no sweep in {}: name its folder", results.display())))
}
