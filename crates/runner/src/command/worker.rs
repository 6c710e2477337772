//! `runner worker`: trains the runs that are ordered on standard input, as many at once as it has slots.

use crate::cli::WorkerArgs;
use crate::error::{Error, STOPPED};
use data::{DataConfig, DataError, Dataset};
use dispatch::protocol::{Answer, Order, Update};
use record::{Cause, Event, Outcome, Plan, PlannedRun, Provenance, RunFolder, SweepFolder};
use saphyr::YamlEmitter;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use training::{Job, Observer, RunConfig, Stop};

/// Steps are reported at most this often.
const STEP_INTERVAL: Duration = Duration::from_millis(100);
/// Exit status of Rust's own after a panic.
const PANICKED: i32 = 101;

pub fn run(arguments: &WorkerArgs) -> Result<ExitCode, Error> {
    // It was started by a path with another name at its end.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"runner");
    let controls = Arc::new(Controls::default());
    // First of all, so that the worker ends with its sweep whatever it is doing.
    let orders = Mutex::new(listen(controls.clone()));
    let folder = SweepFolder::new(&arguments.dir);
    let plan = Plan::read(&folder)?;
    let worker = Worker { arguments, folder, plan, git: git(), dataset: Mutex::new(None), controls };
    std::thread::scope(|scope| {
        for _ in 0..arguments.slots.get() {
            scope.spawn(|| {
                // A panic in one run leaves the device in an unknown state: the whole worker ends, and its sweep starts
                // a new one, which resumes all of its runs from their checkpoints.
                if catch_unwind(AssertUnwindSafe(|| worker.work(&orders))).is_err() {
                    std::process::exit(PANICKED);
                }
            });
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// How orders reach runs under way.
#[derive(Default)]
struct Controls {
    /// Of the runs that this worker was ordered to train, by id.
    stops: Mutex<HashMap<String, Stop>>,
    paused: Mutex<bool>,
    resumed: Condvar,
}

impl Controls {
    fn stops(&self) -> MutexGuard<'_, HashMap<String, Stop>> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, paused: bool) {
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = paused;
        self.resumed.notify_all();
    }

    /// Waits while the worker is paused.
    fn hold(&self) {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.resumed.wait_while(paused, |paused| *paused));
    }
}

/// Receives the runs that are ordered. The end of the orders means that the sweep is gone, and with it the right to write
/// into its folder: the process ends at that moment, whatever it is doing.
fn listen(controls: Arc<Controls>) -> Receiver<(String, Stop)> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(Order::Train(id)) => {
                    let stop = Stop::default();
                    controls.stops().insert(id.clone(), stop.clone());
                    let _ = sender.send((id, stop));
                }
                Ok(Order::Stop { run, status, reason }) => {
                    let stops = controls.stops();
                    let selected = stops.iter().filter(|(id, _)| run.as_ref().is_none_or(|run| run == *id));
                    selected.for_each(|(_, stop)| stop.ask(status, &reason));
                }
                Ok(Order::Pause) => controls.pause(true),
                Ok(Order::Resume) => controls.pause(false),
                Err(error) => eprintln!("not an order: {error}: {line}"),
            }
        }
        std::process::exit(i32::from(STOPPED));
    });
    receiver
}

fn send(run: &str, update: Update) {
    let answer = Answer { run: run.to_owned(), update };
    let mut line = serde_json::to_vec(&answer).expect("answers are plain data");
    line.push(b'\n');
    // A sweep that is gone closes the orders as well, which ends this process.
    let _ = std::io::stdout().lock().write_all(&line);
}

struct Worker<'a> {
    arguments: &'a WorkerArgs,
    folder: SweepFolder,
    plan: Plan,
    git: Option<(String, bool)>,
    /// The data set of the run before: most often that of the next one.
    dataset: Mutex<Option<(DataConfig, Arc<Dataset>)>>,
    controls: Arc<Controls>,
}

