//! `run` of the experiment file: what changes numbers, and nothing else.

mod evaluate;
mod optimizer;
mod schedule;
mod stop;

pub use evaluate::EvaluateConfig;
pub use optimizer::{OptimizerConfig, UpdateRule};
pub use schedule::{Decay, Schedule};
pub use stop::{Collapse, Patience, StopConfig};

use crate::device::{DeviceError, DeviceKind};
use data::DataConfig;
use family::Problem;
use models::check::refusal;
use models::{Domain, ModelConfig, word};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Steps of a run that names neither steps nor epochs.
const DEFAULT_STEPS: u64 = 1000;

/// One training run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// Seeds every random stream of the run but that of the fixed sample latents.
    pub seed: u64,
    /// What to learn from.
    pub data: DataConfig,
    /// Which GAN.
    pub model: ModelConfig,
    /// How to train it.
    pub train: TrainConfig,
    /// Sample grids.
    pub sample: SampleConfig,
    /// Metrics of samples while the run trains; `none` for none.
    #[serde(with = "word::none_or_map", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "word::none_or_map::schema::<EvaluateConfig>")]
    pub evaluate: Option<EvaluateConfig>,
    /// When the run ends before its last step, by itself.
    #[serde(skip_serializing_if = "StopConfig::is_default")]
    pub stop: StopConfig,
    /// Checkpoints.
    pub checkpoint: CheckpointConfig,
    /// Recorded losses.
    pub log: LogConfig,
}

/// `run.train`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Generator updates. 1,000 if neither this nor `epochs` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Passes of the discriminator over the data, instead of `steps`; resolved into `steps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u64>,
    /// Images or points in a batch.
    pub batch_size: usize,
    /// Discriminator updates for each generator update.
    pub critic_steps: usize,
    /// What the numbers of large products are rounded to while networks train.
    #[serde(skip_serializing_if = "Precision::is_f32")]
    pub precision: Precision,
    /// Updates of the generator.
    pub generator: OptimizerConfig,
    /// Updates of the discriminator.
    pub discriminator: OptimizerConfig,
    /// Moving average of the generator's weights, for samples and metrics; `none` to use the weights themselves.
    #[serde(with = "word::none_or_map")]
    #[schemars(schema_with = "word::none_or_map::schema::<Average>")]
    pub average: Option<Average>,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            steps: None,
            epochs: None,
            batch_size: 64,
            critic_steps: 1,
            precision: Precision::F32,
            generator: OptimizerConfig::default(),
            discriminator: OptimizerConfig::default(),
            average: Some(Average::default()),
        }
    }
}

/// `run.train.precision`. Weights, sums, optimizers, samples and metrics are of single precision always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To nothing: single precision. NVIDIA GPUs from compute capability 8.0 on multiply matrices on tensor cores, which round
    /// factors to TF32 (11 significant bits); their numeric class says so.
    #[default]
    F32,
    /// The factors of large layers' products to 8 significant bits (mixed precision: Micikevicius et al. 2018, arXiv
    /// 1710.03740; for this format Kalamkar et al. 2019, arXiv 1905.12322). On the CPU, where it has AMX.
    Bf16,
}

impl Precision {
    fn is_f32(&self) -> bool {
        *self == Self::F32
    }

    /// Whether a device has it.
    ///
    /// # Errors
    /// It has not.
    pub fn check(self, device: DeviceKind) -> Result<(), DeviceError> {
        if self == Self::F32 || device == DeviceKind::Flex && kernels::has_tiles() {
            return Ok(());
        }
        Err(DeviceError::Precision { device })
    }
}

impl From<Precision> for kernels::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::Bf16,
        }
    }
}

/// `run.train.average`: a ← d a + (1 - d) w after each generator update, d = min(decay, (1 + step) / (10 + step)), so
/// that the first, random weights fade soon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Average {
    /// d in the long run, in `[0, 1)`.
    pub decay: f64,
}

impl Default for Average {
    fn default() -> Self {
        Self { decay: 0.999 }
    }
}

