//! Energy-based GAN with the pulling-away term (section 2.4), on convolutional networks without normalisation.

use super::Preset;
use serde_json::json;

pub(super) const PRESET: Preset = Preset {
    name: "ebgan",
    about: "the discriminator is an autoencoder, its error the energy",
    paper: "Zhao et al. 2017, arXiv 1609.03126",
    settings: || {
        json!({
            "model": {
                "generator": { "architecture": "autoencoder" },
                "discriminator": { "architecture": "autoencoder", "distance": "squared" },
                "latent": { "dim": 64, "distribution": "uniform" },
                "loss": { "kind": "energy", "margin": 1.0, "pulling_away": 0.1 },
            },
        })
    },
};