impl Worker<'_> {
    /// The work of one slot: one run after another on its own threads. The same thread leads all of them, so that a run
    /// uses the memory that the one before has freed: threads have separate heaps.
    fn work(&self, orders: &Mutex<Receiver<(String, Stop)>>) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.arguments.threads).use_current_thread().build();
        let pool = pool.expect("a thread can be started");
        let next = || orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok((id, stop)) = next() {
            let outcome = pool.install(|| self.train(&id, stop));
            self.controls.stops().remove(&id);
            send(&id, Update::Ended(outcome));
        }
    }

    fn train(&self, id: &str, stop: Stop) -> Outcome {
        match self.prepare(id) {
            Ok((job, observer)) => training::train(job, Box::new(observer), stop),
            Err(outcome) => {
                // Best effort: the folder itself may be what failed, and the sweep gets the outcome in any case.
                let _ = record::EventLog::begin(&self.folder.run(id)).and_then(|mut log| log.end(&outcome, 0.0));
                outcome
            }
        }
    }

    fn prepare(&self, id: &str) -> Result<(Job, RunObserver), Outcome> {
        let planned = self.plan.runs.iter().find(|run| run.id == id);
        let planned = planned.ok_or_else(|| Outcome::failed(Cause::Config, "the run is not in the plan"))?;
        let config: RunConfig = serde_json::from_value(planned.config.clone())
            .map_err(|error| Outcome::failed(Cause::Config, error.to_string()))?;
        let folder = self.folder.run(id);
        let dataset = self.dataset(&config.data).map_err(|error| {
            let cause = if matches!(error, DataError::Io { .. }) { Cause::Io } else { Cause::Data };
            Outcome::failed(cause, Error::from(error).message())
        })?;
        let io = |error: Error| Outcome::failed(Cause::Io, error.message());
        self.describe(planned, &folder, &dataset).map_err(io)?;
        let log = OpenOptions::new().create(true).append(true).open(folder.log());
        let log = log.map_err(Error::io(&folder.log())).map_err(io)?;
        let controls = self.controls.clone();
        let observer = RunObserver { run: id.to_owned(), controls, log, reported: Instant::now() };
        let (device, threads, cache) = (self.arguments.device, self.arguments.threads, self.folder.cache());
        Ok((Job { config, folder, dataset, device, cache, threads }, observer))
    }

    fn dataset(&self, config: &DataConfig) -> Result<Arc<Dataset>, DataError> {
        // Held while a data set is opened: slots that start together wait for the one copy that they share.
        let mut known = self.dataset.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, dataset)) = &*known
            && of == config
        {
            return Ok(dataset.clone());
        }
        let dataset = Arc::new(data::open(config)?);
        *known = Some((config.clone(), dataset.clone()));
        Ok(dataset)
    }

    /// Writes `config.yaml` and `provenance.json`.
    fn describe(&self, planned: &PlannedRun, folder: &RunFolder, dataset: &Dataset) -> Result<(), Error> {
        fs::create_dir_all(folder.path()).map_err(Error::io(folder.path()))?;
        let write = |path: &Path, text: String| record::write_derived(path, text.as_bytes()).map_err(Error::io(path));
        write(&folder.config(), yaml(&serde_json::json!({ "run": planned.config })))?;
        let device = self.arguments.device;
        let provenance = Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit: self.git.as_ref().map(|(commit, _)| commit.clone()),
            git_dirty: self.git.as_ref().map(|(_, dirty)| *dirty),
            os: std::env::consts::OS.to_owned(),
            host: crate::host::name(),
            device: device.to_string(),
            threads: self.arguments.threads,
            numeric_class: training::numeric_class(device),
            cpu_features: training::simd_features(),
            data: dataset.name().to_owned(),
            data_fingerprint: dataset.fingerprint().to_owned(),
            image_shape: Some([dataset.shape().channels, dataset.shape().height, dataset.shape().width]),
            classes: dataset.classes(),
        };
        let provenance = serde_json::to_string_pretty(&provenance).expect("provenance is plain data");
        write(&folder.provenance(), provenance + "\n")
    }
}

/// Reports what the run does to the sweep, and writes it to the run's log.
struct RunObserver {
    run: String,
    controls: Arc<Controls>,
    log: File,
    /// When steps were reported last.
    reported: Instant,
}

impl Observer for RunObserver {
    fn step(&mut self, done: u64) {
        self.controls.hold();
        if self.reported.elapsed() >= STEP_INTERVAL {
            self.reported = Instant::now();
            send(&self.run, Update::Step(done));
        }
    }

    fn event(&mut self, event: &Event) {
        let _ = writeln!(self.log, "{event}");
        send(&self.run, Update::Event(event.clone()));
    }
}

/// Commit of the repository that the sweep was started in, and whether it had changes.
fn git() -> Option<(String, bool)> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = ask(&["rev-parse", "HEAD"])?;
    let changes = ask(&["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"])?;
    Some((commit, !changes.is_empty()))
}

/// JSON as YAML text.
fn yaml(value: &serde_json::Value) -> String {
    let text = value.to_string();
    let document = saphyr::LoadableYamlNode::load_from_str(&text);
    let documents: Vec<saphyr::Yaml> = document.expect("JSON is YAML");
    let mut out = String::new();
    YamlEmitter::new(&mut out).dump(&documents[0]).expect("a string takes all text");
    out.trim_start_matches("---\n").to_owned() + "\n"
}
