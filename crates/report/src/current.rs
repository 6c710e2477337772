//! Whether a sweep's report shows all that is known of the sweep.

use crate::ours::{ASSETS, TENSORBOARD};
use record::{MARK, Plan, SweepFolder, read_own};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Whether a sweep's own report is whole and newer than everything that it shows.
pub fn is_current(folder: &SweepFolder, plan: &Plan) -> bool {
    let modified = |path: PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let Some(page) = modified(folder.page()).filter(|_| folder.page().is_file()) else { return false };
    let older = |time: Option<SystemTime>| time.is_none_or(|time| time <= page);
    let shows_all = |run: &record::RunFolder| {
        older(run.modified()) && [run.evaluations(), run.annotation(), run.edits()].map(modified).into_iter().all(older)
    };
    older(modified(folder.plan())) && plan.runs.iter().all(|run| shows_all(&folder.run(&run.id))) && is_whole(folder)
}

/// What the mark of the event files says of the parts that they belong to.
pub(crate) fn seal(page: &[u8], assets: usize) -> String {
    format!("page {}, {assets} files in {ASSETS}", blake3::hash(page).to_hex())
}

/// Whether page, event files and assets are of one report, and all there.
fn is_whole(folder: &SweepFolder) -> bool {
    let Some(sealed) = record::marked(&folder.tensorboard(), TENSORBOARD) else { return false };
    read_own(&folder.page()).is_ok_and(|page| seal(&page, count(&folder.assets())) == sealed)
}

/// Files in a folder and below it, without the mark.
fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => count(&entry.path()),
        _ => usize::from(entry.file_name() != MARK),
    };
    entries.map(of).sum()
}
