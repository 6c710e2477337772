//! What adapts while a generator and a discriminator learn: saved in checkpoints, kept on the device.

use crate::{ModelConfig, Variables};
use burn::module::Module;
use burn::tensor::Device;

/// Empty unless a setting adapts.
#[derive(Module, Debug)]
pub struct State {
    /// Of the augmentation.
    pub(crate) augmentation: Variables,
    /// Of the loss; named in checkpoints after what the boundary equilibrium keeps.
    pub(crate) balance: Variables,
}

impl State {
    pub(crate) fn new(model: &ModelConfig, device: &Device) -> Self {
        Self {
            augmentation: Variables::new(model.augmentation.variables(), device),
            balance: Variables::new(model.loss.variables(), device),
        }
    }
}
