//! pix2pix with the paper's networks, weights and optimizers (appendix 6). The paper's batches are of 1 to 10 images.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "pix2pix",
    about: "translates images by pairs: U-Net, logits of patches, mean absolute difference",
    paper: "Isola et al. 2017, arXiv 1611.07004",
    settings: || {
        json!({
            "model": {
                "task": { "kind": "translation", "l1": 100.0, "adversarial": 1.0 },
                "generator": { "architecture": "unet" },
                "discriminator": { "architecture": "patchgan" },
                "loss": "non_saturating",
            },
            "train": {
                "batch_size": 8,
                "critic_steps": 1,
                "generator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
                "discriminator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
            },
        })
    },
};
