//! A run from its folder to its folder.

use crate::RunConfig;
use crate::checkpoint::CheckpointError;
use crate::device::{DeviceError, DeviceKind};
use crate::evaluation::Evaluator;
use crate::loader::{FixedCodes, Turns};
use crate::optimizer;
use crate::pictures::{Pictures, canvas};
use crate::silent::Silent;
use crate::state::State;
use crate::stop::Stop;
use crate::strategy::{Alternating, Game};
use crate::verdict::Verdict;
use crate::weights::{self, WeightsError};
use burn::data::dataset::DatasetError;
use burn::lr_scheduler::constant::ConstantLr;
use burn::module::Module;
use burn::train::logger::InMemoryMetricLogger;
use burn::train::{Learner, SupervisedTraining, TrainingStrategy};
use data::Dataset;
use features::InceptionError;
use record::{Cause, Event, EventLog, Outcome, RunFolder, RunRecord, Status, now, read_events};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

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
    /// What evaluations find out of real samples, for other runs as well; may be deleted at any time.
    pub cache: PathBuf,
    /// CPU threads of the pool that [`train`] is called in; for the record.
    pub threads: usize,
}

/// Watches a run.
pub trait Observer {
    /// `done` generator updates are done.
    fn step(&mut self, done: u64);
    /// The event was recorded.
    fn event(&mut self, event: &Event);
}

