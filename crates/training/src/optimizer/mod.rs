//! How weights follow their gradients: in one pass on the CPU's own kernels, by Burn's optimizers on every other device.
//! Bits and records are the same, so a checkpoint goes on on any device.

mod fused;
mod rule;

use crate::{DeviceKind, OptimizerConfig, UpdateRule};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer, RmsPropConfig, SgdConfig};
use fused::Fused;
use kernels::{Adam, AdamW, RmsProp, Sgd};

/// An optimizer with nothing to remember yet.
pub(crate) fn init(config: &OptimizerConfig, device: DeviceKind) -> ModuleOptimizer {
    match device {
        DeviceKind::Flex => on_kernels(config.rule),
        _ => by_burn(config.rule),
    }
}

fn on_kernels(rule: UpdateRule) -> ModuleOptimizer {
    match rule {
        UpdateRule::Adam { beta1, beta2, epsilon } => {
            Fused(Adam { beta1: beta1 as f32, beta2: beta2 as f32, epsilon: epsilon as f32 }).into()
        }
        UpdateRule::Adamw { beta1, beta2, epsilon, weight_decay } => Fused(AdamW {
            beta1: beta1 as f32,
            beta2: beta2 as f32,
            epsilon: epsilon as f32,
            weight_decay: weight_decay as f32,
        })
        .into(),
        UpdateRule::Rmsprop { decay, momentum, epsilon } => {
            Fused(RmsProp { decay: decay as f32, epsilon: epsilon as f32, momentum: momentum as f32 }).into()
        }
        UpdateRule::Sgd { momentum } => Fused(Sgd { momentum: momentum as f32 }).into(),
    }
}

fn by_burn(rule: UpdateRule) -> ModuleOptimizer {
    match rule {
        UpdateRule::Adam { beta1, beta2, epsilon } => {
            AdamConfig::new().with_beta_1(beta1 as f32).with_beta_2(beta2 as f32).with_epsilon(epsilon as f32).init()
        }
        UpdateRule::Adamw { beta1, beta2, epsilon, weight_decay } => AdamWConfig::new()
            .with_beta_1(beta1 as f32)
            .with_beta_2(beta2 as f32)
            .with_epsilon(epsilon as f32)
            .with_weight_decay(weight_decay as f32)
            .init(),
        UpdateRule::Rmsprop { decay, momentum, epsilon } => RmsPropConfig::new()
            .with_alpha(decay as f32)
            .with_momentum(momentum as f32)
            .with_epsilon(epsilon as f32)
            .init(),
        UpdateRule::Sgd { momentum } => {
            let momentum = (momentum > 0.0).then_some(MomentumConfig { momentum, dampening: 0.0, nesterov: false });
            SgdConfig::new().with_momentum(momentum).init()
        }
    }
}

#[cfg(test)]
mod tests;
