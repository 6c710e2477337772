//! TGAN's networks with the critics of MoCoGAN, and the loss and optimizers of SNGAN, whose bound on the critic's weights it has.
//! `tgan` has the channels of the papers; `tgan-small` a quarter, for a CPU.

use super::Preset;
use serde_json::{Value, json};

const PAPER: &str = "Saito et al. 2017, arXiv 1611.06624";

pub(super) const PRESET: Preset = Preset {
    name: "tgan",
    about: "videos: a path of motion, an image generator for each frame; critics of frames and of clips",
    paper: PAPER,
    settings: || settings(64, 100, 32),
};

pub(super) const SMALL: Preset = Preset {
    name: "tgan-small",
    about: "the same with a quarter of the channels and half of the batch",
    paper: PAPER,
    settings: || settings(16, 32, 16),
};

fn settings(channels: usize, motion: usize, batch_size: usize) -> Value {
    let optimizer = json!({ "optimizer": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.9 });
    json!({
        "data": { "name": "moving-digits" },
        "model": {
            "generator": { "architecture": "tgan", "channels": channels, "motion_dim": motion },
            "discriminator": { "architecture": "tgan", "channels": channels },
            "latent": { "dim": 100 },
            "loss": "hinge",
        },
        "train": { "batch_size": batch_size, "critic_steps": 1, "generator": optimizer, "discriminator": optimizer },
    })
}
