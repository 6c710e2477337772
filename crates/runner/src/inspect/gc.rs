//! What in a sweep's folder nothing needs: old checkpoints, damaged ones, what killed writers left, and on request runs that
//! are no longer planned.

use crate::error::Error;
use record::{Plan, RunFolder, RunRecord, SweepFolder};
use serde::Serialize;
use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What can go, of a run or of the sweep itself.
#[derive(Debug, Serialize)]
pub(crate) struct Garbage {
    /// The run; `None` for the sweep itself.
    pub id: Option<String>,
    /// Bytes of all that can go.
    pub freed_bytes: u64,
    /// Paths below the sweep's folder, in words.
    pub deleted: Vec<String>,
    #[serde(skip)]
    paths: Vec<PathBuf>,
    /// Steps of the checkpoints that stay, newest first.
    pub kept: Vec<u64>,
    /// Nothing of the run stays.
    #[serde(skip)]
    pub is_whole_run: bool,
}

/// What can go from each run, also of those that are no longer planned, and last from the sweep itself. `unplanned` runs can
/// go as a whole.
///
/// # Errors
/// A run's record cannot be read.
pub(crate) fn find(sweep: &SweepFolder, plan: &Plan, unplanned: bool) -> Result<Vec<Garbage>, Error> {
    let planned: HashSet<&str> = plan.runs.iter().map(|run| run.id.as_str()).collect();
    // A link leads to another sweep's folder, which may be in use.
    let folders = sweep.run_folders().into_iter().filter(|run| is_folder(run.path()));
    let garbage = |run: RunFolder| match unplanned && !planned.contains(run.id().as_str()) && is_run(&run) {
        true => Ok(Garbage::whole(sweep, &run)),
        false => of_run(sweep, &run),
    };
    let mut all = folders.map(garbage).collect::<Result<Vec<_>, _>>()?;
    let folders = [sweep.path().to_owned(), sweep.runs(), sweep.cancel_requests(), sweep.cache()];
    let stale = folders.iter().flat_map(|folder| record::stale(folder)).collect();
    all.push(Garbage::of(None, sweep, stale, Vec::new()));
    Ok(all)
}

/// Deletes it.
///
/// # Errors
/// Something cannot be deleted; what comes after it stays.
pub(crate) fn delete(garbage: &[Garbage]) -> Result<(), Error> {
    for path in garbage.iter().flat_map(|garbage| &garbage.paths) {
        let gone = if is_folder(path) { record::remove_folder(path) } else { fs::remove_file(path) };
        gone.map_err(Error::io(path))?;
    }
    Ok(())
}

fn of_run(sweep: &SweepFolder, run: &RunFolder) -> Result<Garbage, Error> {
    let record = RunRecord::read(run.clone()).map_err(Error::record(run.path()))?;
    // One to go on from and to sample, and the best; a run that goes on may find that one damaged by then.
    let needed = if record.is_finished() { 1 } else { 2 };
    let steps: Vec<u64> = run.checkpoint_steps().into_iter().filter(|step| is_folder(&run.checkpoint(*step))).collect();
    let sound = |step: &&u64| training::check_checkpoint(run, **step).is_ok();
    let sound: Vec<u64> = steps.iter().filter(sound).copied().collect();
    let best = record::best_step(&record.evaluations, &sound);
    let is_needed = |(index, step): &(usize, u64)| *index < needed || Some(*step) == best;
    let mut kept: Vec<u64> = sound.iter().copied().enumerate().filter(is_needed).map(|(_, step)| step).collect();
    if kept.is_empty() {
        // All are damaged, or of a format that this program does not know.
        kept.clone_from(&steps);
    }
    let old = steps.iter().filter(|step| !kept.contains(step)).map(|step| run.checkpoint(*step));
    let folders = [run.path().to_owned(), run.checkpoints(), run.samples(), run.edits()];
    let stale = folders.iter().flat_map(|folder| record::stale(folder));
    let paths = old.chain(stale).collect();
    Ok(Garbage::of(Some(run.id()), sweep, paths, kept))
}

impl Garbage {
    fn of(id: Option<String>, sweep: &SweepFolder, paths: Vec<PathBuf>, kept: Vec<u64>) -> Self {
        let below = |path: &PathBuf| path.strip_prefix(sweep.path()).unwrap_or(path).display().to_string();
        let freed_bytes = paths.iter().map(|path| size(path)).sum();
        Self { id, freed_bytes, deleted: paths.iter().map(below).collect(), kept, paths, is_whole_run: false }
    }

    fn whole(sweep: &SweepFolder, run: &RunFolder) -> Self {
        let all = Self::of(Some(run.id()), sweep, vec![run.path().to_owned()], Vec::new());
        Self { is_whole_run: true, ..all }
    }
}

/// Whether the folder is that of a run that began, and not a person's own.
fn is_run(run: &RunFolder) -> bool {
    run.config().is_file() || run.attempts().is_ok_and(|attempts| !attempts.is_empty())
}

/// Whether it is a folder itself, not a link to one.
pub(crate) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Bytes that are free when a file goes, or all files in a folder: none of what a longer run shares.
pub(crate) fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
        }
        Ok(metadata) if metadata.nlink() > 1 => 0,
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    }
}
