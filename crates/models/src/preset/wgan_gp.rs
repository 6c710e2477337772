//! Wasserstein GAN with gradient penalty and the defaults of the paper's algorithm 1, on the networks of `dcgan` without
//! batch normalisation in the critic (section 4).

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "wgan-gp",
    about: "Wasserstein distance, the critic kept in bounds by its gradient's norm",
    paper: "Gulrajani et al. 2017, arXiv 1704.00028",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan", "norm": "none" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "wasserstein",
                "penalty": { "kind": "gradient_norm", "weight": 10.0, "target": 1.0 },
            },
            "train": {
                "critic_steps": 5,
                "generator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.0, "beta2": 0.9 },
                "discriminator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.0, "beta2": 0.9 },
            },
        })
    },
};
