//! StyleGAN2 at small sizes: logistic loss, lazy R1, as in the paper's configuration for small images; the moving average
//! is the run's own.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "stylegan2",
    about: "mapping network, modulated convolutions and noise against residual blocks with lazy R1",
    paper: "Karras et al. 2020, arXiv 1912.04958",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "stylegan2" },
                "discriminator": { "architecture": "stylegan2" },
                "latent": { "dim": 128, "distribution": "normal" },
                "loss": "non_saturating",
                "penalty": { "kind": "r1", "weight": 1.0, "every": 16 },
            },
            "train": {
                "critic_steps": 1,
                "generator": { "optimizer": "adam", "lr": 2.5e-3, "beta1": 0.0, "beta2": 0.99 },
                "discriminator": { "optimizer": "adam", "lr": 2.5e-3, "beta1": 0.0, "beta2": 0.99 },
            },
        })
    },
};