/// Why an attempt at a run did not come to an end of its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainError {
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
    /// See [`WeightsError`].
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The data set failed while it was read.
    #[error("data set: {0}")]
    Data(#[from] DatasetError),
    /// See [`InceptionError`].
    #[error(transparent)]
    Inception(#[from] InceptionError),
    /// The split that evaluations are reported on cannot be read.
    #[error(transparent)]
    Evaluate(#[from] data::DataError),
    /// The run belongs to a later attempt, which a sweep that took this one for dead has started.
    #[error("superseded by attempt {0}")]
    Superseded(u32),
}

impl TrainError {
    fn outcome(&self) -> Outcome {
        let cause = match self {
            Self::Superseded(_) => return Outcome::early(Status::Interrupted, 0, self.to_string()),
            Self::Io { source, .. } | Self::Checkpoint(CheckpointError::Io { source, .. }) => match source.kind() {
                io::ErrorKind::OutOfMemory => Cause::OutOfMemory,
                _ => Cause::Io,
            },
            Self::Checkpoint(_) => Cause::Config,
            Self::Device(_) => Cause::Device,
            Self::Evaluate(data::DataError::Io { .. }) => Cause::Io,
            Self::Weights(_) | Self::Data(_) | Self::Inception(_) | Self::Evaluate(_) => Cause::Data,
        };
        Outcome::failed(cause, self.to_string())
    }
}

/// Trains a run to its end, from its newest sound checkpoint if it has one, and records it.
///
/// Whatever happens is an outcome: a run that diverges, one that is asked to [`Stop`], a device that is not there, a
/// folder that cannot be written. Call it inside the rayon pool whose threads the CPU backends may use; the weights are
/// the same for any number of them.
pub fn train(job: Job, observer: Box<dyn Observer>, stop: Stop) -> Outcome {
    let began = Instant::now();
    let folder = job.folder.clone();
    let io = |source| TrainError::Io { path: folder.path().to_owned(), source };
    let begin = || {
        let log = EventLog::begin(&folder).map_err(io)?;
        Ok((log.try_clone().map_err(io)?, log))
    };
    let (mut log, copy) = match begin() {
        Ok(logs) => logs,
        Err(error) => return TrainError::outcome(&error),
    };
    let outcome = start(job, copy, observer, stop).unwrap_or_else(|error| match log.superseded_by() {
        // Whatever went wrong: the new owner may have had a hand in it.
        Some(attempt) => TrainError::Superseded(attempt).outcome(),
        None => error.outcome(),
    });
    match log.end(&outcome, began.elapsed().as_secs_f64()) {
        Err(source) if outcome.status != Status::Failed => io(source).outcome(),
        _ => outcome,
    }
}

fn start(job: Job, log: EventLog, observer: Box<dyn Observer>, stop: Stop) -> Result<Outcome, TrainError> {
    let Job { config, folder, dataset, device: kind, cache, threads } = job;
    let plain = kind.open()?;
    config.train.precision.check(kind)?;
    let device = plain.clone().autodiff();
    for path in [folder.samples(), folder.checkpoints()] {
        fs::create_dir_all(&path).map_err(|source| TrainError::Io { path, source })?;
    }
    let attempt = log.attempt();
    let mut recorder = Recorder { path: folder.events(attempt), log, observer };
    recorder.check_owner()?;
    record::remove_stale(&folder.checkpoints());
    record::remove_stale(&folder.samples());

    let domain = dataset.domain();
    let gan = config.model.init(domain, config.seed, &device);
    let fresh = State {
        step: 0,
        average: config.train.average.map(|_| gan.generator.valid()),
        gan,
        generator_optimizer: optimizer::init(&config.train.generator, kind),
        discriminator_optimizer: optimizer::init(&config.train.discriminator, kind),
    };
    let (mut state, passed_over) = fresh.restore(&folder, config.steps());
    if let (0, Some(file)) = (state.step, &config.model.weights) {
        let (gan, average) = weights::load(state.gan, file)?;
        state = State { gan, average: state.average.map(|_| average), ..state };
    }

    recorder.event(Event::Started { attempt, step: state.step, device: kind.to_string(), threads, at: now() })?;
    for error in passed_over {
        let message = format!("{error}; going on from the checkpoint before it");
        recorder.event(Event::Warning { message, at: now() })?;
    }

    let evaluator = config
        .evaluate
        .clone()
        .map(|settings| Evaluator::new(settings, config.clone(), dataset.clone(), plain.clone(), cache))
        .transpose()?;
    let seen = read_events(&folder).map_err(|source| TrainError::Io { path: folder.path().to_owned(), source })?;
    let verdict = Verdict::new(config.stop.clone(), dataset.clone(), &RunRecord::from_events(folder.clone(), seen));
    let classes = config.model.conditioning.classes(&domain);
    let codes = FixedCodes { model: config.model.clone(), domain, count: config.sample.count, device: plain };
    let canvas = canvas(&dataset, classes);
    let pictures = Pictures { dataset: dataset.clone(), canvas, codes: codes.clone() };
    let turns = Turns {
        dataset,
        model: config.model.clone(),
        seed: config.seed,
        batch_size: config.train.batch_size,
        critic_steps: config.train.critic_steps,
        steps: state.step..config.steps(),
        device,
        ahead: kind == DeviceKind::Flex,
    };
    let learner = Learner::new(state.gan.clone(), optimizer::init(&config.train.generator, kind), ConstantLr::new(0.0));
    let path = folder.path().to_owned();
    let awake = (kind == DeviceKind::Flex).then(kernels::Awake::default);
    let game = Game { config, folder, state, evaluator, verdict, recorder, pictures, stop: stop.clone(), awake };
    #[allow(clippy::arc_with_non_send_sync)] // burn-train asks for an `Arc` and uses it on this thread alone.
    let strategy = Arc::new(Alternating::new(game));
    SupervisedTraining::new(path, Arc::new(turns), Arc::new(codes))
        .with_training_strategy(TrainingStrategy::Custom(strategy.clone()))
        .with_metric_logger(InMemoryMetricLogger::default())
        .with_application_logger(None)
        .renderer(Box::new(Silent))
        .with_interrupter(stop.interrupter())
        .launch(learner);
    strategy.outcome()
}

/// The run's one way to its record and to whoever watches.
pub(crate) struct Recorder {
    log: EventLog,
    path: PathBuf,
    observer: Box<dyn Observer>,
}

impl Recorder {
    pub fn event(&mut self, event: Event) -> Result<(), TrainError> {
        self.check_owner()?;
        self.log.append(&event).map_err(|source| TrainError::Io { path: self.path.clone(), source })?;
        self.observer.event(&event);
        Ok(())
    }

    pub fn sync(&mut self) -> Result<(), TrainError> {
        self.log.sync().map_err(|source| TrainError::Io { path: self.path.clone(), source })
    }

    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
        self.check_owner()?;
        record::write_derived(path, bytes).map_err(|source| TrainError::Io { path: path.to_owned(), source })
    }

    pub fn step(&mut self, done: u64) {
        self.observer.step(done);
    }

    /// To be asked before anything is written that a later attempt writes as well.
    pub fn check_owner(&self) -> Result<(), TrainError> {
        self.log.superseded_by().map_or(Ok(()), |attempt| Err(TrainError::Superseded(attempt)))
    }
}
