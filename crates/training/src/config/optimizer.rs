//! `run.train.generator` and `run.train.discriminator`.

use super::Schedule;
use models::word::{kind_or_map, kind_or_map_schema};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How one network's weights follow their gradients. A setting that the update rule does not have is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct OptimizerConfig {
    /// The update rule.
    pub optimizer: OptimizerKind,
    /// Learning rate before its schedule.
    pub lr: f64,
    /// Decay of the mean of gradients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,
    /// Decay of the mean of squared gradients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,
    /// Decay of the mean of squared gradients in RMSProp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay: Option<f64>,
    /// What stays of the last update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// Added to the root of the mean of squares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// Share of a weight, times the learning rate, that each update takes away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// How the learning rate goes over the run.
    pub schedule: Schedule,
}

/// As a person writes it: what is left out is the update rule's own default.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Written {
    /// The update rule.
    optimizer: OptimizerKind,
    /// Learning rate before its schedule (2e-4).
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    lr: Option<f64>,
    /// adam (0.5), adamw (0.9): decay of the mean of gradients.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    beta1: Option<f64>,
    /// adam, adamw: decay of the mean of squared gradients (0.999).
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    beta2: Option<f64>,
    /// rmsprop: decay of the mean of squared gradients (0.99).
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    decay: Option<f64>,
    /// rmsprop, sgd: what stays of the last update (0).
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    momentum: Option<f64>,
    /// adam, adamw, rmsprop: added to the root of the mean of squares (1e-8).
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    epsilon: Option<f64>,
    /// adamw: share of a weight, times the learning rate, that each update takes away (0.01).
    #[serde(deserialize_with = "given")]
    #[schemars(with = "f64")]
    weight_decay: Option<f64>,
    /// How the learning rate goes over the run.
    #[serde(deserialize_with = "kind_or_map")]
    #[schemars(schema_with = "kind_or_map_schema::<Schedule>")]
    schedule: Schedule,
}

/// A number, not null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    f64::deserialize(deserializer).map(Some)
}

/// Update rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// Kingma and Ba 2015, arXiv 1412.6980, algorithm 1.
    #[default]
    Adam,
    /// Adam with decoupled weight decay: Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2.
    Adamw,
    /// Tieleman and Hinton 2012, lecture 6.5: not centred.
    Rmsprop,
    /// Stochastic gradient descent with momentum (Polyak 1964).
    Sgd,
}

impl OptimizerKind {
    fn name(self) -> &'static str {
        match self {
            Self::Adam => "adam",
            Self::Adamw => "adamw",
            Self::Rmsprop => "rmsprop",
            Self::Sgd => "sgd",
        }
    }

    /// Its settings in the order of [`OptimizerConfig::settings`]; `None` for one that it does not have.
    fn defaults(self) -> [Option<f64>; 6] {
        match self {
            // Radford et al. 2016, section 4.
            Self::Adam => [Some(0.5), Some(0.999), None, None, Some(1e-8), None],
            Self::Adamw => [Some(0.9), Some(0.999), None, None, Some(1e-8), Some(0.01)],
            Self::Rmsprop => [None, None, Some(0.99), Some(0.0), Some(1e-8), None],
            Self::Sgd => [None, None, None, Some(0.0), None, None],
        }
    }
}

impl From<Written> for OptimizerConfig {
    fn from(written: Written) -> Self {
        let Written { optimizer, lr, beta1, beta2, decay, momentum, epsilon, weight_decay, schedule } = written;
        let [default1, default2, default_decay, default_momentum, default_epsilon, default_weight_decay] =
            optimizer.defaults();
        Self {
            optimizer,
            lr: lr.unwrap_or(2e-4),
            beta1: beta1.or(default1),
            beta2: beta2.or(default2),
            decay: decay.or(default_decay),
            momentum: momentum.or(default_momentum),
            epsilon: epsilon.or(default_epsilon),
            weight_decay: weight_decay.or(default_weight_decay),
            schedule,
        }
    }
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Written::default().into()
    }
}

impl JsonSchema for OptimizerConfig {
    fn schema_name() -> Cow<'static, str> {
        "OptimizerConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl OptimizerConfig {
    /// Learning rate of step `step` (from 0) of `steps`.
    pub(crate) fn lr_at(&self, step: u64, steps: u64) -> f64 {
        self.lr * self.schedule.factor(step, steps)
    }

    /// Each setting besides the learning rate, in the order of [`OptimizerKind::defaults`].
    fn settings(&self) -> [Setting; 6] {
        let setting = |key, value, range| Setting { key, value, range };
        [
            setting("beta1", self.beta1, Range::Share),
            setting("beta2", self.beta2, Range::Share),
            setting("decay", self.decay, Range::Share),
            setting("momentum", self.momentum, Range::Share),
            setting("epsilon", self.epsilon, Range::Above0),
            setting("weight_decay", self.weight_decay, Range::From0),
        ]
    }

    pub(crate) fn check(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut tell = |key: &str, message: String| problems.push((key.to_owned(), message));
        if let Some(message) = Range::Above0.refuses(self.lr) {
            tell("lr", message.to_owned());
        }
        for (Setting { key, value, range }, default) in self.settings().into_iter().zip(self.optimizer.defaults()) {
            let Some(value) = value else { continue };
            if default.is_none() {
                tell(key, format!("`{}` has no such setting", self.optimizer.name()));
            } else if let Some(message) = range.refuses(value) {
                tell(key, message.to_owned());
            }
        }
        problems
    }
}

struct Setting {
    key: &'static str,
    value: Option<f64>,
    range: Range,
}

enum Range {
    Share,
    Above0,
    From0,
}

impl Range {
    fn refuses(&self, value: f64) -> Option<&'static str> {
        let (holds, message) = match self {
            Self::Share => ((0.0..1.0).contains(&value), "must be in [0, 1)"),
            Self::Above0 => (value.is_finite() && value > 0.0, "must be above 0"),
            Self::From0 => (value.is_finite() && value >= 0.0, "must be at least 0"),
        };
        (!holds).then_some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn each_rule_has_its_own_settings() {
        let check = |settings: Value, written: Value| {
            let config: OptimizerConfig = serde_json::from_value(settings).unwrap();
            assert_eq!(config.check(), []);
            let found = serde_json::to_value(&config).unwrap();
            assert_eq!(found, written);
            assert_eq!(serde_json::from_value::<OptimizerConfig>(found).unwrap(), config);
        };
        let schedule = json!({"kind": "constant"});
        check(
            json!({}),
            json!({"optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8, "schedule": schedule}),
        );
        check(
            json!({"optimizer": "rmsprop", "lr": 5e-5}),
            json!({"optimizer": "rmsprop", "lr": 5e-5, "decay": 0.99, "momentum": 0.0, "epsilon": 1e-8,
                "schedule": schedule}),
        );
        check(
            json!({"optimizer": "sgd", "momentum": 0.9}),
            json!({"optimizer": "sgd", "lr": 2e-4, "momentum": 0.9, "schedule": schedule}),
        );
        let config: OptimizerConfig = serde_json::from_value(json!({"optimizer": "sgd", "beta1": 0.5})).unwrap();
        assert_eq!(config.check(), [("beta1".to_owned(), "`sgd` has no such setting".to_owned())]);
    }
}
