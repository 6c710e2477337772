//! Training on a cluster with Slurm: a first task that tries a node, then arrays of tasks with several runs each.

use super::execute::{Options, Training};
use crate::error::{Error, KILLED};
use crate::sweep::progress::Progress;
use crate::sweep::{cancel, tensorboard};
use crate::text;
use crate::work::environment;
use dispatch::launcher::slurm::{Canary, CanaryError, Probe, Resources, Setting, Task, TaskFolder};
use dispatch::{
    Device, Dispatched, Dispatcher, Event, Job, Notice, Observer, Run, Settings, Slurm, TrainAll, WorkerCommand,
    WorkerSpec, signals,
};
use experiment::{Count, Execution, SlurmSettings};
use record::{RunRecord, SweepLock, with_causes};
use report::ReportError;
use std::collections::HashMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// A task takes so long at least, if it may have several runs: Slurm needs a second or two for each.
const TASK_SECS: f64 = 120.0;

/// How long to wait for the first task to begin before all others are submitted, to begin after it.
const CANARY_PATIENCE: Duration = Duration::from_secs(60);

/// Before a first task that was refused for now is submitted again.
const CANARY_PAUSE: Duration = Duration::from_secs(5);

/// The shortest time limit: a run must get to a checkpoint in it.
const LEAST_TIME: Duration = Duration::from_secs(60);

/// Trains the pending runs in tasks of a cluster, which go on when this is stopped.
pub(super) fn train(training: Training, options: Options) -> Result<(Dispatched, Result<(), ReportError>), Error> {
    let Training { plan, sweep, pending, execution } = training;
    let settings = &execution.slurm;
    if settings.time.is_some_and(|time| time < LEAST_TIME) {
        return Err(Error::Usage(
            "execution.slurm.time: Slurm counts in minutes; less than one is too short".to_owned(),
        ));
    }
    let tasks = TaskFolder::of(sweep).map_err(Error::io(&dispatch::launcher::slurm::tasks_of(sweep)))?;
    tasks.take_up().map_err(Error::io(tasks.path()))?;
    let mut setting = Setting {
        command: command(sweep.path(), execution, &options)?,
        resources: resources(settings),
        slots: Some(options.slots.map_or(1, NonZeroUsize::get)),
        tasks,
        plan: Some(Arc::new(plan.clone())),
        after: None,
    };
    let ordered = ordered(&setting.tasks, plan, &pending)?;
    let adopted: usize = ordered.iter().map(|(_, runs)| runs.len()).sum();
    if adopted > 0 {
        let (tasks, runs) = (text::count(ordered.len(), "task"), text::count(adopted, "run"));
        options.display.line(&format!("following {tasks} that an earlier sweep has submitted, with {runs}"));
    }
    let new: Vec<Run> =
        pending.iter().copied().filter(|run| !ordered.iter().any(|(_, runs)| runs.contains(run))).collect();
    let mut per_task = 1;
    if let Some(first) = new.first() {
        let known = known_secs(training.sweep, plan);
        let measures = settings.runs_per_task == Count::Auto && known.is_none() && new.len() > 1;
        let needs_gpu = execution.devices == "auto" && (settings.gpus.is_some() || settings.shards.is_some());
        let mut arguments: Vec<OsString> = Vec::new();
        if measures {
            arguments.extend(["--measure".into(), plan.runs[*first].id.as_str().into()]);
        }
        arguments.extend(needs_gpu.then(|| "--needs-gpu".into()));
        let probe = try_node(&mut setting, arguments, adopted > 0, &options)?;
        per_task = runs_per_task(settings, known.or_else(|| probe?.run_secs));
        per_task = per_task.min(new.len());
    }
    let mut workers = vec![spec(execution, setting.slots.unwrap_or(1), 1)?; ordered.len()];
    let mut launcher = Slurm::new(setting.clone());
    let mut of_worker = Vec::new();
    for (worker, (task, runs)) in ordered.into_iter().enumerate() {
        workers[worker].slots = runs.len();
        launcher.adopt(worker, task);
        of_worker.extend(runs.into_iter().map(|run| (worker, run)));
    }
    let fresh = new.len().div_ceil(per_task);
    workers.extend(vec![spec(execution, setting.slots.unwrap_or(1), per_task)?; fresh]);
    if fresh > 0 {
        let (tasks, runs) = (text::count(fresh, "task"), text::count(new.len(), "run"));
        options.display.line(&format!("submitting {runs} in {tasks} named {}*", setting.tasks.prefix()));
    }
    let detach = options.detach;
    let mut progress = Progress::new(plan, &pending, options.display);
    let job = Job { plan, folder: sweep, pending, workers, ordered: of_worker };
    // The task itself keeps the time limit of its runs, which wait in it for their turns.
    let limits = Settings { retries: execution.retries, max_failures: options.max_failures, time_limit: None };
    let dispatcher = Dispatcher::new(job, limits, Box::new(TrainAll), &mut launcher, &mut progress);
    if detach {
        let _ = dispatcher.events().send(Event::Stop);
    } else {
        signals::forward(dispatcher.events(), KILLED).map_err(Error::io(Path::new("signal handler")))?;
    }
    let (own, events) = (SweepLock::holder(sweep), dispatcher.events());
    let work = || cancel::listening(sweep, own.as_ref(), events, || dispatcher.run());
    let (dispatched, followed) = tensorboard::following(sweep, work);
    let mut dispatched = dispatched?;
    if detach {
        dispatched.stopped = launcher.unsubmitted() > 0;
        let arguments = ["report".into(), absolute(sweep.path())?.into()];
        if let Err(error) = Slurm::submit_after_all(&setting, &arguments) {
            let (why, way) = (with_causes(&error), format!("`runner report {}` writes it", sweep.path().display()));
            progress.notice(Notice::Warning(&format!("no task will write the report: {why}; {way}")));
        }
    }
    Ok((dispatched, followed))
}

