//! A run from its folder to its folder.

use crate::RunConfig;
use crate::checkpoint::{CheckpointError, State};
use crate::device::{DeviceError, DeviceKind};
use crate::loader::{FixedLatents, Turns};
use crate::silent::Silent;
use crate::strategy::{Alternating, Game};
use burn::data::dataset::DatasetError;
use burn::lr_scheduler::constant::ConstantLr;
use burn::module::Module;
use burn::train::logger::InMemoryMetricLogger;
use burn::train::{Interrupter, Learner, SupervisedTraining, TrainingStrategy};
use data::Dataset;
use models::ImageShape;
use record::{Event, EventLog, Outcome, RunFolder, RunRecord, Status, now};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What to train, on what, and where its record goes.
#[derive(Clone)]
pub struct Job {
    /// Resolved and checked.
    pub config: RunConfig,
    /// Taken up where its newest sound checkpoint stands.
    pub folder: RunFolder,
    /// The training split.
    pub dataset: Arc<Dataset>,
    /// Where to train.
    pub device: DeviceKind,
    /// CPU threads of the pool that [`train`] is called in; for the record.
    pub threads: usize,
    /// How long this attempt may take; it then ends as `timed-out`, with a checkpoint.
    pub time_limit: Option<Duration>,
}

/// Watches a run.
pub trait Observer {
    /// `done` generator updates are done.
    fn step(&mut self, done: u64);
    /// The event was recorded.
    fn event(&mut self, event: &Event);
}

/// Why a run could not be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file of the run cannot be written or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// See [`CheckpointError`].
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The data set failed while it was read.
    #[error("data set: {0}")]
    Data(#[from] DatasetError),
}

/// Trains a run to its end, from its newest sound checkpoint if it has one, and records it.
///
/// A run that diverges or is stopped by `interrupter` is an outcome. Call it inside the rayon pool whose threads the
/// CPU backends may use; the weights are the same for any number of them.
///
/// # Errors
/// The device is not there, or the run's folder cannot be written. The record then ends as `failed`, if it can.
pub fn train(job: Job, observer: Box<dyn Observer>, interrupter: Interrupter) -> Result<Outcome, TrainError> {
    let began = Instant::now();
    let folder = job.folder.clone();
    let trained = start(job, observer, interrupter);
    let outcome = trained.as_ref().map_or_else(
        |error| Outcome { status: Status::Failed, step: 0, reason: Some(error.to_string()), weights_digest: None },
        Outcome::clone,
    );
    let recorded = EventLog::end(&folder, &outcome, began.elapsed().as_secs_f64());
    match (trained, recorded) {
        (Ok(outcome), Ok(())) => Ok(outcome),
        (Err(error), _) => Err(error),
        (Ok(_), Err(source)) => Err(TrainError::Io { path: folder.events(), source }),
    }
}

fn start(job: Job, observer: Box<dyn Observer>, interrupter: Interrupter) -> Result<Outcome, TrainError> {
    let Job { config, folder, dataset, device: kind, threads, time_limit } = job;
    let deadline = time_limit.and_then(|limit| Instant::now().checked_add(limit));
    let plain = kind.open()?;
    let device = plain.clone().autodiff();
    for path in [folder.samples(), folder.checkpoints()] {
        fs::create_dir_all(&path).map_err(|source| TrainError::Io { path, source })?;
    }
    record::remove_stale(&folder.checkpoints());
    record::remove_stale(&folder.samples());

    let before = RunRecord::read(folder.clone()).map_err(|source| TrainError::Io { path: folder.events(), source })?;
    let gan = config.model.init(image_shape(&dataset), config.seed, &device);
    let fresh = State {
        step: 0,
        average: gan.generator.valid(),
        gan,
        generator_optimizer: config.train.generator.init(),
        discriminator_optimizer: config.train.discriminator.init(),
    };
    let (state, passed_over) = fresh.restore(&folder, config.steps());

    let mut recorder = Recorder::open(&folder, observer)?;
    recorder.event(Event::Started {
        attempt: before.attempts + 1,
        step: state.step,
        device: kind.to_string(),
        threads,
        at: now(),
    })?;
    for error in passed_over {
        let message = format!("{error}; going on from the checkpoint before it");
        recorder.event(Event::Warning { message, at: now() })?;
    }

    let critic_steps = config.train.critic_steps as u64;
    let turns = Turns {
        dataset,
        latent: config.model.latent.clone(),
        seed: config.seed,
        batch_size: config.train.batch_size,
        updates: state.step * critic_steps..config.steps() * critic_steps,
        device,
    };
    let latents = FixedLatents { latent: config.model.latent.clone(), count: config.sample.count, device: plain };
    let learner = Learner::new(state.gan.clone(), config.train.generator.init(), ConstantLr::new(0.0));
    let path = folder.path().to_owned();
    #[allow(clippy::arc_with_non_send_sync)] // burn-train asks for an `Arc` and uses it on this thread alone.
    let strategy = Arc::new(Alternating::new(Game { config, folder, state, recorder, deadline }));
    SupervisedTraining::new(path, Arc::new(turns), Arc::new(latents))
        .with_training_strategy(TrainingStrategy::Custom(strategy.clone()))
        .with_metric_logger(InMemoryMetricLogger::default())
        .with_application_logger(None)
        .renderer(Box::new(Silent))
        .with_interrupter(interrupter)
        .launch(learner);
    strategy.outcome()
}

/// The shape of a data set's images.
pub(crate) fn image_shape(dataset: &Dataset) -> ImageShape {
    let shape = dataset.shape();
    [shape.channels, shape.height, shape.width]
}

/// The run's one way to its record and to whoever watches.
pub(crate) struct Recorder {
    log: EventLog,
    path: PathBuf,
    observer: Box<dyn Observer>,
}

impl Recorder {
    fn open(folder: &RunFolder, observer: Box<dyn Observer>) -> Result<Self, TrainError> {
        let path = folder.events();
        let log = EventLog::open(&path).map_err(|source| TrainError::Io { path: path.clone(), source })?;
        Ok(Self { log, path, observer })
    }

    pub fn event(&mut self, event: Event) -> Result<(), TrainError> {
        self.log.append(&event).map_err(|source| TrainError::Io { path: self.path.clone(), source })?;
        self.observer.event(&event);
        Ok(())
    }

    pub fn sync(&mut self) -> Result<(), TrainError> {
        self.log.sync().map_err(|source| TrainError::Io { path: self.path.clone(), source })
    }

    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
        record::write_derived(path, bytes).map_err(|source| TrainError::Io { path: path.to_owned(), source })
    }

    pub fn step(&mut self, done: u64) {
        self.observer.step(done);
    }
}
