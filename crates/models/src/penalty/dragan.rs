//! Penalty on the norm of the gradient around real images: DRAGAN (Kodali et al. 2017, arXiv 1705.07215, section 2.3).
//! The paper leaves the noise open; this is that of the authors' program, uniform and as wide as the batch is varied.

use super::{Entry, GradientPenalty, Penalty, norms};
use crate::Stream;
use crate::check::{above_zero, at_least_one, at_least_zero};
use burn::tensor::{Tensor, TensorData};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On the gradient around real images.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dragan {
    /// The paper's λ.
    pub weight: f64,
    /// The norm that costs nothing; the paper's k.
    pub target: f64,
    /// Width of the noise in standard deviations of all values of the batch.
    pub scale: f64,
    /// Discriminator updates from one with the penalty to the next; its weight is multiplied by as much.
    pub every: u64,
}

impl Default for Dragan {
    fn default() -> Self {
        Self { weight: 10.0, target: 1.0, scale: 0.5, every: 1 }
    }
}

impl Settings for Dragan {
    const NAME: &'static str = "dragan";
}

impl Penalty for Dragan {
    fn entry() -> Entry {
        Entry {
            formula: "weight * mean (|g| - target)^2 at r + a scale std(r) u; a in [0, 1) an image, u in [0, 1) a pixel",
            settings: "weight (10), target (1), scale (0.5), every (1)",
            paper: "Kodali et al. 2017, arXiv 1705.07215",
        }
    }

    fn on_gradient(&self) -> Option<&dyn GradientPenalty> {
        Some(self)
    }

    fn every(&self) -> u64 {
        self.every
    }

    fn check(&self) -> Vec<Problem> {
        let (target, every) = (at_least_zero("target", self.target), at_least_one("every", self.every));
        [above_zero("weight", self.weight), target, above_zero("scale", self.scale), every]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl GradientPenalty for Dragan {
    /// Real images with noise.
    fn points(&self, real: Tensor<4>, _: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
        let shape = real.dims();
        let mut uniform = |shape: [usize; 4]| {
            let values = stream.uniforms(shape.iter().product(), 0.0, 1.0);
            Tensor::<4>::from_data(TensorData::new(values, shape), &real.device())
        };
        let (share, noise) = (uniform([shape[0], 1, 1, 1]), uniform(shape));
        self.noisy(real, share, noise)
    }

    fn value(&self, gradient: Tensor<4>) -> Tensor<1> {
        (norms(gradient) - self.target).square().mean() * self.weight
    }
}

impl Dragan {
    /// `share` is `[batch, 1, 1, 1]`, `noise` as large as the images.
    fn noisy(&self, real: Tensor<4>, share: Tensor<4>, noise: Tensor<4>) -> Tensor<4> {
        let mean = real.clone().mean().reshape([1, 1, 1, 1]);
        let deviation = (real.clone() - mean).square().mean().sqrt();
        let width = (deviation * self.scale).reshape([1, 1, 1, 1]);
        real + share * width * noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::penalty::fixture::{check, tensor};

    #[test]
    fn points_are_those_of_pytorch() {
        let [real, expected] = ["x_real", "x_dragan"].map(|name| tensor("points", name));
        check(expected, Dragan::default().noisy(real, tensor("draws", "alpha"), tensor("draws", "u")));
    }
}
