//! `run.train.generator` and `run.train.discriminator`.

use super::Schedule;
use family::Problem;
use models::check::refusal;
use models::word::{from_word_or_map, kind_or_map, kind_or_map_schema};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

/// How the weights of one side follow their gradients: a word or a map with `optimizer`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "Written")]
pub struct OptimizerConfig {
    /// The update rule with its settings.
    pub rule: UpdateRule,
    /// Learning rate before its schedule.
    pub lr: f64,
    /// How the learning rate goes over the run.
    pub schedule: Schedule,
    /// Settings of other rules that were written, for [`check`](Self::check) to refuse.
    misplaced: Vec<&'static str>,
}

/// Update rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpdateRule {
    /// Kingma and Ba 2015, arXiv 1412.6980, algorithm 1.
    Adam {
        /// Decay of the mean of gradients.
        beta1: f64,
        /// Decay of the mean of squared gradients.
        beta2: f64,
        /// Added to the root of the mean of squares.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay: Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2.
    Adamw {
        /// Decay of the mean of gradients.
        beta1: f64,
        /// Decay of the mean of squared gradients.
        beta2: f64,
        /// Added to the root of the mean of squares.
        epsilon: f64,
        /// Share of a weight, times the learning rate, that each update takes away.
        weight_decay: f64,
    },
    /// Tieleman and Hinton 2012, lecture 6.5: not centred.
    Rmsprop {
        /// Decay of the mean of squared gradients.
        decay: f64,
        /// Share of the last update that is added to this one.
        momentum: f64,
        /// Added to the root of the mean of squares.
        epsilon: f64,
    },
    /// Stochastic gradient descent with momentum (Polyak 1964).
    Sgd {
        /// Share of the last update that is added to this one.
        momentum: f64,
    },
}

/// As a person writes it: what is left out is the update rule's own default.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Written {
    /// The update rule.
    optimizer: Name,
    /// Learning rate before its schedule (2e-4).
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    lr: Option<f64>,
    /// adam (0.5), adamw (0.9): decay of the mean of gradients.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    beta1: Option<f64>,
    /// adam, adamw: decay of the mean of squared gradients (0.999).
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    beta2: Option<f64>,
    /// rmsprop: decay of the mean of squared gradients (0.99).
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    decay: Option<f64>,
    /// rmsprop, sgd: what stays of the last update (0).
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    momentum: Option<f64>,
    /// adam, adamw, rmsprop: added to the root of the mean of squares (1e-8).
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    epsilon: Option<f64>,
    /// adamw: share of a weight, times the learning rate, that each update takes away (0.01).
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    weight_decay: Option<f64>,
    /// How the learning rate goes over the run.
    #[serde(deserialize_with = "kind_or_map")]
    #[schemars(schema_with = "kind_or_map_schema::<Schedule>")]
    schedule: Schedule,
}

/// A number, not null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    f64::deserialize(deserializer).map(Some)
}

/// Update rules by name.
#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OptimizerKind")]
enum Name {
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

impl<'de> Deserialize<'de> for OptimizerConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_word_or_map::<_, Written>(deserializer, "optimizer").map(Self::from)
    }
}

impl From<Written> for OptimizerConfig {
    fn from(written: Written) -> Self {
        let Written {
            optimizer,
            lr,
            mut beta1,
            mut beta2,
            mut decay,
            mut momentum,
            mut epsilon,
            mut weight_decay,
            schedule,
        } = written;
        let take = |setting: &mut Option<f64>, default| setting.take().unwrap_or(default);
        let rule = match optimizer {
            // Radford et al. 2016, section 4.
            Name::Adam => UpdateRule::Adam {
                beta1: take(&mut beta1, 0.5),
                beta2: take(&mut beta2, 0.999),
                epsilon: take(&mut epsilon, 1e-8),
            },
            Name::Adamw => UpdateRule::Adamw {
                beta1: take(&mut beta1, 0.9),
                beta2: take(&mut beta2, 0.999),
                epsilon: take(&mut epsilon, 1e-8),
                weight_decay: take(&mut weight_decay, 0.01),
            },
            Name::Rmsprop => UpdateRule::Rmsprop {
                decay: take(&mut decay, 0.99),
                momentum: take(&mut momentum, 0.0),
                epsilon: take(&mut epsilon, 1e-8),
            },
            Name::Sgd => UpdateRule::Sgd { momentum: take(&mut momentum, 0.0) },
        };
        let left = [
            ("beta1", beta1),
            ("beta2", beta2),
            ("decay", decay),
            ("momentum", momentum),
            ("epsilon", epsilon),
            ("weight_decay", weight_decay),
        ];
        let misplaced = left.into_iter().filter_map(|(key, value)| value.map(|_| key)).collect();
        Self { rule, lr: lr.unwrap_or(2e-4), schedule, misplaced }
    }
}