impl Average {
    /// d after generator update number `step` (from 0).
    pub(crate) fn decay_at(self, step: u64) -> f64 {
        self.decay.min((1 + step) as f64 / (10 + step) as f64)
    }
}

/// Images of a grid.
const MAX_SAMPLES: usize = 10_000;

/// `run.sample`: pictures from latents that are the same for every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SampleConfig {
    /// Steps from grid to grid; the last step always has one. 0: only that.
    pub every: u64,
    /// Images in a grid, or points in a picture of the plane; rows of tasks that translate.
    pub count: usize,
    /// Of tasks that translate images: rows end with how far what was made is from its target, or from its input.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub differences: bool,
}

impl Default for SampleConfig {
    fn default() -> Self {
        Self { every: 100, count: 64, differences: false }
    }
}

/// `run.checkpoint`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CheckpointConfig {
    /// Steps from checkpoint to checkpoint; the last step always has one. 0: only that.
    pub every: u64,
    /// Minutes after which the next step has a checkpoint, too, for runs whose steps are slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    /// How many to keep, newest first; at least 1. The best of the evaluated ones is kept beside them.
    pub keep: usize,
    /// What the checkpoint of the last step holds.
    #[serde(rename = "final", skip_serializing_if = "LastCheckpoint::is_all")]
    pub last: LastCheckpoint,
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        Self { every: 500, minutes: None, keep: 2, last: LastCheckpoint::All }
    }
}

/// `run.checkpoint.final`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LastCheckpoint {
    /// All that a longer run needs to go on from it.
    #[default]
    All,
    /// Weights without optimizers: with Adam, half of the bytes or less. A longer run cannot go on from it.
    Weights,
}

impl LastCheckpoint {
    fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// `run.log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// Steps that one recorded value averages over; losses are read from the device only then.
    pub every: u64,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { every: 10 }
    }
}

impl RunConfig {
    /// Generator updates to do.
    pub fn steps(&self) -> u64 {
        self.train.steps.unwrap_or(DEFAULT_STEPS)
    }

    /// Replaces `epochs` by the steps that they come to on `images` images: an epoch is as many whole batches as the
    /// data gives, one for each discriminator update.
    pub fn resolve(&mut self, images: usize) {
        let steps = match self.train.epochs.take() {
            Some(epochs) => {
                let updates = epochs.saturating_mul((images / self.train.batch_size) as u64);
                updates.div_ceil(self.train.critic_steps as u64).max(1)
            }
            None => self.steps(),
        };
        self.train.steps = Some(steps);
    }

