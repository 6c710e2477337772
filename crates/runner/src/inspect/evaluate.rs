//! Kept checkpoints, measured now and written beside the records of their runs.

use crate::error::Error;
use crate::plan::planning;
use data::{DataConfig, Dataset};
use family::Problem;
use metrics::MetricConfig;
use models::Weights;
use rayon::prelude::*;
use record::{Evaluation, Identity, LaterEvaluation, RunFolder, RunRecord, append_evaluations};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use training::{DeviceKind, EvaluateConfig, Kept, RunConfig};

/// What to measure; what is not said is as the run's own `evaluate` has it.
pub(crate) struct Request<'a> {
    /// Empty for the run's own.
    pub metrics: Vec<MetricConfig>,
    /// Samples.
    pub count: Option<usize>,
    /// The only step; `None` for all that have a checkpoint.
    pub step: Option<u64>,
    /// An extractor.
    pub features: Option<&'a str>,
    /// A file of Inception's weights.
    pub inception: Option<&'a Path>,
    /// Where to generate.
    pub device: DeviceKind,
    /// What evaluations find out of real samples.
    pub cache: PathBuf,
}

/// What was found of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluated {
    /// The run.
    pub id: String,
    /// Steps that were evaluated in this way before.
    pub known: Vec<u64>,
    /// What was found of these steps then.
    pub stored: Vec<Evaluation>,
    /// What is new.
    pub evaluations: Vec<Evaluation>,
}

/// A run that is ready to be evaluated.
struct Ready<'a> {
    folder: &'a RunFolder,
    config: RunConfig,
    settings: EvaluateConfig,
    dataset: Arc<Dataset>,
    known: Vec<u64>,
    stored: Vec<Evaluation>,
    steps: Vec<u64>,
    identity: Option<Identity>,
}

impl Request<'_> {
    /// Evaluates the checkpoints of all runs side by side. The caller holds their sweep's lock.
    ///
    /// # Errors
    /// Before anything is measured: settings that do not fit a run. Then the first that fails; runs that were done by then
    /// have their evaluations.
    pub(crate) fn run(&self, folders: &[RunFolder]) -> Result<Vec<Evaluated>, Error> {
        let mut datasets = Vec::new();
        let ready: Vec<Ready> =
            folders.iter().map(|folder| self.prepare(folder, &mut datasets)).collect::<Result<_, _>>()?;
        ready.into_par_iter().map(|ready| self.evaluate(ready)).collect()
    }

    fn prepare<'a>(
        &self,
        folder: &'a RunFolder,
        datasets: &mut Vec<(DataConfig, Arc<Dataset>)>,
    ) -> Result<Ready<'a>, Error> {
        let mut config = planning::stored(folder)?;
        let settings = self.settings(&config);
        config.evaluate = Some(settings.clone());
        let dataset = match datasets.iter().find(|(of, _)| *of == config.data) {
            Some((_, dataset)) => dataset.clone(),
            None => {
                let dataset = Arc::new(config.data.open(data::Split::Train)?);
                datasets.push((config.data.clone(), dataset.clone()));
                dataset
            }
        };
        let problems = [config.check(), config.check_against(dataset.domain(), dataset.len())].concat();
        let of_option =
            |problem: &Problem| Some((problem.path.strip_prefix("evaluate.")?.to_owned(), problem.message.clone()));
        if let Some((option, message)) = problems.iter().find_map(of_option) {
            return Err(Error::Usage(format!("--{option} of {}: {message}", folder.id())));
        }
        let record = RunRecord::read(folder.clone()).map_err(Error::record(folder.path()))?;
        let hash = settings.features_hash(config.data.name())?;
        let is_known = |step: &u64| {
            let is_same = |e: &&Evaluation| {
                (e.step, e.count, e.features_hash.as_str(), e.split.as_str())
                    == (*step, settings.count, hash.as_str(), Evaluation::TRAIN)
            };
            let found: Vec<&Evaluation> = record.evaluations.iter().filter(is_same).collect();
            settings.quantities().iter().all(|name| found.iter().any(|e| e.values.contains_key(*name)))
        };
        let mut steps: Vec<u64> = folder.checkpoint_steps();
        steps.retain(|step| self.step.is_none_or(|only| only == *step));
        steps.retain(|step| training::check_checkpoint(folder, *step).is_ok());
        steps.reverse();
        let (known, steps): (Vec<u64>, Vec<u64>) = steps.into_iter().partition(is_known);
        let is_of_known = |e: &&Evaluation| {
            let is_same = e.features_hash == hash && (e.count == settings.count || e.split != Evaluation::TRAIN);
            is_same && known.contains(&e.step)
        };
        let stored = record.evaluations.iter().filter(is_of_known).cloned().collect();
        Ok(Ready { folder, config, settings, dataset, known, stored, steps, identity: record.identity })
    }

    fn settings(&self, config: &RunConfig) -> EvaluateConfig {
        let mut settings = config.evaluate.clone().unwrap_or_default();
        if !self.metrics.is_empty() {
            settings.metrics.clone_from(&self.metrics);
        }
        settings.count = self.count.unwrap_or(settings.count);
        if let Some(name) = self.features {
            (settings.features, settings.inception) = (Some(name.to_owned()), None);
        }
        if let Some(file) = self.inception {
            (settings.features, settings.inception) = (None, Some(Weights { file: file.to_owned(), digest: None }));
        }
        settings
    }

    fn evaluate(&self, ready: Ready) -> Result<Evaluated, Error> {
        let Ready { folder, config, settings, dataset, known, stored, steps, identity } = ready;
        let (config, settings, steps) = (&config, &settings, &steps[..]);
        let kept = Kept { config, settings, folder, steps, dataset, device: self.device, cache: self.cache.clone() };
        let evaluations = training::evaluate(&kept).map_err(|source| Error::Evaluate { run: folder.id(), source })?;
        let later = |evaluation: &Evaluation| LaterEvaluation {
            evaluation: evaluation.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: record::host(),
            device: self.device.to_string(),
            run: identity.clone(),
        };
        let mut lines: Vec<LaterEvaluation> = evaluations.iter().map(later).collect();
        // A step is known by its training split: of lines that are cut short, that must not be the one that is there.
        lines.sort_by_key(|line| line.evaluation.split == Evaluation::TRAIN);
        if !lines.is_empty() {
            append_evaluations(folder, &lines).map_err(Error::io(&folder.evaluations()))?;
        }
        Ok(Evaluated { id: folder.id(), known, stored, evaluations })
    }
}
