//! Auxiliary classifier GAN on the networks of `dcgan`, with the paper's optimizer settings (appendix A).

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "acgan",
    about: "the discriminator also predicts the class",
    paper: "Odena et al. 2017, arXiv 1610.09585",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan" },
                "latent": { "dim": 100, "distribution": "normal" },
                "conditioning": { "kind": "auxiliary_classifier", "weight": 1.0 },
                "loss": "non_saturating",
            },
        })
    },
};
