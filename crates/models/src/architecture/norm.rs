//! Normalisation between a network's layers.

use crate::layer::{INSTANCE_NORM, Layer, Layers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `norm` of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// By the statistics of the batch (Ioffe and Szegedy 2015, arXiv 1502.03167).
    #[default]
    Batch,
    /// By those of each image (Ba et al. 2016, arXiv 1607.06450), which a penalty on the gradient allows.
    Layer,
    /// By those of each channel of each image (Ulyanov et al. 2016, arXiv 1607.08022), which a penalty on the gradient allows.
    Instance,
    /// None.
    None,
}

impl Norm {
    pub(super) fn is_batch(&self) -> bool {
        *self == Self::Batch
    }

    /// The layer that it is, if it is one.
    pub(super) fn layer(self, channels: usize, make: &Layers) -> Option<Layer> {
        match self {
            Self::Batch => Some(make.batch_norm(channels)),
            Self::Layer => Some(make.layer_norm(channels)),
            Self::Instance => Some(INSTANCE_NORM),
            Self::None => None,
        }
    }

    /// Why a discriminator with it has no input gradient, and what to set instead.
    pub(super) fn check_input_gradient(self) -> Option<String> {
        let why = "batch normalisation makes a logit depend on the whole batch";
        self.is_batch().then(|| format!("{why}: set `model.discriminator.norm: none`, `layer` or `instance`"))
    }
}
