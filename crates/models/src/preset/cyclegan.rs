//! CycleGAN with the networks, weights and optimizers of the paper (section 4) and of the authors' program, which has the identity
//! term and batches of one image. Its least squares lack the half of this project's, hence the weight 2.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "cyclegan",
    about: "translates images without pairs: there and back, two discriminators",
    paper: "Zhu et al. 2017, arXiv 1703.10593",
    settings: || {
        json!({
            "model": {
                "task": { "kind": "unpaired", "cycle": 10.0, "identity": 0.5, "adversarial": 2.0, "pool": 50 },
                "generator": { "architecture": "residual" },
                "discriminator": { "architecture": "patchgan", "norm": "instance" },
                "loss": "least_squares",
            },
            "train": {
                "batch_size": 1,
                "critic_steps": 1,
                "generator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
                "discriminator": { "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999 },
            },
        })
    },
};
