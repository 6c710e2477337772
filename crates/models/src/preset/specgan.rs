//! SpecGAN with the settings of the authors' program: networks of `dcgan` with kernels of 5 and without normalisation, on
//! spectrograms; loss, penalty and optimizers are those of `wavegan`. `specgan` has the paper's sizes; `specgan-small` a
//! quarter of the channels and of the batch, for a CPU.

use super::Preset;
use serde_json::{Value, json};

const PAPER: &str = "Donahue et al. 2019, arXiv 1802.04208";

pub(super) const PRESET: Preset = Preset {
    name: "specgan",
    about: "sounds by 2-D convolutions on their spectrograms, as published",
    paper: PAPER,
    settings: || settings(64, 64),
};

pub(super) const SMALL: Preset = Preset {
    name: "specgan-small",
    about: "the same with a quarter of the channels and of the batch",
    paper: PAPER,
    settings: || settings(16, 16),
};

fn settings(channels: usize, batch_size: usize) -> Value {
    let network = json!({ "architecture": "dcgan", "channels": channels, "kernel": 5, "norm": "none" });
    let optimizer = json!({ "optimizer": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.9 });
    json!({
        "data": { "name": "drums" },
        "model": {
            "representation": "spectrogram",
            "generator": network,
            "discriminator": network,
            "initialization": "glorot_uniform",
            "latent": { "dim": 100, "distribution": "uniform" },
            "loss": "wasserstein",
            "penalty": { "kind": "gradient_norm", "weight": 10.0, "target": 1.0 },
        },
        "train": { "batch_size": batch_size, "critic_steps": 5, "generator": optimizer, "discriminator": optimizer },
    })
}
