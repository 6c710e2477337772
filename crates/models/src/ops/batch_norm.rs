//! Batch normalisation by the statistics of the batch.

use super::Activation;
use super::activation::by_burn;
use super::node::{Operation, apply, dims, has_kernels, input, pixels, rows, strided, tensor, upright};
use burn::backend::Flex;
use burn::tensor::Tensor;
use burn::tensor::module::batch_norm_train;
use burn_flex::FlexTensor;
use kernels::{BatchNorm, Statistics};
use std::sync::{Arc, OnceLock};

/// f(gain (x - mean) / deviation + shift) of each channel, and the mean and the variance that the batch has there, off the
/// tape.
pub(crate) fn batch_norm(
    x: Tensor<4>,
    gain: Tensor<1>,
    shift: Tensor<1>,
    epsilon: f64,
    activation: Activation,
) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    if !has_kernels(&x) {
        let result = batch_norm_train(x, gain, shift, epsilon);
        return (by_burn(result.output, activation), result.mean.detach(), result.variance.detach());
    }
    let [batch, channels, ..] = x.dims();
    let on_tape = x.is_autodiff() || gain.is_autodiff();
    let found = Arc::new(OnceLock::new());
    let norm = Norm { shape: BatchNorm { channels, batch, epsilon }, activation, found: found.clone() };
    let y = apply(norm, [input(x), input(gain), input(shift)]);
    let Statistics { mean, variance } = found.get().expect("the forward pass leaves its statistics").clone();
    let [mean, variance] = [mean, variance].map(|numbers| {
        let numbers = Tensor::from_primitive::<Flex>(tensor(numbers, [channels]));
        if on_tape { numbers.autodiff() } else { numbers }
    });
    (y, mean, variance)
}

#[derive(Clone, Debug)]
struct Norm {
    shape: BatchNorm,
    activation: Activation,
    /// What the forward pass normalised by.
    found: Arc<OnceLock<Statistics>>,
}

impl Operation<3> for Norm {
    /// x, the gain and y.
    type Saved = [FlexTensor; 3];

    fn forward(&self, [x, gain, shift]: [FlexTensor; 3]) -> (FlexTensor, [FlexTensor; 3]) {
        let x = upright(x);
        let numbers = strided(&x).pixel_major();
        let statistics = self.found.get_or_init(|| self.shape.statistics(&numbers));
        let y = self.shape.forward(&numbers, statistics, [&rows(&gain), &rows(&shift)], self.activation);
        let y = pixels(y, dims(&x));
        (y.clone(), [x, gain, y])
    }

    fn backward(self, [x, gain, y]: [FlexTensor; 3], gradient: FlexTensor, _: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let gradient = upright(gradient);
        let statistics = self.found.get().expect("the forward pass leaves its statistics");
        let gradients = self.shape.backward(
            &strided(&x).pixel_major(),
            statistics,
            &rows(&gain),
            &strided(&y).pixel_major(),
            &strided(&gradient).pixel_major(),
            self.activation,
        );
        let channels = [self.shape.channels];
        [
            Some(pixels(gradients.input, dims(&x))),
            Some(tensor(gradients.gain, channels)),
            Some(tensor(gradients.shift, channels)),
        ]
    }
}
