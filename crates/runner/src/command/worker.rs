//! `runner worker`: trains the runs that it is told on standard input, one after another.

use crate::cli::WorkerArgs;
use crate::error::{Error, STOPPED};
use crate::launcher::protocol::{Answer, Order};
use data::{DataConfig, Dataset};
use record::{Event, Outcome, Plan, PlannedRun, Provenance, RunFolder, Status, SweepFolder};
use saphyr::YamlEmitter;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use training::{Interrupter, Job, Observer, RunConfig};

/// Steps are told at most this often.
const STEP_INTERVAL: Duration = Duration::from_millis(100);

pub fn run(arguments: &WorkerArgs) -> Result<ExitCode, Error> {
    let folder = SweepFolder::new(&arguments.dir);
    // First of all, so that the worker ends with its sweep whatever it is at.
    let orders = listen();
    let plan = Plan::read(&folder)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build();
    let pool = pool.map_err(|error| Error::Usage(error.to_string()))?;
    let mut worker = Worker { arguments, folder, git: git(), dataset: None };
    for (id, interrupter) in orders {
        let Some(planned) = plan.runs.iter().find(|run| run.id == id) else {
            return Err(Error::Usage(format!("run {id} is not in the plan")));
        };
        let outcome = pool.install(|| worker.train(planned, interrupter));
        say(&Answer::Ended(outcome));
    }
    Ok(ExitCode::SUCCESS)
}

/// Passes runs on, each with the interrupter that a stop after it goes to. The end of the orders means that the sweep
/// is gone, and with it the right to write into its folder: the process ends at that moment, whatever it does.
fn listen() -> Receiver<(String, Interrupter)> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut current = Interrupter::new();
        for line in std::io::stdin().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(Order::Train(id)) => {
                    current = Interrupter::new();
                    let _ = sender.send((id, current.clone()));
                }
                Ok(Order::Stop(reason)) => current.stop(Some(&reason)),
                Err(error) => eprintln!("not an order: {error}: {line}"),
            }
        }
        std::process::exit(i32::from(STOPPED));
    });
    receiver
}

fn say(answer: &Answer) {
    let mut line = serde_json::to_vec(answer).expect("answers are plain data");
    line.push(b'\n');
    // A sweep that is gone closes the orders as well, which ends this process.
    let _ = std::io::stdout().lock().write_all(&line);
}

struct Worker<'a> {
    arguments: &'a WorkerArgs,
    folder: SweepFolder,
    git: Option<(String, bool)>,
    /// The data set of the run before: most often that of the next one.
    dataset: Option<(DataConfig, Arc<Dataset>)>,
}

impl Worker<'_> {
    fn train(&mut self, planned: &PlannedRun, interrupter: Interrupter) -> Outcome {
        let failed = |reason| Outcome { status: Status::Failed, step: 0, reason: Some(reason), weights_digest: None };
        match self.prepare(planned) {
            Ok((job, watch)) => {
                training::train(job, Box::new(watch), interrupter).unwrap_or_else(|error| failed(error.to_string()))
            }
            Err(reason) => {
                let outcome = failed(reason);
                // Best effort: what failed may be the folder itself, and the sweep is told in any case.
                let _ = record::EventLog::end(&self.folder.run(&planned.id), &outcome, 0.0);
                outcome
            }
        }
    }

    fn prepare(&mut self, planned: &PlannedRun) -> Result<(Job, Watch), String> {
        let config: RunConfig = serde_json::from_value(planned.config.clone()).map_err(|error| error.to_string())?;
        let folder = self.folder.run(&planned.id);
        let dataset = self.dataset(&config.data).map_err(|error| error.to_string())?;
        self.describe(planned, &folder, &dataset).map_err(|error| error.message())?;
        let log = OpenOptions::new().create(true).append(true).open(folder.log());
        let log = log.map_err(|error| format!("{}: {error}", folder.log().display()))?;
        let watch = Watch { log, told: Instant::now() };
        let job = Job {
            config,
            folder,
            dataset,
            device: self.arguments.device,
            threads: self.arguments.threads,
            time_limit: self.arguments.time_limit.map(Duration::from_secs),
        };
        Ok((job, watch))
    }

    fn dataset(&mut self, config: &DataConfig) -> Result<Arc<Dataset>, data::DataError> {
        if let Some((of, dataset)) = &self.dataset
            && of == config
        {
            return Ok(dataset.clone());
        }
        let dataset = Arc::new(data::open(config)?);
        self.dataset = Some((config.clone(), dataset.clone()));
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
            host: super::host(),
            device: device.to_string(),
            threads: self.arguments.threads,
            numeric_class: training::numeric_class(device),
            cpu_features: training::simd_features(),
            data: dataset.name().to_owned(),
            data_fingerprint: dataset.fingerprint().to_owned(),
        };
        let provenance = serde_json::to_string_pretty(&provenance).expect("provenance is plain data");
        write(&folder.provenance(), provenance + "\n")
    }
}

/// Tells the sweep what the run does, and writes it to the run's log.
struct Watch {
    log: File,
    told: Instant,
}

impl Observer for Watch {
    fn step(&mut self, done: u64) {
        if self.told.elapsed() >= STEP_INTERVAL {
            self.told = Instant::now();
            say(&Answer::Step(done));
        }
    }

    fn event(&mut self, event: &Event) {
        let _ = writeln!(self.log, "{}", told(event));
        say(&Answer::Event(event.clone()));
    }
}

/// An event as a line of the run's log.
fn told(event: &Event) -> String {
    match event {
        Event::Format { version } => format!("format {version}"),
        Event::Started { attempt, step, device, threads, .. } => {
            format!("attempt {attempt} starts at step {step} on {device} with {threads} thread(s)")
        }
        Event::Scalars(scalars) => {
            let values: Vec<_> = scalars.values.iter().map(|(name, value)| format!("{name} {value:.6}")).collect();
            format!("step {}: {}", scalars.step, values.join(", "))
        }
        Event::Sample { step, file, .. } => format!("step {step}: {file}"),
        Event::Checkpoint { step, .. } => format!("step {step}: checkpoint"),
        Event::Warning { message, .. } => format!("warning: {message}"),
        Event::Ended { outcome, wall_secs, .. } => format!("{} after {wall_secs:.1} s", outcome.status),
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
