//! Normalisation.

use burn::module::Module;
use burn::nn::{self, BatchNormConfig};
use burn::tensor::{Device, Tensor};

/// By the statistics of the batch (Ioffe and Szegedy 2015, arXiv 1502.03167), and by running ones when sampling. It makes
/// each sample's output depend on the whole batch, so it has no pullback.
#[derive(Module, Debug)]
pub(crate) struct BatchNorm {
    norm: nn::BatchNorm,
}

impl BatchNorm {
    pub fn new(channels: usize, device: &Device) -> Self {
        Self { norm: BatchNormConfig::new(channels).init(device) }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(x)
    }
}
