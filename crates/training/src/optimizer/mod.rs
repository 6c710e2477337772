//! How weights follow their gradients: in one pass on the CPU's own kernels, by Burn's optimizers on every other device.
//! Bits and records are the same, so a checkpoint goes on on any device.

mod fused;
mod rule;

use crate::{DeviceKind, OptimizerConfig, OptimizerKind};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer, RmsPropConfig, SgdConfig};
use fused::Fused;
use kernels::{Adam, AdamW, RmsProp, Sgd};

/// An optimizer of one network with nothing to remember yet.
pub(crate) fn init(config: &OptimizerConfig, device: DeviceKind) -> ModuleOptimizer {
    // A setting that the rule does not have is not asked for; `check` saw to those that it has.
    let number = |setting: Option<f64>| setting.unwrap_or_default() as f32;
    let (beta1, beta2, epsilon) = (number(config.beta1), number(config.beta2), number(config.epsilon));
    let (decay, momentum) = (number(config.decay), number(config.momentum));
    let weight_decay = number(config.weight_decay);
    match (device, config.optimizer) {
        (DeviceKind::Flex, OptimizerKind::Adam) => Fused(Adam { beta1, beta2, epsilon }).into(),
        (DeviceKind::Flex, OptimizerKind::Adamw) => Fused(AdamW { beta1, beta2, epsilon, weight_decay }).into(),
        (DeviceKind::Flex, OptimizerKind::Rmsprop) => Fused(RmsProp { decay, epsilon, momentum }).into(),
        (DeviceKind::Flex, OptimizerKind::Sgd) => Fused(Sgd { momentum }).into(),
        (_, OptimizerKind::Adam) => {
            AdamConfig::new().with_beta_1(beta1).with_beta_2(beta2).with_epsilon(epsilon).init()
        }
        (_, OptimizerKind::Adamw) => AdamWConfig::new()
            .with_beta_1(beta1)
            .with_beta_2(beta2)
            .with_epsilon(epsilon)
            .with_weight_decay(weight_decay)
            .init(),
        (_, OptimizerKind::Rmsprop) => {
            RmsPropConfig::new().with_alpha(decay).with_momentum(momentum).with_epsilon(epsilon).init()
        }
        (_, OptimizerKind::Sgd) => {
            let momentum = config.momentum.filter(|momentum| *momentum > 0.0);
            let momentum = momentum.map(|momentum| MomentumConfig { momentum, dampening: 0.0, nesterov: false });
            SgdConfig::new().with_momentum(momentum).init()
        }
    }
}

#[cfg(test)]
mod tests;
