//! PacGAN: the pair of `dcgan`, whose discriminator sees two images at once.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "pacgan",
    about: "dcgan with a discriminator that judges packs of two images",
    paper: "Lin et al. 2018, arXiv 1712.04086",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan" },
                "latent": { "dim": 100, "distribution": "uniform" },
                "loss": "non_saturating",
                "packing": 2,
            },
            "train": {
                "critic_steps": 1,
                "generator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
                "discriminator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
            },
        })
    },
};
