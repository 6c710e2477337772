//! Adaptive augmentation (Karras et al. 2020, arXiv 2006.06676, section 3.1): the probability p of each operation grows
//! while the discriminator is too sure of the real images, r = mean sign(logit), and falls while it is not.

use super::Operation;
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ kind: adaptive }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adaptive {
    /// In this order.
    pub operations: Vec<Operation>,
    /// The r to keep to, in (-1, 1).
    pub target: f64,
    /// Real images in which p goes from 0 to 1 at most.
    pub images: u64,
}

/// Section 3.1's values; the operations of the paper's pipeline that are here.
impl Default for Adaptive {
    fn default() -> Self {
        use Operation::{Brightness, Contrast, Flip, Saturation, Translation};
        Self { operations: vec![Flip, Translation, Brightness, Contrast, Saturation], target: 0.6, images: 500_000 }
    }
}

impl Adaptive {
    pub(super) fn check(&self) -> Vec<String> {
        let target = (!(-1.0..1.0).contains(&self.target)).then(|| "`target` must be in [-1, 1)".to_owned());
        let images = (self.images == 0).then(|| "`images` must be at least 1".to_owned());
        target.into_iter().chain(images).collect()
    }
}

/// p, state of the game.
#[derive(Module, Debug)]
pub(crate) struct Probability {
    /// `[1]`, off the tape.
    value: Param<Tensor<1>>,
}

impl Probability {
    /// 0.
    pub fn new(device: &Device) -> Self {
        Self { value: Param::initialized(ParamId::new(), Tensor::zeros([1], device)) }
    }

    pub fn value(&self) -> Tensor<1> {
        self.value.val().detach()
    }

    /// After a batch of so many `images` whose real ones have the mean sign r `[1]` of their logits. The paper moves p
    /// every four batches; here each batch moves it, a quarter as far.
    pub fn after(&self, r: Tensor<1>, images: usize, settings: &Adaptive) -> Self {
        let step = images as f64 / settings.images as f64;
        let next = (self.value() + (r - settings.target).sign() * step).clamp(0.0, 1.0);
        Self { value: self.value.clone().map(|_| next.detach()) }
    }
}
