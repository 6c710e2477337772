//! How many bytes checkpoints take.

use crate::{LastCheckpoint, OptimizerConfig, RunConfig, UpdateRule};
use burn::tensor::Device;
use models::Domain;
use models::task::{AnyModule, Side};

/// Bytes of a checkpoint, without what a file has around its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointSize {
    /// Of the networks, and of the averaged ones.
    pub weights: u64,
    /// Of what optimizers remember.
    pub optimizers: u64,
}

impl CheckpointSize {
    /// Of a checked configuration. Builds the networks once, with their initial weights.
    pub fn of(config: &RunConfig, domain: Domain) -> Self {
        let networks = config.model.init(domain, config.seed, &Device::flex().autodiff());
        let mut weights = bytes(&*networks.sampler(), &|_| true) + bytes(&*networks, &|_| true);
        let mut optimizers = 0;
        for phase in networks.phases(config.train.critic_steps) {
            let settings = match phase.side {
                Side::Generator => &config.train.generator,
                Side::Discriminator => &config.train.discriminator,
            };
            optimizers += moments(settings) * bytes(&*networks, &|field| phase.networks.contains(&field));
        }
        weights = weights.max(1);
        Self { weights, optimizers }
    }

    /// Of all checkpoints that a run of this configuration has in the end.
    pub fn of_run(self, config: &RunConfig) -> u64 {
        let (every, steps, keep) = (config.checkpoint.every, config.steps(), config.checkpoint.keep as u64);
        let regular = steps.checked_div(every).unwrap_or(0);
        let written = if regular * every == steps { regular } else { regular + 1 };
        let written = if config.checkpoint.minutes.is_some() { keep } else { written };
        // The best of the evaluated ones stays beside the newest.
        let kept = written.min(keep + u64::from(config.evaluate.is_some()));
        let left_out = if config.checkpoint.last == LastCheckpoint::Weights { self.optimizers } else { 0 };
        (kept * (self.weights + self.optimizers)).saturating_sub(left_out)
    }
}

fn bytes(module: &(impl AnyModule + ?Sized), counts: &dyn Fn(&str) -> bool) -> u64 {
    let mut bytes = 0;
    module.visit(&mut |path: &[String], read| {
        if path.first().is_some_and(|field| counts(field)) {
            bytes += read().as_bytes().len() as u64;
        }
    });
    bytes
}

/// Numbers that an optimizer remembers of each weight.
fn moments(settings: &OptimizerConfig) -> u64 {
    match settings.rule {
        UpdateRule::Adam { .. } | UpdateRule::Adamw { .. } => 2,
        UpdateRule::Rmsprop { momentum, .. } => 1 + u64::from(momentum > 0.0),
        UpdateRule::Sgd { momentum } => u64::from(momentum > 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_run_keeps_so_many_checkpoints() {
        let check = |checkpoint: Value, evaluate: Value, expected| {
            let settings = json!({"train": {"steps": 1000}, "checkpoint": checkpoint, "evaluate": evaluate});
            let config: RunConfig = serde_json::from_value(settings).unwrap();
            let size = CheckpointSize { weights: 1, optimizers: 10 };
            assert_eq!(size.of_run(&config), expected, "{checkpoint}");
        };
        let none = || json!("none");
        check(json!({}), none(), 22);
        check(json!({"final": "weights"}), none(), 12);
        check(json!({"every": 0}), none(), 11);
        check(json!({"every": 300, "keep": 9}), none(), 44);
        check(json!({"every": 300}), json!({}), 33);
        check(json!({"every": 0, "minutes": 5.0}), none(), 22);
    }

    #[test]
    fn numbers_of_small_networks_are_counted() {
        let mut settings = models::preset::find("mlp").unwrap().settings();
        settings["model"]["generator"] = json!({"architecture": "mlp", "hidden": [8]});
        settings["model"]["discriminator"] = json!({"architecture": "mlp", "hidden": [8]});
        let config: RunConfig = serde_json::from_value(settings).unwrap();
        let size = CheckpointSize::of(&config, Domain::images([1, 28, 28], None));
        // Its weights and biases, four bytes each; what normalises has a few more.
        let (inputs, pixels) = (config.model.latent.dim as u64, 784);
        let generator = 4 * (8 * (inputs + 1) + pixels * (8 + 1));
        let discriminator = 4 * (8 * (pixels + 1) + 8 + 1);
        let (least, found) = (2 * generator + discriminator, size.weights);
        assert!((least..least + 4 * 100).contains(&found), "{found} of at least {least}");
        assert!(size.optimizers >= 2 * (generator + discriminator));
    }
}
