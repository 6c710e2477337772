//! What a game remembers from turn to turn besides its networks: saved in checkpoints, kept on the device.

use crate::ModelConfig;
use crate::augmentation::{Augmentation, Probability};
use crate::loss::{Balance, Loss};
use burn::module::Module;
use burn::tensor::Device;

/// Empty but for games that adapt.
#[derive(Module, Debug)]
pub struct State {
    /// Of adaptive augmentation.
    pub(crate) augmentation: Option<Probability>,
    /// Of the boundary equilibrium.
    pub(crate) balance: Option<Balance>,
}

impl State {
    pub(crate) fn new(model: &ModelConfig, device: &Device) -> Self {
        let adaptive = matches!(model.augmentation, Augmentation::Adaptive(_));
        let balanced = matches!(model.loss, Loss::BoundaryEquilibrium(_));
        Self {
            augmentation: adaptive.then(|| Probability::new(device)),
            balance: balanced.then(|| Balance::new(device)),
        }
    }
}
