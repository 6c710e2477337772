//! The models of "Are GANs Created Equal?" (Lucic et al. 2018, arXiv 1711.10337) on its one neutral pair of networks, each with
//! what the study took for its authors' defaults. DRAGAN had batch normalisation in the discriminator there; its gradient
//! penalty is exact here and has none, as in the study's narrow search.

use super::Preset;
use serde_json::{Value, json};

const PAPER: &str = "Lucic et al. 2018, arXiv 1711.10337";

pub(super) const MM_GAN: Preset = Preset {
    name: "lucic-mm-gan",
    about: "the equal-GANs study: minimax loss",
    paper: PAPER,
    settings: || study("minimax", "batch", json!("none"), 1, (5e-5, 0.0)),
};

pub(super) const NS_GAN: Preset = Preset {
    name: "lucic-ns-gan",
    about: "the equal-GANs study: non-saturating loss",
    paper: PAPER,
    settings: || study("non_saturating", "batch", json!("none"), 1, (5e-5, 0.0)),
};

pub(super) const LSGAN: Preset = Preset {
    name: "lucic-lsgan",
    about: "the equal-GANs study: least squares",
    paper: PAPER,
    settings: || study("least_squares", "batch", json!("none"), 1, (2e-4, 0.5)),
};

pub(super) const WGAN: Preset = Preset {
    name: "lucic-wgan",
    about: "the equal-GANs study: Wasserstein loss, clipped weights, Adam",
    paper: PAPER,
    settings: || study("wasserstein", "batch", json!({ "kind": "clip", "bound": 0.01 }), 5, (5e-5, 0.5)),
};

pub(super) const WGAN_GP: Preset = Preset {
    name: "lucic-wgan-gp",
    about: "the equal-GANs study: Wasserstein loss, gradient penalty",
    paper: PAPER,
    settings: || {
        let penalty = json!({ "kind": "gradient_norm", "weight": 10.0, "target": 1.0 });
        study("wasserstein", "none", penalty, 5, (1e-4, 0.5))
    },
};

pub(super) const DRAGAN: Preset = Preset {
    name: "lucic-dragan",
    about: "the equal-GANs study: non-saturating loss, gradient penalty around the real images",
    paper: PAPER,
    settings: || {
        let penalty = json!({ "kind": "dragan", "weight": 10.0, "target": 1.0 });
        study("non_saturating", "none", penalty, 1, (1e-4, 0.5))
    },
};

pub(super) const BEGAN: Preset = Preset {
    name: "lucic-began",
    about: "the equal-GANs study: boundary equilibrium; its discriminator is an autoencoder",
    paper: PAPER,
    settings: || {
        let mut study = study("wasserstein", "none", json!("none"), 5, (1e-4, 0.5));
        study["model"]["loss"] = json!({ "kind": "boundary_equilibrium", "gamma": 0.75, "rate": 1e-3 });
        study["model"]["discriminator"] = json!({ "architecture": "autoencoder", "distance": "absolute" });
        study
    },
};

fn study(loss: &str, norm: &str, penalty: Value, critic_steps: u64, (lr, beta1): (f64, f64)) -> Value {
    let adam = json!({ "optimizer": "adam", "lr": lr, "beta1": beta1, "beta2": 0.999 });
    json!({
        "model": {
            "generator": { "architecture": "infogan" },
            "discriminator": { "architecture": "infogan", "norm": norm },
            "latent": { "dim": 64, "distribution": "uniform" },
            "loss": loss,
            "penalty": penalty,
        },
        "train": { "batch_size": 64, "critic_steps": critic_steps, "generator": adam, "discriminator": adam },
    })
}
