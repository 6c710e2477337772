//! Wasserstein GAN with the defaults of the paper's algorithm 1, on the networks of `dcgan`.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "wgan",
    about: "Wasserstein distance, the critic kept in bounds by clipping its weights",
    paper: "Arjovsky et al. 2017, arXiv 1701.07875",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "wasserstein",
                "penalty": { "kind": "clip", "bound": 0.01 },
            },
            "train": {
                "critic_steps": 5,
                "generator": { "optimizer": "rmsprop", "lr": 5e-5 },
                "discriminator": { "optimizer": "rmsprop", "lr": 5e-5 },
            },
        })
    },
};
