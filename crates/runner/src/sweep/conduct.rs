//! A sweep from its plan to its report: what is kept, what is trained, on how many places.

use crate::error::Error;
use crate::plan::adopt::adopt;
use crate::plan::changes::{self, Changes};
use crate::plan::planning::Planned;
use crate::sweep::drive::Drive;
use crate::sweep::live;
use crate::sweep::places;
use crate::sweep::progress::Progress;
use crate::sweep::scheduler::Run;
use crate::text;
use record::{Cause, Outcome, Plan, RunFolder, RunRecord, Status, SweepFolder, SweepLock};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use training::RunConfig;

/// How to go about it.
pub struct Options {
    /// Folder of the sweeps' folders.
    pub results: PathBuf,
    /// Move an earlier folder aside.
    pub fresh: bool,
    /// Runs inside one worker; `None` to leave it to the device.
    pub slots: Option<NonZeroUsize>,
    /// Failed runs after which everything stops.
    pub max_failures: Option<u32>,
    /// What a person sees meanwhile.
    pub progress: Progress,
}

/// What a sweep came to.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The sweep's name.
    pub sweep: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Runs by status, of the whole plan.
    pub runs: BTreeMap<&'static str, usize>,
    /// Runs that were finished before.
    pub kept: usize,
    /// The page.
    pub report: PathBuf,
    /// TensorBoard's log directory.
    pub tensorboard: PathBuf,
    /// Whether a signal stopped the sweep.
    pub stopped: bool,
    /// What the report could not show.
    pub warnings: Vec<String>,
    /// Why there is no new report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A planned run before the sweep.
struct Standing {
    outcome: Option<Outcome>,
    /// Why its folder cannot be read.
    problem: Option<String>,
}

