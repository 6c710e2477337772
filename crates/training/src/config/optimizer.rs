//! `run.train.generator` and `run.train.discriminator`.

use super::Schedule;
use super::word::{kind_or_map, kind_or_map_schema};
use burn::optim::{AdamConfig, ModuleOptimizer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one network's weights follow their gradients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// The update rule.
    pub optimizer: OptimizerKind,
    /// Learning rate before its schedule.
    pub lr: f64,
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Added to the root of the mean of squares.
    pub epsilon: f64,
    /// How the learning rate goes over the run.
    #[serde(deserialize_with = "kind_or_map")]
    #[schemars(schema_with = "kind_or_map_schema::<Schedule>")]
    pub schedule: Schedule,
}

/// Update rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// Kingma and Ba 2015, arXiv 1412.6980, algorithm 1.
    #[default]
    Adam,
}

impl Default for OptimizerConfig {
    /// Radford et al. 2016, section 4.
    fn default() -> Self {
        Self {
            optimizer: OptimizerKind::Adam,
            lr: 2e-4,
            beta1: 0.5,
            beta2: 0.999,
            epsilon: 1e-8,
            schedule: Schedule::default(),
        }
    }
}

impl OptimizerConfig {
    pub(crate) fn init(&self) -> ModuleOptimizer {
        match self.optimizer {
            OptimizerKind::Adam => AdamConfig::new()
                .with_beta_1(self.beta1 as f32)
                .with_beta_2(self.beta2 as f32)
                .with_epsilon(self.epsilon as f32)
                .init(),
        }
    }

    /// Learning rate of step `step` (from 0) of `steps`.
    pub(crate) fn lr_at(&self, step: u64, steps: u64) -> f64 {
        self.lr * self.schedule.factor(step, steps)
    }

    pub(super) fn check(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, key: &str, message: &str| {
            if !holds {
                problems.push((key.to_owned(), message.to_owned()));
            }
        };
        demand(self.lr.is_finite() && self.lr > 0.0, "lr", "must be above 0");
        demand((0.0..1.0).contains(&self.beta1), "beta1", "must be in [0, 1)");
        demand((0.0..1.0).contains(&self.beta2), "beta2", "must be in [0, 1)");
        demand(self.epsilon.is_finite() && self.epsilon > 0.0, "epsilon", "must be above 0");
        problems
    }
}
