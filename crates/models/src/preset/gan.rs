//! The GAN of eq. 1: dense layers, uniform latents. Its maxout units, dropout and plain gradient descent are LeakyReLU and
//! Adam here.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "gan",
    about: "the first GAN: dense layers in a minimax game",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "mlp" },
                "discriminator": { "architecture": "mlp" },
                "latent": { "dim": 100, "distribution": "uniform" },
                "loss": "minimax",
            },
        })
    },
};
