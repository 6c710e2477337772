//! Deep convolutional GAN with the paper's optimizer settings (section 4).

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "dcgan",
    about: "deep convolutional GAN for small images",
    paper: "Radford et al. 2016, arXiv 1511.06434",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "dcgan" },
                "discriminator": { "architecture": "dcgan" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "non_saturating",
            },
        })
    },
};
