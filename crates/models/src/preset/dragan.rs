//! DRAGAN with the authors' penalty, on the networks of `dcgan` without batch normalisation in the discriminator. Learning
//! rate and β₁ are those of Lucic et al. 2018 (arXiv 1711.10337).

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "dragan",
    about: "cross-entropy with a gradient penalty around the real images",
    paper: "Kodali et al. 2017, arXiv 1705.07215",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan", "norm": "none" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "non_saturating",
                "penalty": { "kind": "dragan", "weight": 10.0, "target": 1.0 },
            },
            "train": {
                "generator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.999 },
                "discriminator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.999 },
            },
        })
    },
};
