//! Conditional GAN on dense networks, as the paper has for digits (section 4.1).

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "cgan",
    about: "classes as further inputs of both networks",
    paper: "Mirza and Osindero 2014, arXiv 1411.1784",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "mlp" },
                "discriminator": { "architecture": "mlp" },
                "latent": { "dim": 100, "distribution": "uniform" },
                "conditioning": "concat",
                "loss": "non_saturating",
            },
        })
    },
};
