//! Adaptive augmentation (Karras et al. 2020, arXiv 2006.06676, section 3.1): the probability p of each operation grows
//! while the discriminator is too sure of the real images, r = mean sign(logit - threshold), and falls while it is not. The
//! paper's loss has the threshold 0.

use super::operation::column;
use super::{Augmentation, Operation, check_operations};
use crate::check::{at_least_one, refusal};
use crate::{Adaptation, Stream, Variables};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The variable that is p, from 0 on; its name in checkpoints.
pub(super) const PROBABILITY: &str = "value";

/// Each operation with a probability that grows while the discriminator learns the images by heart.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
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

impl Settings for Adaptive {
    const NAME: &'static str = "adaptive";
}

impl Augmentation for Adaptive {
    fn apply(&self, images: Tensor<4>, variables: &Variables, stream: &mut Stream) -> Tensor<4> {
        let probability = variables.get(PROBABILITY).reshape([1, 1, 1, 1]);
        self.operations.iter().fold(images, |images, operation| {
            let augmented = operation.apply(images.clone(), stream);
            let draws = column(stream.uniforms(images.dims()[0], 0.0, 1.0), &images);
            let chosen = draws.lower(probability.clone()).float();
            images.clone() + chosen * (augmented - images)
        })
    }

    fn variables(&self) -> Vec<(&'static str, f32)> {
        vec![(PROBABILITY, 0.0)]
    }

    fn needs_threshold(&self) -> bool {
        true
    }

    /// The paper moves p every four batches; here each batch moves it, a quarter as far.
    fn adapt(&self, real: &Tensor<1>, images: usize, variables: &Variables) -> Adaptation {
        let (probability, sureness) = (variables.get(PROBABILITY), real.clone().without_autodiff().sign().mean());
        let step = images as f64 / self.images as f64;
        let next = (probability.clone() + (sureness.clone() - self.target).sign() * step).clamp(0.0, 1.0);
        let scalars = vec![("augmentation/probability", probability), ("augmentation/sureness", sureness)];
        Adaptation { values: vec![(PROBABILITY, next)], scalars }
    }

    fn check(&self) -> Vec<Problem> {
        let target = refusal("in [-1, 1)", self.target, |target| (-1.0..1.0).contains(&target));
        let problems = [
            target.map(|refusal| Problem::at("target", refusal)),
            at_least_one("images", self.images),
            check_operations(&self.operations),
        ];
        problems.into_iter().flatten().collect()
    }
}