    /// What is wrong with the values themselves; paths are below `run`.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, key: &str, message: &str| {
            if !holds {
                problems.push(Problem::at(key, message));
            }
        };
        let train = &self.train;
        let only_one = train.steps.is_none() || train.epochs.is_none();
        demand(only_one, "train.epochs", "`epochs` and `steps` are both given; one of them can be `null`");
        demand(train.steps != Some(0), "train.steps", "a run needs at least 1 step");
        demand(train.epochs != Some(0), "train.epochs", "a run needs at least 1 epoch");
        demand(train.batch_size > 0, "train.batch_size", "a batch needs at least 1 image");
        demand(train.critic_steps > 0, "train.critic_steps", "the discriminator needs at least 1 update a step");
        if let Some(average) = train.average {
            let refusal = refusal("in [0, 1)", average.decay, |decay| (0.0..1.0).contains(&decay));
            demand(refusal.is_none(), "train.average.decay", refusal.as_deref().unwrap_or_default());
        }
        demand(self.sample.count > 0, "sample.count", "a grid needs at least 1 image");
        demand(self.sample.count <= MAX_SAMPLES, "sample.count", "a grid has at most 10000 images");
        demand(self.checkpoint.keep > 0, "checkpoint.keep", "at least 1 checkpoint must be kept");
        if let Some(minutes) = self.checkpoint.minutes {
            demand(minutes.is_finite() && minutes > 0.0, "checkpoint.minutes", "must be above 0");
        }
        demand(self.log.every > 0, "log.every", "losses are averaged over at least 1 step");
        for (name, optimizer) in [("generator", &train.generator), ("discriminator", &train.discriminator)] {
            problems.extend(optimizer.check().into_iter().map(|problem| problem.below(name).below("train")));
        }
        let evaluate = self.evaluate.iter().flat_map(EvaluateConfig::check);
        problems.extend(evaluate.map(|problem| problem.below("evaluate")));
        problems.extend(self.stop.check(self.evaluate.as_ref()).into_iter().map(|problem| problem.below("stop")));
        problems.extend(self.data.check().into_iter().map(|problem| problem.below("data")));
        problems
    }

    /// What is wrong with the values for this data; paths are below `run`.
    pub fn check_against(&self, domain: impl Into<Domain>, images: usize) -> Vec<Problem> {
        let domain = domain.into();
        let mut problems: Vec<_> = self.model.check(domain).into_iter().map(|problem| problem.below("model")).collect();
        let (batch, packing) = (self.train.batch_size, self.model.packing);
        if packing > 0 && !batch.is_multiple_of(packing) {
            let nearest = batch.next_multiple_of(packing);
            let message = format!("a batch of {batch} does not come to packs of {packing}: {nearest} does");
            problems.push(Problem::at("train.batch_size", message));
        }
        if self.train.batch_size > images {
            let what = domain.output.noun();
            let message = format!("a batch of {} is more than the {images} {what}", self.train.batch_size);
            problems.push(Problem::at("train.batch_size", message));
        }
        let evaluate = self.evaluate.iter().filter(|evaluate| evaluate.check().is_empty());
        let is_by_class = self.model.conditioning.is_by_class();
        let found = evaluate.flat_map(|evaluate| evaluate.check_against(self.data.name(), domain, is_by_class, images));
        problems.extend(found.map(|problem| problem.below("evaluate")));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolved_configuration_reads_back_as_itself() {
        let mut config = RunConfig::default();
        config.resolve(9000);
        let json = serde_json::to_value(&config).unwrap();
        assert_eq!(serde_json::from_value::<RunConfig>(json).unwrap(), config);

        config.train.average = None;
        config.train.generator.schedule = Schedule::Cosine(Decay { warmup: 5, to: 0.1 });
        let json = serde_json::to_value(&config).unwrap();
        assert_eq!(serde_json::from_value::<RunConfig>(json).unwrap(), config);
    }

    #[test]
    fn epochs_become_steps() {
        let check = |json: &str, images, expected| {
            let mut config: RunConfig = serde_json::from_str(json).unwrap();
            config.resolve(images);
            assert_eq!((config.train.steps, config.train.epochs), (Some(expected), None), "{json}");
        };
        check(r#"{"train": {"epochs": 100, "batch_size": 32}}"#, 9000, 100 * 281);
        check(r#"{"train": {"epochs": 1, "batch_size": 10, "critic_steps": 5}}"#, 101, 2);
        check(r#"{"train": {"steps": 7}}"#, 9000, 7);
        check("{}", 9000, DEFAULT_STEPS);
    }

    #[test]
    fn words_stand_for_settings() {
        let config: RunConfig =
            serde_json::from_str(r#"{"train": {"average": "none", "generator": {"schedule": "linear"}}}"#).unwrap();
        assert_eq!(config.train.average, None);
        assert_eq!(config.train.generator.schedule, Schedule::Linear(Decay { warmup: 0, to: 0.0 }));
        assert!(serde_json::from_str::<RunConfig>(r#"{"train": {"average": "median"}}"#).is_err());
    }

    #[test]
    fn values_out_of_range_are_all_reported() {
        let config: RunConfig = serde_json::from_str(
            r#"{"train": {"steps": 0, "epochs": 1, "batch_size": 0, "average": {"decay": 1.0},
                "generator": {"lr": -1.0, "beta1": 1.0}}, "sample": {"count": 0}}"#,
        )
        .unwrap();
        let keys: Vec<_> = config.check().into_iter().map(|problem| problem.path).collect();
        let expected = [
            "train.epochs",
            "train.steps",
            "train.batch_size",
            "train.average.decay",
            "sample.count",
            "train.generator.lr",
            "train.generator.beta1",
        ];
        assert_eq!(keys, expected);
    }
}