impl From<OptimizerConfig> for Written {
    fn from(config: OptimizerConfig) -> Self {
        let common = Self { lr: Some(config.lr), schedule: config.schedule, ..Self::default() };
        match config.rule {
            UpdateRule::Adam { beta1, beta2, epsilon } => {
                Self { optimizer: Name::Adam, beta1: Some(beta1), beta2: Some(beta2), epsilon: Some(epsilon), ..common }
            }
            UpdateRule::Adamw { beta1, beta2, epsilon, weight_decay } => Self {
                optimizer: Name::Adamw,
                beta1: Some(beta1),
                beta2: Some(beta2),
                epsilon: Some(epsilon),
                weight_decay: Some(weight_decay),
                ..common
            },
            UpdateRule::Rmsprop { decay, momentum, epsilon } => Self {
                optimizer: Name::Rmsprop,
                decay: Some(decay),
                momentum: Some(momentum),
                epsilon: Some(epsilon),
                ..common
            },
            UpdateRule::Sgd { momentum } => Self { optimizer: Name::Sgd, momentum: Some(momentum), ..common },
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
        json_schema!({ "anyOf": [generator.subschema_for::<Name>(), Written::json_schema(generator)] })
    }
}

impl OptimizerConfig {
    /// Learning rate of step `step` (from 0) of `steps`.
    pub(crate) fn lr_at(&self, step: u64, steps: u64) -> f64 {
        self.lr * self.schedule.factor(step, steps)
    }

    /// What is wrong with the settings; paths are below the optimizer.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let settings = [("lr", self.lr, Range::Above0)].into_iter().chain(self.rule.settings());
        let refused = settings.filter_map(|(key, value, range)| Some(Problem::at(key, range.refuses(value)?)));
        let name = self.rule.name();
        let misplaced = self.misplaced.iter().map(|key| Problem::at(*key, format!("`{name}` has no such setting")));
        refused.chain(misplaced).collect()
    }
}

impl UpdateRule {
    fn name(self) -> &'static str {
        match self {
            Self::Adam { .. } => "adam",
            Self::Adamw { .. } => "adamw",
            Self::Rmsprop { .. } => "rmsprop",
            Self::Sgd { .. } => "sgd",
        }
    }

    fn settings(self) -> Vec<(&'static str, f64, Range)> {
        use Range::{Above0, From0, Share};
        match self {
            Self::Adam { beta1, beta2, epsilon } => {
                vec![("beta1", beta1, Share), ("beta2", beta2, Share), ("epsilon", epsilon, Above0)]
            }
            Self::Adamw { beta1, beta2, epsilon, weight_decay } => vec![
                ("beta1", beta1, Share),
                ("beta2", beta2, Share),
                ("epsilon", epsilon, Above0),
                ("weight_decay", weight_decay, From0),
            ],
            Self::Rmsprop { decay, momentum, epsilon } => {
                vec![("decay", decay, Share), ("momentum", momentum, Share), ("epsilon", epsilon, Above0)]
            }
            Self::Sgd { momentum } => vec![("momentum", momentum, Share)],
        }
    }
}

enum Range {
    Share,
    Above0,
    From0,
}

impl Range {
    fn refuses(&self, value: f64) -> Option<String> {
        let (needed, holds): (_, fn(f64) -> bool) = match self {
            Self::Share => ("in [0, 1)", |value| (0.0..1.0).contains(&value)),
            Self::Above0 => ("above 0", |value| value.is_finite() && value > 0.0),
            Self::From0 => ("at least 0", |value| value.is_finite() && value >= 0.0),
        };
        refusal(needed, value, holds)
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
        assert_eq!(config.check(), [Problem::at("beta1", "`sgd` has no such setting")]);
    }

    #[test]
    fn settings_hold_in_single_precision() {
        let check = |settings: Value, expected: &[&str]| {
            let config: OptimizerConfig = serde_json::from_value(settings).unwrap();
            let found: Vec<String> = config.check().iter().map(ToString::to_string).collect();
            assert_eq!(found, expected);
        };
        check(json!({"beta2": 0.9999}), &[]);
        check(
            json!({"beta2": 0.99999999, "epsilon": 1e-50, "lr": 1e39}),
            &[
                "lr: must be above 0, and 1e39 is inf in single precision",
                "beta2: must be in [0, 1), and 0.99999999 is 1 in single precision",
                "epsilon: must be above 0, and 1e-50 is 0 in single precision",
            ],
        );
    }
}
