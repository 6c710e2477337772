//! [`gan`](super::gan) with the generator's loss of section 3.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "nsgan",
    about: "the first GAN with a generator that learns from a sure discriminator",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "mlp" },
                "discriminator": { "architecture": "mlp" },
                "latent": { "dim": 100, "distribution": "uniform" },
                "loss": "non_saturating",
            },
        })
    },
};
