//! Builds both outputs beside the old ones and swaps them in, so that a reader sees the old report or the new one.

use crate::page::{self, RunView};
use crate::run::Run;
use crate::settings::Settings;
use crate::{ReportError, tensorboard};
use rayon::prelude::*;
use record::{Plan, SweepFolder, SweepLock, temporary_sibling};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What [`build`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Runs of the plan.
    pub runs: usize,
    /// TensorBoard's log folder.
    pub tensorboard: PathBuf,
    /// The page.
    pub page: PathBuf,
    /// What is missing or damaged in the run folders, in plan order.
    pub warnings: Vec<String>,
}

/// Builds `tensorboard/` and `report.html` of a sweep from its run folders; reads a live, killed or half-copied sweep as
/// well.
///
/// Writes to temporary names and swaps; never writes inside a run's folder; byte-identical when built twice from the same
/// records. Records that cannot be read, missing and damaged sample grids are warnings; an unreadable plan and an
/// unwritable folder are errors.
pub fn build(folder: &SweepFolder) -> Result<Built, ReportError> {
    let plan = Plan::read(folder)?;
    let live_since = SweepLock::held_since(folder);
    let settings = Settings::of(&plan);
    let columns = tensorboard::Columns::of(&plan, &settings);

    let logs = Temporary::folder_beside(&folder.tensorboard())?;
    // A run is read, written and reduced to its view before the next one: a sweep need not fit in memory.
    let views = plan
        .runs
        .par_iter()
        .map(|planned| {
            let run = Run::read(folder, planned, live_since)?;
            tensorboard::write_run(&logs.path, &run, &columns, plan.created)?;
            Ok(RunView::of(run))
        })
        .collect::<Result<Vec<_>, ReportError>>()?;
    tensorboard::write_experiment(&logs.path, &plan, &columns, &page::tags(&views))?;
    let html = page::render(folder, &plan, &settings, &views)?;

    // A full disk shows here, while both old outputs stand.
    let page = temporary_sibling(&folder.page());
    let written = fs::write(&page, html.as_bytes()).map_err(ReportError::write(&folder.page()));
    // The page comes last: one that is newer than all records tells that the event files are, too.
    let published = written
        .and_then(|()| logs.replace(&folder.tensorboard()))
        .and_then(|()| fs::rename(&page, folder.page()).map_err(ReportError::write(&folder.page())));
    if published.is_err() {
        let _ = fs::remove_file(&page);
    }
    published?;
    Ok(Built {
        runs: plan.runs.len(),
        tensorboard: folder.tensorboard(),
        page: folder.page(),
        warnings: views.into_iter().flat_map(|view| view.warnings).collect(),
    })
}

/// A folder that goes away unless it takes the place of another.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn folder_beside(target: &Path) -> Result<Self, ReportError> {
        let path = temporary_sibling(target);
        fs::create_dir(&path).map_err(ReportError::write(&path))?;
        Ok(Self { path })
    }

    fn replace(self, target: &Path) -> Result<(), ReportError> {
        let old = temporary_sibling(target);
        let moved = match fs::rename(target, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            had_old => fs::rename(&self.path, target).inspect_err(|_| {
                if had_old.is_ok() {
                    let _ = fs::rename(&old, target);
                }
            }),
        };
        moved.map_err(ReportError::write(target))?;
        let _ = fs::remove_dir_all(&old);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
