//! Self-attention GAN: spectral normalisation in both networks, attention among their middle maps, the hinge loss and a
//! discriminator that learns four times as fast (sections 4 and 5). Half the paper's width or less, for small images; the
//! authors' networks are conditional.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "sagan",
    about: "residual networks with self-attention, both spectrally normalised, two time scales",
    paper: "Zhang et al. 2019, arXiv 1805.08318",
    settings: || {
        let network = json!({ "architecture": "resnet", "channels": 64, "attention": true, "spectral_norm": true });
        json!({
            "model": {
                "generator": network,
                "discriminator": network,
                "latent": { "dim": 128, "distribution": "normal" },
                "loss": "hinge",
            },
            "train": {
                "generator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.0, "beta2": 0.9 },
                "discriminator": { "optimizer": "adam", "lr": 4e-4, "beta1": 0.0, "beta2": 0.9 },
            },
        })
    },
};
