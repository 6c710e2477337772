//! Boundary equilibrium GAN with the paper's γ, λ and learning rate (section 4.1), on smaller networks.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "began",
    about: "energies of real and generated images in a fixed ratio",
    paper: "Berthelot et al. 2017, arXiv 1703.10717",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "autoencoder" },
                "discriminator": { "architecture": "autoencoder", "distance": "absolute" },
                "latent": { "dim": 64, "distribution": "uniform" },
                "loss": { "kind": "boundary_equilibrium", "gamma": 0.5, "rate": 0.001 },
            },
            "train": {
                "generator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.999 },
                "discriminator": { "optimizer": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.999 },
            },
        })
    },
};
