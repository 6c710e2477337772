//! Layers that show a discriminator how varied the batch is: a generator that makes the same image again and again is
//! found out. A sample's output depends on the others', so the pullback gives the gradient of the sum of all outputs.

use super::{Layer, Layers};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;

/// Inside the root of a variance.
pub(crate) const VARIANCE_EPSILON: f64 = 1e-8;

/// Minibatch standard deviation (Karras et al. 2018, arXiv 1710.10196, section 3): one more channel, which has the mean
/// over all features of their standard deviation in a group of samples.
#[derive(Module, Debug)]
pub struct MinibatchDeviation {
    /// Samples of a group; all of a batch that has not as many, or that they do not divide.
    pub(crate) group: usize,
}

/// One more channel with the standard deviation in groups of four, as in StyleGAN2.
pub const MINIBATCH_DEVIATION: Layer = Layer::MinibatchDeviation(MinibatchDeviation { group: 4 });

impl MinibatchDeviation {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, _, height, width] = x.dims();
        let (_, deviation) = self.deviation(&x);
        let group = batch / deviation.dims()[1];
        // [1, groups, 1] to one number a sample.
        let channel = deviation.mean_dim(2).repeat_dim(0, group).reshape([batch, 1, 1, 1]);
        Tensor::cat(vec![x, channel.expand([batch, 1, height, width])], 1)
    }

    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let channels = x.dims()[1];
        let through = gradient.clone().narrow(1, 0, channels);
        let (centred, deviation) = self.deviation(x);
        let [group, groups, features] = centred.dims();
        // All that a group's number was written to.
        let total = gradient.narrow(1, channels, 1).reshape([group, groups, area(x)]);
        let total = total.sum_dim(2).sum_dim(0);
        through + (centred / deviation * total / (group * features) as f64).reshape(x.dims())
    }

    /// Features less their mean in the group, `[group, groups, features]`, and their deviation, `[1, groups, features]`.
    /// Sample n is in group n modulo the number of groups.
    fn deviation(&self, x: &Tensor<4>) -> (Tensor<3>, Tensor<3>) {
        let [batch, channels, ..] = x.dims();
        let group = if batch.is_multiple_of(self.group) { self.group } else { batch };
        let x = x.clone().reshape([group, batch / group, channels * area(x)]);
        let centred = x.clone() - x.mean_dim(0);
        let deviation = (centred.clone().square().mean_dim(0) + VARIANCE_EPSILON).sqrt();
        (centred, deviation)
    }
}

fn area(x: &Tensor<4>) -> usize {
    let [.., height, width] = x.dims();
    height * width
}

/// Minibatch discrimination (Salimans et al. 2016, arXiv 1606.03498, section 3.2): more features, one for each kernel:
/// the sum over the batch of exp(-|difference|₁) of learnt views of the samples.
#[derive(Module, Debug)]
pub struct MinibatchDiscrimination {
    /// The paper's T: `[features, kernels * dimensions]`.
    pub(crate) weight: Param<Tensor<2>>,
    pub(crate) kernels: usize,
}

impl MinibatchDiscrimination {
    pub fn new(features: usize, kernels: usize, dimensions: usize, layers: &Layers) -> Self {
        Self { weight: Initializer::Zeros.init([features, kernels * dimensions], layers.device), kernels }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let batch = x.dims()[0];
        let x = x.flatten::<2>(1, 3);
        let (likeness, _) = self.likeness(x.clone());
        let sums = likeness.sum_dim(1).reshape([batch, self.kernels]);
        let y = Tensor::cat(vec![x, sums], 1);
        let features = y.dims()[1];
        y.reshape([batch, features, 1, 1])
    }

    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let (shape, kernels) = (x.dims(), self.kernels);
        let gradient = gradient.flatten::<2>(1, 3);
        let x = x.clone().flatten::<2>(1, 3);
        let [batch, features] = x.dims();
        let of_sums = gradient.clone().narrow(1, features, kernels);
        let (likeness, difference) = self.likeness(x);
        // The likeness of two samples is in the sums of both.
        let both = of_sums.clone().reshape([batch, 1, kernels]) + of_sums.reshape([1, batch, kernels]);
        let slope = (likeness * both).reshape([batch, batch, kernels, 1]) * difference.sign();
        let views = slope.sum_dim(1).neg().reshape([batch as i64, -1]);
        let through = gradient.narrow(1, 0, features);
        (through + views.matmul(self.weight.val().transpose())).reshape(shape)
    }

    /// exp(-|difference|₁) `[batch, batch, kernels]`, and the differences `[batch, batch, kernels, dimensions]`.
    fn likeness(&self, x: Tensor<2>) -> (Tensor<3>, Tensor<4>) {
        let views = x.matmul(self.weight.val());
        let [batch, width] = views.dims();
        let (kernels, dimensions) = (self.kernels, width / self.kernels);
        let of = |first, second| views.clone().reshape([first, second, kernels, dimensions]);
        let difference = of(batch, 1) - of(1, batch);
        let distance = difference.clone().abs().sum_dim(3).reshape([batch, batch, kernels]);
        (distance.neg().exp(), difference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::fixture::{check, same, tensor};
    use crate::{Initialization, Stream};
    use burn::tensor::{Device, TensorData};

    #[test]
    fn deviations_are_those_of_pytorch() {
        check("minibatch_stddev_g4", MINIBATCH_DEVIATION, &[]);
        check("minibatch_stddev_all", MINIBATCH_DEVIATION, &[]);
    }

    fn discrimination(device: &Device) -> MinibatchDiscrimination {
        let layers = Layers { device, spectral_norm: false, equalized: false, frames: 1 };
        Initialization::Normal { deviation: 0.3 }.apply(MinibatchDiscrimination::new(6, 4, 3, &layers), 1, "test")
    }

    #[test]
    fn the_pullback_of_discrimination_is_that_of_autodiff() {
        let device = Device::flex().autodiff();
        let layer = discrimination(&device);
        let numbers = |purpose, shape: [usize; 4]| {
            let values = Stream::new(1, purpose, 0).normals(shape.iter().product(), 1.0);
            Tensor::<4>::from_data(TensorData::new(values, shape), &device)
        };
        let (x, gradient) = (numbers("x", [5, 6, 1, 1]).require_grad(), numbers("gradient", [5, 10, 1, 1]));
        let by_autodiff = x.grad(&(layer.forward(x.clone()) * gradient.clone()).sum().backward()).unwrap();
        same("pullback", by_autodiff, layer.pullback(&x, gradient));
    }

    /// With one kernel and one dimension: the paper's o(x_i) = Σ_j exp(-|w (x_i - x_j)|).
    #[test]
    fn discrimination_sums_the_likeness_to_all_samples() {
        let device = Device::flex();
        let layer =
            MinibatchDiscrimination { weight: Param::from_tensor(Tensor::from_data([[2.0]], &device)), kernels: 1 };
        let x = Tensor::from_data(TensorData::new(vec![0.0f32, 1.0, 1.5], [3, 1, 1, 1]), &device);
        let [near, far, farthest] = [1.0f32, 2.0, 3.0].map(|distance| (-distance).exp());
        let expected = vec![0.0, 1.0 + far + farthest, 1.0, 1.0 + far + near, 1.5, 1.0 + farthest + near];
        same("sums", tensor(expected, [3, 2, 1, 1], &device), layer.forward(x));
    }
}
