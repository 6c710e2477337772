//! `runner join`.

use crate::cli::JoinArgs;
use crate::error::{DONE, Error, RUNS_FAILED, STOPPED};
use crate::join::{Claims, Ending, Task, task_answers, train};
use crate::plan::planning;
use crate::sweep::display::{Detail, Display};
use crate::sweep::{self, workers};
use crate::text;
use crate::work::{Answers, Controls, Place, Work, check_devices, environment};
use dispatch::channel::{Channel, Post};
use dispatch::launcher::slurm::Probe;
use dispatch::protocol::{Answer, Update};
use experiment::{Count, Execution};
use record::{Event, Joined, Lease, Plan, Status, SweepFolder, SweepLock, TaskStart};
use std::env;
use std::num::NonZeroUsize;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};
use training::{DeviceKind, Selection};

pub(crate) fn run(arguments: &JoinArgs) -> Result<ExitCode, Error> {
    let folder = SweepFolder::new(&arguments.dir);
    let mut execution = planning::overlay(Execution::default(), &arguments.execution);
    if let Some(slots) = arguments.slots {
        execution.jobs = Count::Number(slots);
    }
    workers::check_size(&execution)?;
    let selection = training::select(&execution.devices)?;
    if let Some(file) = &arguments.canary {
        if arguments.needs_gpu && selection.devices.iter().all(|device| device.is_cpu()) {
            let (what, way) = ("`execution.slurm` asks for a GPU", "`--devices cpu` trains without one");
            return Err(Error::Usage(format!("{what}, and this node has {}; {way}", selection.because)));
        }
        return canary(&folder, &execution, &selection, arguments.measure.as_deref(), file);
    }
    let places = places(&selection, &execution);
    settle(&places)?;
    check_devices(&places.iter().map(|place| place.device).collect());

    let detail = match (arguments.quiet, arguments.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    };
    let start = task_start(arguments.task.as_deref());
    let lease = Lease::join(&folder, start.clone()).map_err(Error::io(&folder.joined()))?;
    // After having joined: a sweep that takes the folder for itself looks at who has after that.
    if let Some(holder) = SweepLock::holder(&folder).filter(|holder| !holder.shares) {
        let who = format!("process {} on {}", holder.pid, holder.host);
        let what = "a command works here that does not share its runs";
        let way = "wait for its end, or start it with `--launcher join`";
        return Err(Error::Usage(format!("{}: {what}: {who}; {way}", folder.path().display())));
    }
    let controls = Arc::new(Controls::default());
    let ending = Ending::new(controls.clone());
    let post =
        arguments.task.as_ref().map(|task| Post::take_up(Channel::new(task)).map_err(Error::io(task))).transpose()?;
    let answers: Answers = match &post {
        Some(post) => task_answers(post.answers().map_err(Error::io(folder.path()))?),
        None => shown(Display::new(detail)),
    };
    let work = Work::new(folder.clone(), arguments.task.as_deref(), arguments.mix, controls, answers.clone())?;
    let display = Display::new(detail);
    let runs = text::count(work.plan.runs.len(), "run");
    let here = lease.holder();
    display.line(&format!("{}: joined as process {} on {}; {runs}", work.plan.sweep, here.pid, here.host));
    display.line(&format!("devices: {}", selection.because));
    let limit = execution.timeout;
    let failed = match post {
        Some(post) => {
            let task = Task::new(&work, &lease, &ending, post, start.as_ref(), answers);
            train(&work, &task, &places, &lease, &ending, limit)?;
            0
        }
        None => {
            let claims = Claims::new(&work, &lease, &ending, execution.retries, answers);
            train(&work, &claims, &places, &lease, &ending, limit)?;
            // One that died after its last run had ended was not looked for.
            Joined::new(&folder).look();
            let misplaced = claims.misplaced();
            for (run, why) in &misplaced {
                display
                    .error(&format!("{run} is left to a machine of its numeric class: {why}; --mix goes on from it"));
            }
            claims.failed() + misplaced.len()
        }
    };
    Ok(ExitCode::from(match failed {
        _ if ending.is_asked() => STOPPED,
        0 => DONE,
        _ => {
            display.error(&format!("{} failed or left", text::count(failed, "run")));
            RUNS_FAILED
        }
    }))
}

/// A slot for each core, or for each GPU.
fn places(selection: &Selection, execution: &Execution) -> Vec<Place> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let specs = workers::workers(&selection.devices, execution, None, usize::MAX, cores);
    let place = |spec: dispatch::WorkerSpec| {
        let device = spec.device.to_string().parse().expect("it is the name of a device");
        vec![Place { device, threads: spec.threads }; if spec.packs { 1 } else { spec.slots }]
    };
    specs.into_iter().flat_map(place).collect()
}

/// The C library reads its settings once, at the start: begins again with them, and with those of Burn.
fn settle(places: &[Place]) -> Result<(), Error> {
    let threads = places.iter().map(|place| place.threads).sum();
    let is_cpu = places.iter().all(|place| place.device.is_cpu());
    let mut missing = environment(1, threads, is_cpu);
    missing.retain(|(name, value)| env::var_os(name).is_none_or(|found| *found != **value));
    if missing.is_empty() || !cfg!(target_os = "linux") {
        return Ok(());
    }
    let mut command = Command::new("/proc/self/exe");
    command.arg0("runner").args(env::args_os().skip(1)).envs(missing);
    Err(Error::io(Path::new("/proc/self/exe"))(command.exec()))
}

/// Writes what a task finds on this machine. That it can read the plan and write into the folder is half of it.
fn canary(
    folder: &SweepFolder,
    execution: &Execution,
    selection: &Selection,
    measure: Option<&str>,
    file: &Path,
) -> Result<ExitCode, Error> {
    let plan = Plan::read(folder)?;
    let position = measure.and_then(|id| plan.runs.iter().position(|run| run.id == id));
    let measured = position.map(|position| sweep::measure(&plan, execution, &[(position, 0)])).transpose()?;
    let device = selection.devices.first().copied().unwrap_or(DeviceKind::Flex);
    let probe = Probe {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: record::host(),
        devices: selection.because.clone(),
        numeric_class: training::numeric_class(device),
        at: record::now(),
        run_secs: measured.map(|measured| measured.seconds),
    };
    let text = serde_json::to_vec(&probe).expect("a probe is plain data");
    record::write_atomic(file, &text).map_err(Error::io(file))?;
    Ok(ExitCode::SUCCESS)
}

/// Which start of which task this is, as Slurm says it.
fn task_start(task: Option<&Path>) -> Option<TaskStart> {
    let task = task?;
    let restarts = env::var("SLURM_RESTART_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0);
    Some(TaskStart { task: Channel::new(task).name(), restarts })
}

/// Lines for people.
fn shown(display: Display) -> Answers {
    let display = Mutex::new(display);
    Arc::new(move |Answer { run, update }: &Answer| {
        let display = display.lock().unwrap_or_else(PoisonError::into_inner);
        match update {
            Update::Ended(outcome) => {
                let reason = outcome.reason.as_ref().map_or_else(String::new, |reason| format!("  ({reason})"));
                let line = format!("{run}  {}{reason}", outcome.status);
                match outcome.status {
                    Status::Failed | Status::TimedOut => display.error(&line),
                    _ => display.line(&line),
                }
            }
            Update::Event(event) if display.is_verbose() || matches!(event, Event::Started { .. }) => {
                display.line(&format!("{run}: {event}"));
            }
            _ => {}
        }
    })
}
