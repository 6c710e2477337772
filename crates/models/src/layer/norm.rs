//! Normalisation.

use super::Layer;
use crate::ops::{Activation, activate, batch_norm, instance_norm, standard as instance_standard};
use burn::module::{Module, Param};
use burn::nn::{self, BatchNormConfig, Initializer};
use burn::tensor::{Device, Tensor};

/// By the statistics of the batch (Ioffe and Szegedy 2015, arXiv 1502.03167), and by running ones when sampling. It makes
/// each sample's output depend on the whole batch, so it has no pullback.
#[derive(Module, Debug)]
pub struct BatchNorm {
    pub(crate) norm: nn::BatchNorm,
}

impl BatchNorm {
    pub fn new(config: BatchNormConfig, device: &Device) -> Self {
        Self { norm: config.init(device) }
    }

    /// A function of each output behind it. By the batch where the weights are on a device with autodiff.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let nn::BatchNorm { gamma, beta, running_mean, running_var, momentum, epsilon, .. } = &self.norm;
        if !x.device().is_autodiff() {
            return activate(self.norm.forward(x), activation);
        }
        if !gamma.val().device().is_autodiff() {
            // A network that samples, and whose input is differentiated by.
            let wide = |vector: Tensor<1>| vector.reshape([1, -1, 1, 1]);
            let scale = gamma.val() / (running_var.value_sync() + *epsilon).sqrt();
            let shift = beta.val() - running_mean.value_sync() * scale.clone();
            return activate(x * wide(scale) + wide(shift), activation);
        }
        let (y, mean, variance) = batch_norm(x, gamma.val(), beta.val(), *epsilon, activation);
        for (running, now) in [(running_mean, mean), (running_var, variance)] {
            running.update((running.value_sync() * (1.0 - momentum) + now * *momentum).detach());
        }
        y
    }
}

/// By the mean and the deviation of all numbers of a sample (Ba et al. 2016, arXiv 1607.06450), then a gain and a shift of
/// each channel, as in the critics of Gulrajani et al. 2017.
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// `[channels]`.
    pub(crate) gain: Param<Tensor<1>>,
    /// `[channels]`.
    pub(crate) shift: Param<Tensor<1>>,
}

/// Added to the variance.
pub(crate) const LAYER_NORM_EPSILON: f64 = 1e-5;

impl LayerNorm {
    pub fn new(channels: usize, device: &Device) -> Self {
        Self { gain: Initializer::Ones.init([channels], device), shift: Initializer::Zeros.init([channels], device) }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        standard(x).0 * wide(&self.gain) + wide(&self.shift)
    }

    /// Mean and deviation depend on the input: their share is the part of the gradient along 1 and along the result.
    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let (y, deviation) = standard(x.clone());
        let gradient = gradient * wide(&self.gain);
        let along = y.clone() * mean(gradient.clone() * y);
        (gradient.clone() - mean(gradient) - along) / deviation
    }
}

/// By the mean and the deviation of each channel of a sample (Ulyanov et al. 2016, arXiv 1607.08022), without gain and shift, as
/// in CycleGAN's program.
#[derive(Module, Debug)]
pub struct InstanceNorm {
    /// Added to the variance.
    pub(crate) epsilon: f64,
}

/// Each channel of each sample with mean 0 and variance 1.
pub const INSTANCE_NORM: Layer = Layer::InstanceNorm(InstanceNorm { epsilon: 1e-5 });

impl InstanceNorm {
    /// A function of each output behind it.
    pub fn forward_then(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        instance_norm(x, self.epsilon, activation)
    }

    /// As of [`LayerNorm`], channel by channel.
    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let mean = |x: Tensor<4>| x.mean_dim(2).mean_dim(3);
        let (y, deviation) = instance_standard(x.clone(), self.epsilon);
        let along = y.clone() * mean(gradient.clone() * y);
        (gradient.clone() - mean(gradient) - along) / deviation
    }
}

/// With mean 0 and variance 1, and the deviation that it was divided by, `[batch, 1, 1, 1]`.
fn standard(x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
    let centred = x.clone() - mean(x);
    let deviation = (mean(centred.clone().square()) + LAYER_NORM_EPSILON).sqrt();
    (centred / deviation.clone(), deviation)
}

/// Of each sample, `[batch, 1, 1, 1]`.
fn mean(x: Tensor<4>) -> Tensor<4> {
    x.mean_dim(1).mean_dim(2).mean_dim(3)
}

fn wide(vector: &Param<Tensor<1>>) -> Tensor<4> {
    vector.val().reshape([1, -1, 1, 1])
}
