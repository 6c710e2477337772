//! `run.model.minibatch`: what shows a discriminator how varied a batch is.

use crate::layer::{Layer, Layers, MINIBATCH_DEVIATION, view};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Salimans et al. 2016 take 100 and 5 for digits, 50 and 5 in their larger networks.
pub(crate) const KERNELS: usize = 50;
pub(crate) const DIMENSIONS: usize = 5;

/// More features, made of the whole batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Minibatch {
    /// None.
    #[default]
    None,
    /// Their mean standard deviation in groups of four images (Karras et al. 2018, arXiv 1710.10196, section 3).
    StandardDeviation,
    /// 50 sums of likenesses to all images of the batch, learnt in 5 dimensions each (Salimans et al. 2016,
    /// arXiv 1606.03498, section 3.2).
    Discrimination,
}

impl Minibatch {
    /// The layers behind `features` numbers, and how many numbers they make of them.
    pub(crate) fn layers(self, features: usize, make: &Layers) -> (Vec<Layer>, usize) {
        let flat = view([features, 1, 1]);
        match self {
            Self::None => (Vec::new(), features),
            Self::StandardDeviation => (vec![flat, MINIBATCH_DEVIATION], features + 1),
            Self::Discrimination => {
                (vec![flat, make.minibatch_discrimination(features, KERNELS, DIMENSIONS)], features + KERNELS)
            }
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }
}
