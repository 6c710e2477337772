//! `run.stop`: when a run ends before its last step, by itself.

use super::{EvaluateConfig, word};
use family::Problem;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// `run.stop`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StopConfig {
    /// Ends it as `collapsed` when its samples are all the same; `none` never to.
    #[serde(with = "word::none_or_map")]
    #[schemars(schema_with = "word::none_or_map::schema::<Collapse>")]
    pub collapsed: Option<Collapse>,
    /// Ends it as `diverged` when the norm of a network's gradient, over all of its weights, is above this; never by
    /// default. `gradient/generator` and `gradient/discriminator` are recorded in any case: means with a bound, else
    /// those of the last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_norm: Option<f64>,
    /// Ends it as `done` when an evaluated quantity no longer improves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Patience>,
}

impl Default for StopConfig {
    fn default() -> Self {
        Self { collapsed: Some(Collapse::default()), gradient_norm: None, metrics: Vec::new() }
    }
}

/// `run.stop.collapsed`: the spread of the fixed latents' samples, which is the root of their mean variance a pixel, is
/// below a share of the training images' in so many sample grids in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Collapse {
    /// The share, in `(0, 1)`.
    pub below: f64,
    /// Grids in a row.
    pub grids: usize,
}

impl Default for Collapse {
    fn default() -> Self {
        Self { below: 1e-3, grids: 3 }
    }
}

/// An entry of `run.stop.metrics`: the best value against training images is so many evaluations old.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// Such as `frechet`, `recall`.
    #[schemars(schema_with = "quantity_names")]
    pub metric: String,
    /// Evaluations to wait for a better value.
    pub patience: usize,
}

impl StopConfig {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with the values; paths are below `run.stop`.
    pub(super) fn check(&self, evaluate: Option<&EvaluateConfig>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, key: &'static str, message: &str| {
            if !holds {
                problems.push(Problem::at(key, message));
            }
        };
        if let Some(collapsed) = &self.collapsed {
            demand(collapsed.below > 0.0 && collapsed.below < 1.0, "collapsed.below", "must be in (0, 1)");
            demand(collapsed.grids > 0, "collapsed.grids", "a verdict needs at least 1 grid");
        }
        if let Some(norm) = self.gradient_norm {
            demand(norm.is_finite() && norm > 0.0, "gradient_norm", "must be above 0");
        }
        for Patience { metric, patience } in &self.metrics {
            demand(*patience > 0, "metrics", "patience is at least 1 evaluation");
            let measured: Vec<&str> = evaluate.iter().flat_map(|evaluate| evaluate.quantities()).collect();
            if !measured.contains(&metric.as_str()) {
                let there = if measured.is_empty() { "nothing".to_owned() } else { measured.join(", ") };
                demand(false, "metrics", &format!("`{metric}` is not evaluated; `run.evaluate` measures {there}"));
            }
        }
        let every = evaluate.is_none_or(|evaluate| evaluate.every > 0);
        demand(self.metrics.is_empty() || every, "metrics", "`evaluate.every: 0` evaluates the last step alone");
        problems
    }
}

fn quantity_names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = metrics::quantities().map(|quantity| quantity.name).collect();
    json_schema!({ "enum": names })
}