/// What a task executes.
fn command(sweep: &Path, execution: &Execution, options: &Options) -> Result<WorkerCommand, Error> {
    let program = options.program.as_ref().or(execution.slurm.program.as_ref());
    let program = match program {
        Some(program) => absolute(program)?,
        None => std::env::current_exe().map_err(Error::io(Path::new("this program")))?,
    };
    let mut arguments = vec!["join".into(), absolute(sweep)?.into()];
    arguments.extend(options.mix.then(|| "--mix".into()));
    if let Some(timeout) = execution.timeout {
        arguments.extend(["--timeout".into(), format!("{}s", timeout.as_secs()).into()]);
    }
    Ok(WorkerCommand { program, arguments })
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(Error::io(path))
}

fn resources(settings: &SlurmSettings) -> Resources {
    let settings = settings.clone();
    Resources {
        partition: settings.partition,
        account: settings.account,
        qos: settings.qos,
        time: settings.time,
        cpus: settings.cpus.map(NonZeroUsize::get),
        gpus: settings.gpus.map(NonZeroUsize::get),
        shards: settings.shards.map(NonZeroUsize::get),
        memory: settings.memory,
        constraint: settings.constraint,
        at_once: settings.at_once.map(NonZeroUsize::get),
        setup: settings.setup,
        extra: settings.extra,
    }
}

/// A task of `runs` runs, so many of them at once.
fn spec(execution: &Execution, at_once: usize, runs: usize) -> Result<WorkerSpec, Error> {
    let SlurmSettings { cpus, gpus, shards, .. } = &execution.slurm;
    let cpus = cpus.map_or(1, NonZeroUsize::get);
    let threads = match execution.threads {
        Count::Number(threads) => threads.get(),
        Count::Auto => (cpus / at_once).max(1),
    };
    let is_cpu = execution.devices != "auto" && !execution.devices.starts_with("cuda")
        || execution.devices == "auto" && gpus.is_none() && shards.is_none();
    let device = if is_cpu && execution.devices == "auto" { "cpu" } else { execution.devices.as_str() };
    let device = Device::try_from(device.to_owned());
    let device = device.map_err(|error| Error::Usage(format!("execution.devices on a cluster: {error}")))?;
    Ok(WorkerSpec { device, slots: runs, packs: false, threads, environment: environment(at_once, threads, is_cpu) })
}

