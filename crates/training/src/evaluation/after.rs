//! Checkpoints, measured as the run itself would have measured them.

use super::Evaluator;
use crate::RunConfig;
use crate::checkpoint::{CheckpointError, load_average};
use crate::config::EvaluateConfig;
use crate::device::{DeviceError, DeviceKind};
use data::Dataset;
use features::InceptionError;
use record::{Evaluation, RunFolder};
use std::path::PathBuf;
use std::sync::Arc;

/// Checkpoints of a run, and what to measure of them.
pub struct Kept<'a> {
    /// Resolved and checked.
    pub config: &'a RunConfig,
    /// Checked against the data.
    pub settings: &'a EvaluateConfig,
    /// Holds the checkpoints.
    pub folder: &'a RunFolder,
    /// Of which steps.
    pub steps: &'a [u64],
    /// The training split.
    pub dataset: Arc<Dataset>,
    /// Where to generate.
    pub device: DeviceKind,
    /// What evaluations find out of real samples.
    pub cache: PathBuf,
}

/// Why a checkpoint was not evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// It is missing or damaged.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The test split cannot be read.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// The file of Inception's weights cannot be used.
    #[error(transparent)]
    Inception(#[from] InceptionError),
}

/// One evaluation for each step and split, in their order. Call it inside the rayon pool whose threads it may use.
///
/// # Errors
/// The first thing that is missing.
pub fn evaluate(kept: &Kept) -> Result<Vec<Evaluation>, EvaluateError> {
    let device = kept.device.open()?;
    let fresh = kept.config.model.init(kept.dataset.domain(), kept.config.seed, &device);
    let (settings, config) = (kept.settings.clone(), kept.config.clone());
    let mut evaluator = Evaluator::new(settings, config, kept.dataset.clone(), device, kept.cache.clone())?;
    let mut evaluations = Vec::new();
    for step in kept.steps {
        evaluations.extend(evaluator.evaluate(&*load_average(&*fresh, kept.folder, *step)?, *step)?);
    }
    Ok(evaluations)
}