impl Standing {
    /// A folder that cannot be read keeps its own run from training, and no other.
    fn of(folder: &RunFolder) -> Self {
        match RunRecord::read(folder.clone()) {
            Ok(record) => Self { outcome: record.outcome, problem: None },
            Err(error) => {
                let path = folder.path().display();
                let problem =
                    format!("{path}: the run's record cannot be read: {error}; move it away to train it anew");
                Self { outcome: Some(Outcome::failed(Cause::Io, problem.clone())), problem: Some(problem) }
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.status.is_finished())
    }

    fn is_pending(&self) -> bool {
        self.problem.is_none() && !self.is_finished()
    }
}

/// Trains what is not finished, and reports.
///
/// # Errors
/// Nothing could be started. Runs that fail, and a report that cannot be written, are in the summary.
pub fn conduct(planned: Planned, options: Options) -> Result<Summary, Error> {
    let Planned { mut plan, execution, .. } = planned;
    let folder = SweepFolder::new(options.results.join(&plan.sweep));
    places::check_size(&execution)?;
    let selection = training::select(&execution.devices)?;
    if options.fresh {
        move_aside(folder.path(), &options.progress)?;
    }
    fs::create_dir_all(folder.runs()).map_err(Error::io(&folder.runs()))?;
    let lock = SweepLock::acquire(&folder, &crate::command::host())
        .map_err(|source| Error::Lock { folder: folder.path().to_owned(), source })?;
    record::remove_stale(folder.path());

    adopt(&mut plan, &folder);
    let news = freeze(&plan, &folder, &options.progress)?;
    let standing: Vec<Standing> = plan.runs.iter().map(|run| Standing::of(&folder.run(&run.id))).collect();
    let pending: Vec<Run> = (0..standing.len()).filter(|run| standing[*run].is_pending()).collect();
    let kept = standing.iter().filter(|run| run.is_finished()).count();
    for problem in standing.iter().filter_map(|run| run.problem.as_ref()) {
        options.progress.alarm(problem);
    }
    let mut outcomes: Vec<Option<Outcome>> = standing.into_iter().map(|run| run.outcome).collect();
    options.progress.note(&format!(
        "{}: {}, {kept} finished before, {} to train{news}",
        plan.sweep,
        text::count(plan.runs.len(), "run"),
        pending.len()
    ));

    let mut stopped = false;
    let mut unfollowed = None;
    let nothing_to_train = pending.is_empty();
    if !nothing_to_train {
        for run in &pending {
            // One that cannot be read says so itself, when it is its turn.
            let Ok(config) = serde_json::from_value::<RunConfig>(plan.runs[*run].config.clone()) else { continue };
            selection.devices.iter().try_for_each(|device| config.train.precision.check(*device))?;
        }
        options.progress.note(&format!("devices: {}", selection.because));
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let places = places::places(&selection.devices, &execution, options.slots, pending.len(), cores);
        let mut drive = Drive::new(&plan, &folder, &execution, options.max_failures, places, options.progress);
        let (driven, followed) = live::following(&folder, || drive.run(pending, &mut outcomes));
        stopped = driven?;
        unfollowed = followed.err();
    }
    drop(lock);

    let (mut warnings, problem) = match nothing_to_train && is_current(&folder, &plan) {
        true => (Vec::new(), None),
        false => match report::build(std::slice::from_ref(&folder), &report::Options::default()) {
            Ok(built) => (built.warnings, None),
            Err(error) => (Vec::new(), Some(Error::from(error).message())),
        },
    };
    let stalled = |error| format!("TensorBoard's files did not grow with the runs: {}", Error::from(error).message());
    warnings.extend(unfollowed.map(stalled));
    let mut runs = BTreeMap::new();
    for outcome in &outcomes {
        let status = outcome.as_ref().map_or(Status::Queued, |outcome| outcome.status);
        *runs.entry(status.name()).or_default() += 1;
    }
    Ok(Summary {
        sweep: plan.sweep,
        runs,
        kept,
        report: folder.page(),
        tensorboard: folder.tensorboard(),
        stopped,
        warnings,
        problem,
        folder: folder.path().to_owned(),
    })
}

/// Renames an earlier folder to the first free `<name>.old-<n>`.
fn move_aside(folder: &Path, progress: &Progress) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    let sweep = SweepFolder::new(folder);
    if SweepLock::is_held(&sweep) {
        let lock = SweepLock::acquire(&sweep, &crate::command::host());
        lock.map_err(|source| Error::Lock { folder: folder.to_owned(), source })?;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let aside = (1..).map(|n| folder.with_file_name(format!("{name}.old-{n}"))).find(|path| !path.exists());
    let aside = aside.expect("there is always a larger number");
    fs::rename(folder, &aside).map_err(Error::io(folder))?;
    progress.note(&format!("the earlier results are in {} now", aside.display()));
    Ok(())
}

/// Writes the plan if it is not the one that stands there; says what changed.
fn freeze(plan: &Plan, folder: &SweepFolder, progress: &Progress) -> Result<String, Error> {
    let earlier = changes::frozen(folder, |warning| progress.note(warning))?;
    let Some(earlier) = earlier else {
        plan.write(folder).map_err(Error::io(&folder.plan()))?;
        return Ok(String::new());
    };
    let news = Changes::between(&earlier, plan, folder).summary();
    let plan = Plan { created: earlier.created, ..plan.clone() };
    if plan != earlier {
        plan.write(folder).map_err(Error::io(&folder.plan()))?;
    }
    Ok(news.map_or_else(String::new, |news| format!(" ({news})")))
}

/// Whether the report is newer than all that it shows.
fn is_current(folder: &SweepFolder, plan: &Plan) -> bool {
    let modified = |path: PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let Some(page) = modified(folder.page()) else { return false };
    let older = |time: Option<SystemTime>| time.is_none_or(|time| time <= page);
    folder.tensorboard().is_dir()
        && older(modified(folder.plan()))
        && plan.runs.iter().all(|run| older(folder.run(&run.id).modified()))
}
