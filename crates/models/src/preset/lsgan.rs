//! Least-squares GAN on the networks of `dcgan`, after the paper's section 3.3.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "lsgan",
    about: "least squares instead of cross-entropy",
    paper: "Mao et al. 2017, arXiv 1611.04076",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "least_squares",
            },
        })
    },
};
