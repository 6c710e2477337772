//! Projection discriminator: hinge loss, spectral normalisation and the optimizer settings of the paper (section 4), five
//! updates of the discriminator, on the networks of `dcgan` without batch normalisation in the discriminator.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "projection",
    about: "classes in the logit, hinge loss, spectral normalisation",
    paper: "Miyato and Koyama 2018, arXiv 1802.05637",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan", "norm": "none", "spectral_norm": true },
                "latent": { "dim": 100, "distribution": "normal" },
                "conditioning": "projection",
                "loss": "hinge",
            },
            "train": {
                "critic_steps": 5,
                "generator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.0, "beta2": 0.9 },
                "discriminator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.0, "beta2": 0.9 },
            },
        })
    },
};
