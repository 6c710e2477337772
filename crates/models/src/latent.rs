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
    pub fn numbers(&self, count: usize, stream: &mut Stream) -> Vec<f32> {
        match self.distribution {
            Distribution::Normal => stream.normals(count * self.dim, 1.0),
            Distribution::Uniform => stream.uniforms(count * self.dim, -1.0, 1.0),
        }
    }

    /// Draws `[count, dim]` latent vectors.
    pub fn draw(&self, count: usize, stream: &mut Stream, device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.numbers(count, stream), [count, self.dim]), device)
    }
}
