//! A run from its folder to its folder: what it needs is opened here, and the trainer takes over.

use crate::batches::Batches;
use crate::checkpoint::Restored;
use crate::device::{DeviceKind, Meter, is_unchecked};
use crate::error::TrainError;
use crate::evaluation::Evaluator;
use crate::fixed_input::{FixedInput, open_sources};
use crate::numerics::numerics;
use crate::past::Missing;
use crate::pictures::{Pictures, canvas};
use crate::recorder::Recorder;
use crate::state::State;
use crate::stop::Stop;
use crate::trainer::Trainer;
use crate::verdict::Verdict;
use crate::{RunConfig, weights};
use data::Dataset;
use record::{Event, EventLog, Identity, Outcome, RunFolder, RunRecord, Status, now, read_events};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// What to train, on what, and where its record goes.
#[derive(Clone)]
pub struct Job {
    /// Resolved and checked.
    pub config: RunConfig,
    /// Taken up where its newest sound checkpoint stands.
    pub folder: RunFolder,
    /// Which run it is, for its log and its checkpoints; `None` if that is not known.
    pub identity: Option<Identity>,
    /// The training split.
    pub dataset: Arc<Dataset>,
    /// Where to train.
    pub device: DeviceKind,
    /// What evaluations find out of real samples, for other runs as well; may be deleted at any time.
    pub cache: PathBuf,
    /// CPU threads of the pool that [`train`] is called in; for the record.
    pub threads: usize,
    /// Whether to go on from a checkpoint that another arithmetic has made.
    pub mix: bool,
}

/// Watches a run.
pub trait Observer {
    /// `done` generator updates are done.
    fn step(&mut self, done: u64);
    /// The event was recorded.
    fn event(&mut self, event: &Event);
}

/// Trains a run to its end, from its newest sound checkpoint if it has one, and records it.
///
/// Every end is an outcome: a run that diverges, one that is asked to [`Stop`], a device that is not there, a
/// folder that cannot be written. Call it inside the rayon pool whose threads the CPU backends may use; the weights are
/// the same for any number of them.
pub fn train(job: Job, observer: Box<dyn Observer>, stop: Stop) -> Outcome {
    match EventLog::begin(&job.folder, job.identity.as_ref()) {
        Ok(log) => train_attempt(job, log, observer, stop),
        Err(error) => TrainError::io(job.folder.path())(error).outcome(),
    }
}

/// As [`train`], in an attempt that has begun.
pub fn train_attempt(job: Job, mut log: EventLog, observer: Box<dyn Observer>, stop: Stop) -> Outcome {
    let began = Instant::now();
    let folder = job.folder.clone();
    let copy = match log.try_clone() {
        Ok(copy) => copy,
        Err(error) => return TrainError::io(folder.path())(error).outcome(),
    };
    let trainer = start(job, copy, observer, stop);
    let outcome = trainer.and_then(|(trainer, batches)| trainer.run(batches));
    let outcome = outcome.unwrap_or_else(|error| match log.superseded_by() {
        // Whatever went wrong: the new owner may have had a hand in it.
        Some(attempt) => TrainError::Superseded(attempt).outcome(),
        None => error.outcome(),
    });
    match log.end(&outcome, began.elapsed().as_secs_f64()) {
        Err(source) if outcome.status != Status::Failed => TrainError::io(folder.path())(source).outcome(),
        _ => outcome,
    }
}

/// The trainer at the run's newest sound checkpoint, and the batches from there on.
fn start(job: Job, log: EventLog, observer: Box<dyn Observer>, stop: Stop) -> Result<(Trainer, Batches), TrainError> {
    let Job { config, folder, identity: _, dataset, device: kind, cache, threads, mix } = job;
    let plain = kind.open()?;
    config.train.precision.check(kind)?;
    let device = plain.clone().autodiff();
    for path in [folder.samples(), folder.checkpoints()] {
        fs::create_dir_all(&path).map_err(TrainError::io(&path))?;
    }
    let attempt = log.attempt();
    let mut recorder = Recorder::new(log, &folder, observer)?;
    record::remove_stale(&folder.checkpoints());
    record::remove_stale(&folder.samples());

    let domain = dataset.domain();
    let fresh = State::new(&config, domain, kind, &device);
    let Restored { mut state, sums, passed_over } = fresh.restore(&folder, config.steps())?;
    if state.step == 0 {
        state.prepare(&dataset, &device);
    }
    let here = numerics(kind);
    if let Some(found) = state.numerics.last().filter(|found| **found != here).cloned() {
        if !mix {
            return Err(TrainError::Numerics { step: state.step, found, here });
        }
        state.numerics.push(here);
    }
    if let (0, Some(file)) = (state.step, &config.model.weights) {
        let average = weights::load(&mut *state.networks, file)?;
        state.average = state.average.map(|_| average);
    }

    let (step, numerics) = (state.step, state.numerics.clone());
    recorder.event(Event::Started { attempt, step, device: kind.to_string(), threads, numerics, at: now() })?;
    for error in passed_over {
        let message = format!("{}; going on from the checkpoint before it", record::with_causes(&error));
        recorder.event(Event::Warning { message, at: now() })?;
    }

    let evaluator = config
        .evaluate
        .clone()
        .map(|settings| Evaluator::new(settings, config.clone(), dataset.clone(), plain.clone(), cache))
        .transpose()?;
    let events = read_events(&folder).map_err(TrainError::io(folder.path()))?;
    let record = RunRecord::from_events(folder.clone(), events);
    let missing = record.origin.as_ref().map(|_| Missing::of(&config, &record, state.step));
    let verdict = Verdict::new(config.stop.clone(), dataset.clone(), &record);
    let classes = config.model.conditioning.classes(&domain);
    let sources = domain.input.map(|_| open_sources(&config, || Ok(dataset.clone()))).transpose()?;
    let (model, count) = (config.model.clone(), config.sample.count);
    let meter = matches!(kind, DeviceKind::Cuda(_)).then(|| Meter::of(&plain)).flatten();
    let input = FixedInput { model, domain, count, device: plain, sources };
    let canvas = canvas(&dataset, classes);
    let pictures = Pictures { dataset: dataset.clone(), canvas, input };
    let batches = Batches {
        dataset,
        model: config.model.clone(),
        phases: state.networks.phases(config.train.critic_steps),
        seed: config.seed,
        batch_size: config.train.batch_size,
        critic_steps: config.train.critic_steps,
        steps: state.step..config.steps(),
        device,
        resident: !kind.is_cpu(),
        prefetch: kind == DeviceKind::Flex,
    };
    let awake = (kind == DeviceKind::Flex).then(kernels::Awake::default);
    let saved = Instant::now();
    Ok((
        Trainer {
            config,
            folder,
            state,
            sums,
            missing,
            evaluator,
            verdict,
            recorder,
            pictures,
            stop,
            saved,
            awake,
            meter,
            unchecked: is_unchecked(kind),
        },
        batches,
    ))
}
