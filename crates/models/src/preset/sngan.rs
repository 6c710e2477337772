//! Spectrally normalised GAN with the paper's hinge loss, on the networks of `dcgan` without batch normalisation in the
//! discriminator; five discriminator updates and β₁ = 0, β₂ = 0.9 as in its residual networks.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "sngan",
    about: "hinge loss, every weight of the discriminator divided by its largest singular value",
    paper: "Miyato et al. 2018, arXiv 1802.05957",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan", "norm": "none", "spectral_norm": true },
                "latent": { "dim": 100, "distribution": "normal" },
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
