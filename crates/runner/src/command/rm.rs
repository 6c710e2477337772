//! `runner rm`.

use super::{out, print_json};
use crate::cli::{Format, RmArgs};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::gc::{is_folder, size};
use crate::inspect::known::{Known, all_beside};
use crate::text::{bytes, count, table};
use record::{Failures, Live, Plan, RunFolder, SweepFolder, SweepLock};
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// A run that goes.
#[derive(Serialize)]
struct Doomed {
    id: String,
    /// The folder of its sweep.
    sweep: PathBuf,
    /// How it ended; `None` if its record cannot be read.
    status: Option<&'static str>,
    /// Whether the next sweep trains it anew.
    planned: bool,
    freed_bytes: u64,
    #[serde(skip)]
    folder: RunFolder,
}

pub(crate) fn run(arguments: &RmArgs) -> Result<ExitCode, Error> {
    let sweeps = targets(arguments)?;
    // Nothing is deleted unless everything can be.
    let mut locks = Vec::new();
    for (sweep, _) in &sweeps {
        let lock = (!arguments.dry_run || SweepLock::is_held(sweep)).then(|| SweepLock::acquire(sweep));
        let lock = lock.transpose().map_err(|source| Error::Lock { folder: sweep.path().to_owned(), source })?;
        locks.push((lock, (!arguments.dry_run).then(|| report::claim(sweep)).transpose()?));
    }
    let mut doomed = Vec::new();
    for (sweep, runs) in &sweeps {
        doomed.extend(match runs.is_empty() {
            true => by_status(sweep, &arguments.status)?,
            false => runs.iter().map(named).collect::<Result<Vec<_>, _>>()?,
        });
    }
    if !arguments.dry_run {
        for run in &doomed {
            delete(run)?;
        }
    }
    print(arguments, &sweeps, &doomed)?;
    Ok(ExitCode::SUCCESS)
}

/// The sweeps in which runs go, with those that are named; none are where the status decides.
fn targets(arguments: &RmArgs) -> Result<Vec<(SweepFolder, Vec<RunFolder>)>, Error> {
    let mut sweeps: Vec<(SweepFolder, Vec<RunFolder>)> = Vec::new();
    for target in &arguments.targets {
        let as_sweep = SweepFolder::new(target);
        let (sweep, run) = match (arguments.status.is_empty(), as_sweep.plan().is_file()) {
            (false, true) => (as_sweep, None),
            (false, false) => {
                return Err(Error::Usage(format!(
                    "{target} is no sweep's folder: with --status name sweeps, without it runs"
                )));
            }
            (true, true) => {
                return Err(Error::Usage(format!(
                    "{target} is a sweep's folder: say which of its runs are to go, such as `--status failed`"
                )));
            }
            (true, false) => {
                let run = find::started(target, &arguments.results)?;
                let alone = || Error::Usage(format!("{} lies in no sweep's folder: delete it as any folder", target));
                (run.sweep().ok_or_else(alone)?, Some(run))
            }
        };
        let is_same = |known: &SweepFolder| known.path().canonicalize().ok() == sweep.path().canonicalize().ok();
        match sweeps.iter_mut().find(|(known, _)| is_same(known)) {
            Some((_, runs)) => runs.extend(run.filter(|run| runs.iter().all(|other| other.id() != run.id()))),
            None => sweeps.push((sweep, run.into_iter().collect())),
        }
    }
    Ok(sweeps)
}

/// Also runs that are no longer planned. What a link leads to is another folder's.
fn by_status(sweep: &SweepFolder, wanted: &[String]) -> Result<Vec<Doomed>, Error> {
    // No command but this one works there.
    let all = all_beside(sweep, &Plan::read(sweep)?, &Live::default());
    let is_wanted = |known: &Known| {
        let is_there = is_folder(known.record.folder.path());
        is_there && wanted.iter().any(|status| status == known.row().status.name())
    };
    Ok(all.iter().filter(|known| is_wanted(known)).map(|known| doomed(&known.record.folder, Some(known))).collect())
}

fn named(run: &RunFolder) -> Result<Doomed, Error> {
    if !is_folder(run.path()) {
        let path = run.path().display();
        return Err(Error::Usage(format!("{path} is a link: delete it, and what it leads to, as any link")));
    }
    // A record that cannot be read is a reason to delete a run.
    let known = Known::read(run).ok();
    Ok(doomed(run, known.as_ref().map(|(known, _)| known)))
}

fn doomed(folder: &RunFolder, known: Option<&Known>) -> Doomed {
    let sweep = folder.sweep().expect("the run was found in a sweep");
    let planned = || Plan::read(&sweep).is_ok_and(|plan| plan.runs.iter().any(|run| run.id == folder.id()));
    Doomed {
        id: folder.id(),
        status: known.map(|known| known.record.status(&Live::default()).name()),
        planned: known.map_or_else(planned, |known| known.is_planned),
        freed_bytes: size(folder.path()),
        folder: folder.clone(),
        sweep: sweep.path().to_owned(),
    }
}

fn delete(run: &Doomed) -> Result<(), Error> {
    record::remove_folder(run.folder.path()).map_err(Error::io(run.folder.path()))?;
    let sweep = SweepFolder::new(&run.sweep);
    let mut failures = Failures::read(&sweep);
    match failures.0.remove(&run.id) {
        Some(_) => failures.write(&sweep).map_err(Error::io(&sweep.failures())),
        None => Ok(()),
    }
}

fn print(arguments: &RmArgs, sweeps: &[(SweepFolder, Vec<RunFolder>)], doomed: &[Doomed]) -> Result<(), Error> {
    let freed: u64 = doomed.iter().map(|run| run.freed_bytes).sum();
    if arguments.format == Format::Json {
        return print_json(&json!({ "dry_run": arguments.dry_run, "freed_bytes": freed, "runs": doomed }));
    }
    if doomed.is_empty() {
        let folders: Vec<_> = sweeps.iter().map(|(sweep, _)| sweep.path().display().to_string()).collect();
        return out(format_args!("{}: no run is {}", folders.join(", "), arguments.status.join(" or ")));
    }
    let row = |run: &Doomed| {
        let next = if run.planned { "trained anew" } else { "" };
        [&run.id, run.status.unwrap_or("unreadable"), &bytes(run.freed_bytes), next].map(str::to_owned).to_vec()
    };
    let (would, verb) = if arguments.dry_run { ("would be ", "would be freed") } else { ("", "freed") };
    let rows: Vec<_> = doomed.iter().map(row).collect();
    out(table(&["run", "was", verb, "by the next sweep"], &rows))?;
    out(format_args!("{} {would}deleted, {} {verb}", count(doomed.len(), "run"), bytes(freed)))
}
