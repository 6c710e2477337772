//! What a game remembers from turn to turn besides its networks: saved in checkpoints, kept on the device.

use crate::augmentation::{Augmentation, Probability};
use crate::{ModelConfig, Variables};
use burn::module::Module;
use burn::tensor::Device;

/// Empty but for games that adapt.
#[derive(Module, Debug)]
pub struct State {
    /// Of adaptive augmentation.
    pub(crate) augmentation: Option<Probability>,
    /// Of the loss; named in checkpoints after what the boundary equilibrium keeps.
    pub(crate) balance: Variables,
}

impl State {
    pub(crate) fn new(model: &ModelConfig, device: &Device) -> Self {
        let adaptive = matches!(model.augmentation, Augmentation::Adaptive(_));
        Self {
            augmentation: adaptive.then(|| Probability::new(device)),
            balance: Variables::new(model.loss.variables(), device),
        }
    }
}
