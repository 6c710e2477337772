//! A sweep from its plan to its report: which runs are kept, which are trained, on which workers.

use crate::error::{Error, KILLED};
use crate::plan::adopt::adopt;
use crate::plan::changes::{self, Changes};
use crate::plan::planning::Planned;
use crate::sweep::display::Display;
use crate::sweep::progress::Progress;
use crate::sweep::{tensorboard, workers};
use crate::{host, text};
use dispatch::{Dispatcher, Job, Local, Run, Settings, TrainAll, signals};
use record::{Cause, Outcome, Plan, RunFolder, RunRecord, Status, SweepFolder, SweepLock};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use training::RunConfig;

/// How to execute a sweep.
pub struct Options {
    /// Folder of the sweeps' folders.
    pub results: PathBuf,
    /// Move an earlier folder aside.
    pub fresh: bool,
    /// Runs inside one worker; `None` to leave it to the device.
    pub slots: Option<NonZeroUsize>,
    /// Failed runs after which everything stops.
    pub max_failures: Option<u32>,
    /// How progress is shown.
    pub display: Display,
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

/// The state of a planned run before the sweep.
struct RunState {
    outcome: Option<Outcome>,
    /// Why its folder cannot be read.
    problem: Option<String>,
}

impl RunState {
    /// A folder that cannot be read keeps its own run from training, and no other.
    fn read(folder: &RunFolder) -> Self {
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
pub fn execute(planned: Planned, options: Options) -> Result<Summary, Error> {
    let Planned { mut plan, execution, .. } = planned;
    let folder = SweepFolder::new(options.results.join(&plan.sweep));
    workers::check_size(&execution)?;
    let selection = training::select(&execution.devices)?;
    if options.fresh {
        move_aside(folder.path(), &options.display)?;
    }
    fs::create_dir_all(folder.runs()).map_err(Error::io(&folder.runs()))?;
    let lock = SweepLock::acquire(&folder, &host::name())
        .map_err(|source| Error::Lock { folder: folder.path().to_owned(), source })?;
    record::remove_stale(folder.path());

    adopt(&mut plan, &folder);
    let changed = freeze(&plan, &folder, &options.display)?;
    let states: Vec<RunState> = plan.runs.iter().map(|run| RunState::read(&folder.run(&run.id))).collect();
    let pending: Vec<Run> = (0..states.len()).filter(|run| states[*run].is_pending()).collect();
    let kept = states.iter().filter(|run| run.is_finished()).count();
    for problem in states.iter().filter_map(|run| run.problem.as_ref()) {
        options.display.error(problem);
    }
    let mut outcomes: Vec<Option<Outcome>> = states.into_iter().map(|run| run.outcome).collect();
    options.display.line(&format!(
        "{}: {}, {kept} finished before, {} to train{changed}",
        plan.sweep,
        text::count(plan.runs.len(), "run"),
        pending.len()
    ));

    let mut stopped = false;
    let mut stalled = None;
    let nothing_to_train = pending.is_empty();
    if !nothing_to_train {
        for run in &pending {
            // One that cannot be read says so itself, when it is its turn.
            let Ok(config) = serde_json::from_value::<RunConfig>(plan.runs[*run].config.clone()) else { continue };
            selection.devices.iter().try_for_each(|device| config.train.precision.check(*device))?;
        }
        options.display.line(&format!("devices: {}", selection.because));
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let workers = workers::workers(&selection.devices, &execution, options.slots, pending.len(), cores);
        let mut launcher = Local::new(workers::command(&folder)?);
        let mut progress = Progress::new(&plan, options.display);
        let settings =
            Settings { retries: execution.retries, max_failures: options.max_failures, time_limit: execution.timeout };
        let job = Job { plan: &plan, folder: &folder, pending, workers };
        let dispatcher = Dispatcher::new(job, settings, Box::new(TrainAll), &mut launcher, &mut progress);
        signals::forward(dispatcher.events(), KILLED).map_err(Error::io(Path::new("signal handler")))?;
        let (dispatched, followed) = tensorboard::following(&folder, || dispatcher.run());
        let dispatched = dispatched?;
        stopped = dispatched.stopped;
        dispatched.outcomes.into_iter().for_each(|(run, outcome)| outcomes[run] = Some(outcome));
        stalled = followed.err();
    }
    drop(lock);

    let (mut warnings, problem) = match nothing_to_train && is_current(&folder, &plan) {
        true => (Vec::new(), None),
        false => match report::build(std::slice::from_ref(&folder), &report::Options::default()) {
            Ok(built) => (built.warnings, None),
            Err(error) => (Vec::new(), Some(Error::from(error).message())),
        },
    };
    warnings.extend(
        stalled
            .map(|error| format!("TensorBoard's files did not grow with the runs: {}", Error::from(error).message())),
    );
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
fn move_aside(folder: &Path, display: &Display) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    let sweep = SweepFolder::new(folder);
    if SweepLock::is_held(&sweep) {
        let lock = SweepLock::acquire(&sweep, &host::name());
        lock.map_err(|source| Error::Lock { folder: folder.to_owned(), source })?;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let aside = (1..).map(|n| folder.with_file_name(format!("{name}.old-{n}"))).find(|path| !path.exists());
    let aside = aside.expect("there is always a larger number");
    fs::rename(folder, &aside).map_err(Error::io(folder))?;
    display.line(&format!("the earlier results are in {} now", aside.display()));
    Ok(())
}

/// Writes the plan unless the folder has the same one; returns what changed, for people.
fn freeze(plan: &Plan, folder: &SweepFolder, display: &Display) -> Result<String, Error> {
    let earlier = changes::frozen(folder, |warning| display.line(warning))?;
    let Some(earlier) = earlier else {
        plan.write(folder).map_err(Error::io(&folder.plan()))?;
        return Ok(String::new());
    };
    let changes = Changes::between(&earlier, plan, folder).summary();
    let plan = Plan { created: earlier.created, ..plan.clone() };
    if plan != earlier {
        plan.write(folder).map_err(Error::io(&folder.plan()))?;
    }
    Ok(changes.map_or_else(String::new, |changes| format!(" ({changes})")))
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
