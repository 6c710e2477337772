//! Dense layers only: the smallest step.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "mlp",
    about: "dense layers only: the quickest to train on a CPU",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "mlp" },
                "discriminator": { "architecture": "mlp" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "non_saturating",
            },
        })
    },
};
