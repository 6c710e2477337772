//! Penalty on the norm of the gradient between real and generated images: WGAN-GP (Gulrajani et al. 2017,
//! arXiv 1704.00028, eq. 3) and, one-sided, WGAN-LP (Petzka et al. 2018, arXiv 1709.08894, eq. 8).

use super::{Entry, GradientPenalty, Penalty, norms};
use crate::Stream;
use crate::check::{above_zero, at_least_one, at_least_zero};
use burn::tensor::activation::relu;
use burn::tensor::{Tensor, TensorData};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On the gradient between real and generated images.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GradientNorm {
    /// The papers' λ.
    pub weight: f64,
    /// The norm that costs nothing.
    pub target: f64,
    /// Only norms above the target cost.
    pub one_sided: bool,
    /// Discriminator updates from one with the penalty to the next; its weight is multiplied by as much.
    pub every: u64,
}

impl Default for GradientNorm {
    fn default() -> Self {
        Self { weight: 10.0, target: 1.0, one_sided: false, every: 1 }
    }
}

impl Settings for GradientNorm {
    const NAME: &'static str = "gradient_norm";
}

impl Penalty for GradientNorm {
    fn entry() -> Entry {
        Entry {
            formula: "weight * mean (|g| - target)^2 at a r + (1 - a) f; one-sided: max(0, |g| - target)^2",
            settings: "weight (10), target (1), one_sided (false), every (1)",
            paper: "Gulrajani et al. 2017, arXiv 1704.00028; Petzka et al. 2018, arXiv 1709.08894",
        }
    }

    fn on_gradient(&self) -> Option<&dyn GradientPenalty> {
        Some(self)
    }

    fn every(&self) -> u64 {
        self.every
    }

    fn check(&self) -> Vec<Problem> {
        let weight = above_zero("weight", self.weight);
        [weight, at_least_zero("target", self.target), at_least_one("every", self.every)]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl GradientPenalty for GradientNorm {
    /// A point on the line between each pair of images, uniform along it.
    fn points(&self, real: Tensor<4>, fake: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
        let [batch, ..] = real.dims();
        let share = TensorData::new(stream.uniforms(batch, 0.0, 1.0), [batch, 1, 1, 1]);
        between(real.clone(), fake, Tensor::from_data(share, &real.device()))
    }

    fn value(&self, gradient: Tensor<4>) -> Tensor<1> {
        let excess = norms(gradient) - self.target;
        let excess = if self.one_sided { relu(excess) } else { excess };
        excess.square().mean() * self.weight
    }
}

/// `share` `[batch, 1, 1, 1]` of the real image, the rest of the generated one.
fn between(real: Tensor<4>, fake: Tensor<4>, share: Tensor<4>) -> Tensor<4> {
    share.clone() * real + (share.neg() + 1.0) * fake
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::penalty::fixture::{check, tensor};

    #[test]
    fn points_are_those_of_pytorch() {
        let [real, fake, expected] = ["x_real", "x_fake", "x_hat"].map(|name| tensor("points", name));
        check(expected, between(real, fake, tensor("draws", "alpha")));
    }

    #[test]
    fn a_point_has_one_share_for_its_whole_image() {
        let device = burn::tensor::Device::flex();
        let (real, fake) = (Tensor::ones([64, 1, 4, 4], &device), Tensor::zeros([64, 1, 4, 4], &device));
        let points = GradientNorm::default().points(real, fake, &mut Stream::new(0, "test", 0)).into_data();
        let values: Vec<f32> = points.iter().collect();
        let shares: Vec<f32> = values.chunks(16).map(|image| image[0]).collect();
        assert!(values.chunks(16).all(|image| image.iter().all(|value| *value == image[0])));
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        // Standard error of the mean of 64 shares: 0.036.
        let mean = shares.iter().sum::<f32>() / 64.0;
        assert!((mean - 0.5).abs() < 0.15, "{mean}");
    }
}
