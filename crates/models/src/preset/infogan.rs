//! InfoGAN with the codes and learning rates that the paper takes for digits (appendix C.1), on the networks of `dcgan`.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "infogan",
    about: "finds categories without labels",
    paper: "Chen et al. 2016, arXiv 1606.03657",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan" },
                "latent": { "dim": 62, "distribution": "normal" },
                "conditioning": { "kind": "info", "categorical": 10, "continuous": 2, "weight": 1.0, "continuous_weight": 0.1 },
                "loss": "non_saturating",
            },
            "train": {
                "generator": { "optimizer": "adam", "lr": 1e-3, "beta1": 0.5, "beta2": 0.999 },
                "discriminator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
            },
        })
    },
};
