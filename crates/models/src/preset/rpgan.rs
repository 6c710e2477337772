//! Relativistic paired GAN with R1 and R2, the loss of "The GAN is dead; long live the GAN!" (Huang et al. 2024), on the
//! networks of `dcgan` without batch normalisation in the discriminator.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "rpgan",
    about: "relativistic pairs with zero-centred penalties on both sides",
    paper: "Huang et al. 2024, arXiv 2501.05441; Jolicoeur-Martineau 2018, arXiv 1807.00734",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan", "norm": "none" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "relativistic",
                "penalty": [{ "kind": "r1", "weight": 1.0 }, { "kind": "r2", "weight": 1.0 }],
            },
            "train": {
                "generator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.0, "beta2": 0.99 },
                "discriminator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.0, "beta2": 0.99 },
            },
        })
    },
};