/// Pending runs that living tasks have been ordered to train, each in one of them.
fn ordered(tasks: &TaskFolder, plan: &record::Plan, pending: &[Run]) -> Result<Vec<(Task, Vec<Run>)>, Error> {
    let mut left: HashMap<&str, Run> = pending.iter().map(|run| (plan.runs[*run].id.as_str(), *run)).collect();
    let mut ordered = Vec::new();
    for task in tasks.known()?.into_iter().filter(|task| task.state.is_alive()) {
        let open = task.channel.unanswered().unwrap_or_default();
        let runs: Vec<Run> = open.iter().filter_map(|id| left.remove(id.as_str())).collect();
        if !runs.is_empty() {
            ordered.push((task, runs));
        }
    }
    Ok(ordered)
}

/// Tries a node before all others are asked for. If it does not begin soon, the others will wait for it in the queue. A sweep
/// whose tasks fill what the site allows does without.
fn try_node(
    setting: &mut Setting,
    arguments: Vec<OsString>,
    has_tasks: bool,
    options: &Options,
) -> Result<Option<Probe>, Error> {
    let mut of_canary = setting.clone();
    of_canary.command.arguments.extend(arguments);
    let mut said = false;
    let canary = loop {
        match Canary::submit(&of_canary) {
            Err(CanaryError::Queue(error)) if error.is_for_now() => {
                if has_tasks {
                    options.display.line(&format!("the nodes are not tried again: {error}"));
                    return Ok(None);
                }
                if !std::mem::replace(&mut said, true) {
                    options.display.line(&format!("warning: {error}; tried again until it is taken"));
                }
                thread::sleep(CANARY_PAUSE);
            }
            submitted => break submitted?,
        }
    };
    let probe = canary.wait(CANARY_PATIENCE)?;
    match &probe {
        Some(probe) => {
            options.display.line(&format!("nodes: {} has {}; {}", probe.host, probe.devices, probe.numeric_class));
            for warning in probe.warnings(env!("CARGO_PKG_VERSION")) {
                options.display.line(&format!("warning: {warning}"));
            }
        }
        None => {
            options.display.line("the first task, which tries a node, still waits; all others will start after it");
            setting.after = Some(canary.id);
        }
    }
    Ok(probe)
}

/// The mean time of runs of this sweep that are done.
fn known_secs(sweep: &record::SweepFolder, plan: &record::Plan) -> Option<f64> {
    const ENOUGH: usize = 20;
    let records = plan.runs.iter().filter_map(|run| RunRecord::read(sweep.run(&run.id)).ok());
    let secs: Vec<f64> = records.filter(RunRecord::is_finished).map(|run| run.wall_secs).take(ENOUGH).collect();
    (!secs.is_empty()).then(|| secs.iter().sum::<f64>() / secs.len() as f64)
}

/// As many as are asked for, else so many that a task takes [`TASK_SECS`], within its time limit.
fn runs_per_task(settings: &SlurmSettings, run_secs: Option<f64>) -> usize {
    match (settings.runs_per_task, run_secs) {
        (Count::Number(runs), _) => runs.get(),
        (Count::Auto, None) => 1,
        (Count::Auto, Some(secs)) => {
            let most = settings.time.map_or(f64::INFINITY, |time| time.as_secs_f64() / 2.0);
            (TASK_SECS.min(most) / secs.max(1e-3)).ceil().clamp(1.0, 1e6) as usize
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_runs_are_packed_and_long_ones_are_not() {
        let settings = |runs: &str, minutes: u64| SlurmSettings {
            runs_per_task: runs.parse().unwrap(),
            time: (minutes > 0).then(|| Duration::from_secs(60 * minutes)),
            ..SlurmSettings::default()
        };
        assert_eq!(runs_per_task(&settings("auto", 0), None), 1);
        assert_eq!(runs_per_task(&settings("auto", 0), Some(0.1)), 1200);
        assert_eq!(runs_per_task(&settings("auto", 2), Some(10.0)), 6);
        assert_eq!(runs_per_task(&settings("auto", 60), Some(50.0)), 3);
        assert_eq!(runs_per_task(&settings("auto", 60), Some(500.0)), 1);
        assert_eq!(runs_per_task(&settings("10", 0), Some(500.0)), 10);
    }
}
