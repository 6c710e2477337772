//! What the generator starts from.

use crate::Stream;
use burn::tensor::{Device, Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `run.model.latent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LatentConfig {
    /// Numbers in a latent vector.
    pub dim: usize,
    /// Their distribution.
    pub distribution: Distribution,
}

/// Distribution of a latent vector's components.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Mean 0, variance 1.
    Normal,
    /// In `[-1, 1)`.
    Uniform,
}

impl Default for LatentConfig {
    fn default() -> Self {
        Self { dim: 100, distribution: Distribution::Normal }
    }
}

impl LatentConfig {
    /// Draws `count * dim` numbers.
    fn numbers(&self, count: usize, stream: &mut Stream) -> Vec<f32> {
        match self.distribution {
            Distribution::Normal => stream.normals(count * self.dim, 1.0),
            Distribution::Uniform => stream.uniforms(count * self.dim, -1.0, 1.0),
        }
    }

    /// Draws `[count, dim]` latent vectors of numbers whose magnitude is at most `bound`, if there is one: those outside
    /// are drawn again, from the normal distribution.
    pub fn draw_within(&self, count: usize, bound: Option<f32>, stream: &mut Stream, device: &Device) -> Tensor<2> {
        let mut numbers = self.numbers(count, stream);
        let is_outside = |number: &f32| bound.is_some_and(|bound| number.abs() > bound);
        loop {
            let outside: Vec<&mut f32> = numbers.iter_mut().filter(|number| is_outside(number)).collect();
            if outside.is_empty() {
                break;
            }
            let again = stream.normals(outside.len(), 1.0);
            outside.into_iter().zip(again).for_each(|(number, again)| *number = again);
        }
        Tensor::from_data(TensorData::new(numbers, [count, self.dim]), device)
    }

    /// Draws `[count, dim]` latent vectors.
    pub fn draw(&self, count: usize, stream: &mut Stream, device: &Device) -> Tensor<2> {
        self.draw_within(count, None, stream, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_latents_are_normal_within_their_bound() {
        let latent = LatentConfig { dim: 10, distribution: Distribution::Normal };
        let draw = |bound| {
            let drawn = latent.draw_within(2000, bound, &mut Stream::new(1, "test", 0), &Device::flex());
            drawn.into_data().iter::<f32>().collect::<Vec<f32>>()
        };
        let (free, truncated) = (draw(None), draw(Some(0.5)));
        assert!(truncated.iter().all(|number| number.abs() <= 0.5));
        assert!(free.iter().zip(&truncated).all(|(free, truncated)| free.abs() > 0.5 || free == truncated));
        // Variance of a normal number within ±0.5: 1 - 2 t φ(t) / (2 Φ(t) - 1) with t = 0.5.
        let variance = truncated.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / 20_000.0;
        assert!((variance - 0.0806).abs() < 0.002, "{variance}");
        assert!(draw(Some(0.01)).iter().all(|number| number.abs() <= 0.01));
    }
}
