//! Training planned runs in this process, for `runner worker` and `runner join`: from a run's id to its outcome.

mod answers;
mod controls;
mod describe;
mod device;
mod environment;

pub(crate) use answers::Answers;
pub(crate) use controls::Controls;
pub(crate) use device::{PANICKED, check_devices};
pub(crate) use environment::environment;

use crate::error::Error;
use crate::plan::identity;
use answers::RunObserver;
use data::{DataConfig, DataError, Dataset};
use describe::{Git, describe, git};
use dispatch::protocol::Misplaced;
use record::{Cause, EventLog, Numerics, Outcome, Plan, PlannedRun, SweepFolder};
use serde::Deserialize;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use training::{DeviceKind, Job, RunConfig, Stop};

/// What trains the runs of a sweep in this process.
pub(crate) struct Work {
    pub folder: SweepFolder,
    pub plan: Plan,
    /// The plan of the whole sweep, if that above is a part and something else was needed.
    whole: OnceLock<Option<Plan>>,
    pub controls: Arc<Controls>,
    /// Whether to go on from checkpoints of another arithmetic.
    pub mix: bool,
    answers: Answers,
    git: Option<Git>,
    /// The data set of the run before: most often that of the next one.
    dataset: Mutex<Option<(DataConfig, Arc<Dataset>)>>,
}

/// Where a run is trained.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub device: DeviceKind,
    /// CPU threads.
    pub threads: usize,
}

impl Work {
    /// Of the plan in a sweep's folder, or of the part of it that lies in another folder.
    ///
    /// # Errors
    /// The plan cannot be read.
    pub(crate) fn new(
        folder: SweepFolder,
        part: Option<&Path>,
        mix: bool,
        controls: Arc<Controls>,
        answers: Answers,
    ) -> Result<Self, Error> {
        let plan = match part.map(|part| Plan::read(&SweepFolder::new(part))) {
            Some(Ok(plan)) => plan,
            _ => Plan::read(&folder)?,
        };
        Ok(Self { folder, plan, whole: OnceLock::new(), controls, mix, answers, git: git(), dataset: Mutex::new(None) })
    }

    /// The planned run of this id.
    pub(crate) fn planned(&self, id: &str) -> Option<&PlannedRun> {
        let mut plans = [Some(&self.plan), None];
        if !self.plan.runs.iter().any(|run| run.id == id) {
            plans[1] = self.whole.get_or_init(|| Plan::read(&self.folder).ok()).as_ref();
        }
        plans.into_iter().flatten().flat_map(|plan| &plan.runs).find(|run| run.id == id)
    }

    /// Why what trains `here` must not go on with the run: another numeric class has begun it. That a checkpoint is of another
    /// version of the arithmetic no other machine changes; training says so.
    pub(crate) fn misplaced(&self, id: &str, here: &Numerics) -> Option<Misplaced> {
        let (step, found) = training::trained_by(&self.folder.run(id)).filter(|_| !self.mix)?;
        let node = std::env::var("SLURMD_NODENAME").unwrap_or_else(|_| record::host());
        let is_other = found.class != here.class && found.version == here.version;
        is_other.then(|| Misplaced { node, here: here.clone(), step, found })
    }

    /// Trains a run to an end, in an attempt that has begun or in a new one. Called in the pool of the run's threads.
    pub(crate) fn train(&self, id: &str, place: Place, begun: Option<EventLog>, stop: Stop) -> Outcome {
        match (self.prepare(id, place), begun) {
            (Ok((job, observer)), Some(log)) => training::train_attempt(job, log, Box::new(observer), stop),
            (Ok((job, observer)), None) => training::train(job, Box::new(observer), stop),
            (Err(outcome), begun) => {
                // Best effort: the folder itself may be what failed, and whoever ordered the run gets the outcome in any case.
                let identity = self.planned(id).and_then(PlannedRun::identity);
                let log = begun.map_or_else(|| EventLog::begin(&self.folder.run(id), identity.as_ref()), Ok);
                let _ = log.and_then(|mut log| log.end(&outcome, 0.0));
                outcome
            }
        }
    }

    fn prepare(&self, id: &str, place: Place) -> Result<(Job, RunObserver), Outcome> {
        let planned = self.planned(id).ok_or_else(|| Outcome::failed(Cause::Config, "the run is not in the plan"))?;
        let config: RunConfig = RunConfig::deserialize(&planned.config)
            .map_err(|error| Outcome::failed(Cause::Config, error.to_string()))?;
        let folder = self.folder.run(id);
        let dataset = self.dataset(&config.data).map_err(|error| {
            let cause = if matches!(error, DataError::Io { .. }) { Cause::Io } else { Cause::Data };
            Outcome::failed(cause, Error::from(error).message())
        })?;
        // Planning knows one's own files by their sizes and times.
        let is_own = dataset.held_out().is_some();
        if is_own
            && planned.digest.as_ref().is_some_and(|digest| *digest != identity::digest(&config, dataset.fingerprint()))
        {
            let message =
                "the data are not those that were planned: their files have changed. `runner sweep` plans again";
            return Err(Outcome::failed(Cause::Data, message));
        }
        let io = |error: Error| Outcome::failed(Cause::Io, error.message());
        describe(planned, &config, &folder, &dataset, place, self.git.as_ref()).map_err(io)?;
        let log = folder.open_log().map_err(Error::io(&folder.log())).map_err(io)?;
        let observer = RunObserver::new(id, self.controls.clone(), self.answers.clone(), log);
        let Place { device, threads } = place;
        let (identity, cache, mix) = (planned.identity(), self.folder.cache(), self.mix);
        Ok((Job { config, folder, identity, dataset, device, cache, threads, mix }, observer))
    }

    fn dataset(&self, config: &DataConfig) -> Result<Arc<Dataset>, DataError> {
        // Held while a data set is opened: slots that start together wait for the one copy that they share.
        let mut known = self.dataset.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, dataset)) = &*known
            && of == config
        {
            return Ok(dataset.clone());
        }
        let dataset = Arc::new(config.open(data::Split::Train)?);
        *known = Some((config.clone(), dataset.clone()));
        Ok(dataset)
    }
}
