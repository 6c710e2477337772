//! Builds both outputs beside the old ones and swaps them in, so that a reader sees the old report or the new one.

use crate::compare::quantities;
use crate::leaderboard::Leaderboard;
use crate::page::{self, Asset, Rendered};
use crate::run::{Run, RunView, Thinning, tags};
use crate::study::{Destination, Study};
use crate::{ReportError, current, ours, tensorboard};
use rayon::prelude::*;
use record::{ReportLock, SweepFolder, temporary_sibling};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of pictures and sounds in a page, unless set otherwise: with curves and table, such a page still goes by mail.
pub const EMBED_BUDGET: u64 = 5 << 20;

/// What to build, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The folder for page and event files; `None` for the sweep's own.
    pub out: Option<PathBuf>,
    /// Bytes of pictures and sounds that the page may hold; what is beyond it goes into a folder beside it.
    pub embed_budget: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { out: None, embed_budget: EMBED_BUDGET }
    }
}

/// How long a report waits for another one in the same folder.
const PATIENCE: Duration = Duration::from_secs(30);

/// What [`build`] made.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// Runs of all plans.
    pub runs: usize,
    /// TensorBoard's log folder.
    pub tensorboard: PathBuf,
    /// The page.
    pub page: PathBuf,
    /// What is missing or damaged in the run folders, in plan order.
    pub warnings: Vec<String>,
    /// The best configurations; `None` if no run that is done was evaluated.
    pub leaderboard: Option<Leaderboard>,
}

/// Builds `tensorboard/` and `report.html` from the run folders of a sweep, or of several to be compared; reads live,
/// killed and half-copied sweeps as well.
///
/// Writes to temporary names and swaps; never writes inside a run's folder; byte-identical when built twice from the same
/// records. Records that cannot be read, missing and damaged pictures and sounds are warnings; an unreadable plan, an unwritable
/// folder, something of a person's where a part of the report would be, and several sweeps without a place for their
/// report are errors.
pub fn build(folders: &[SweepFolder], options: &Options) -> Result<Built, ReportError> {
    let folder = match (&options.out, folders) {
        (Some(out), _) => SweepFolder::new(out),
        (None, [folder]) => folder.clone(),
        (None, _) => return Err(ReportError::NoPlace),
    };
    // Before anything is made.
    Study::read(folders)?;
    fs::create_dir_all(folder.path()).map_err(ReportError::write(folder.path()))?;
    build_under(&claim(&folder)?, folders, options.embed_budget)
}

/// Takes the lock that reports in a folder need; waits for another report, but not for ever.
///
/// # Errors
/// The other one has not ended by then, or the folder cannot be locked.
pub fn claim(folder: &SweepFolder) -> Result<ReportLock, ReportError> {
    let lock = ReportLock::acquire(folder, PATIENCE);
    lock.map_err(|source| ReportError::Lock { folder: folder.path().to_owned(), source })
}

/// As [`build`], into the folder whose lock the caller has.
pub fn build_under(lock: &ReportLock, folders: &[SweepFolder], embed_budget: u64) -> Result<Built, ReportError> {
    let study = Study::read(folders)?;
    let destination = Destination { folder: lock.folder().path().to_owned() };
    for part in [destination.page(), destination.tensorboard(), destination.assets()] {
        record::remove_stale_of(&part);
    }
    ours::check(&destination)?;
    let columns = tensorboard::Columns::of(&study);

    let logs = Temporary::folder_beside(&destination.tensorboard())?;
    let thinning = Thinning::of(study.members.len());
    // A run is read, written and reduced to its view before the next one: a sweep need not fit in memory.
    let views = study
        .members
        .par_iter()
        .map(|member| {
            let run = Run::read(member, &study.sweeps[member.sweep].live);
            tensorboard::write_run(&logs.path, &run, &columns, study.created)?;
            Ok(RunView::of(run, thinning))
        })
        .collect::<Result<Vec<_>, ReportError>>()?;
    tensorboard::write_experiment(&logs.path, &study, &columns, &tags(&views), &quantities(&views), &views)?;
    let Rendered { html, assets } = page::render(&study, &views, &destination, embed_budget)?;
    let seal = current::seal(html.as_bytes(), assets.len());
    record::mark(&logs.path, ours::TENSORBOARD, &seal).map_err(ReportError::write(&logs.path))?;
    let assets = Temporary::folder_of(&assets, &destination.assets())?;

    // A full disk shows here, while both old outputs stand.
    let target = destination.page();
    let page = temporary_sibling(&target);
    let written = write_new(&page, html.as_bytes()).map_err(ReportError::write(&target));
    // The event files come first, for their mark names the page that goes with them: a report whose parts do not belong
    // together is known by that. The page comes last: if it is newer than all records, so are the others.
    let published = written
        .and_then(|()| logs.replace(&destination.tensorboard()))
        .and_then(|()| match assets {
            Some(assets) => assets.replace(&destination.assets()),
            None => ours::remove_assets(&destination),
        })
        .and_then(|()| fs::rename(&page, &target).map_err(ReportError::write(&target)));
    if published.is_err() {
        let _ = fs::remove_file(&page);
    }
    published?;
    Ok(Built {
        runs: study.members.len(),
        tensorboard: destination.tensorboard(),
        page: target,
        leaderboard: Leaderboard::of(&study, &views),
        warnings: views.into_iter().flat_map(|view| view.warnings).collect(),
    })
}

/// The configurations of sweeps as a Markdown table, best first where they can be ranked. Writes nothing.
pub fn markdown(folders: &[SweepFolder]) -> Result<String, ReportError> {
    let study = Study::read(folders)?;
    Ok(page::markdown(&study, &views(&study)))
}

/// The best configurations of a sweep; `None` if no run that is done was evaluated. Writes nothing.
pub fn leaderboard(folder: &SweepFolder) -> Result<Option<Leaderboard>, ReportError> {
    let study = Study::read(std::slice::from_ref(folder))?;
    Ok(Leaderboard::of(&study, &views(&study)))
}

/// All runs with as little of their curves as can be.
fn views(study: &Study) -> Vec<RunView<'_>> {
    let view = |member| RunView::of(Run::read(member, &study.sweeps[member.sweep].live), Thinning::of(usize::MAX));
    study.members.par_iter().map(view).collect()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create_new(path)?.write_all(bytes)
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

    /// `None` for no files. Files on the same disk are not copied: those in run folders are never written again.
    fn folder_of(assets: &[Asset], target: &Path) -> Result<Option<Self>, ReportError> {
        if assets.is_empty() {
            return Ok(None);
        }
        let folder = Self::folder_beside(target)?;
        assets.par_iter().try_for_each(|Asset { from, to }| {
            let to = folder.path.join(to);
            let link = || {
                fs::create_dir_all(to.parent().unwrap_or(&folder.path))?;
                match fs::hard_link(from, &to) {
                    // Never through a link: that would write into a run's folder.
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::copy(from, &to).map(drop),
                    _ => Ok(()),
                }
            };
            link().map_err(ReportError::write(&to))
        })?;
        record::mark(&folder.path, ours::ASSETS, "").map_err(ReportError::write(&folder.path))?;
        Ok(Some(folder))
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
