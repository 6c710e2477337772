//! The GAN of the beginner's guide, as it was meant.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "guide",
    about: "the seed's GAN as it was meant: logits and BCE, generator really trained, pixels in [-1, 1]",
    paper: "Keras beginner's guide to GANs",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "guide" },
                "discriminator": { "architecture": "guide" },
                "latent": { "dim": 100, "distribution": "normal" },
                "loss": "non_saturating",
            },
        })
    },
};
