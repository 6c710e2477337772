//! Instance normalisation.

use super::Activation;
use super::activation::by_burn;
use super::node::{Operation, apply, dims, has_kernels, input, pixels, strided, upright};
use burn::tensor::Tensor;
use burn_flex::FlexTensor;
use kernels::{InstanceNorm, Moments};

/// f((x - mean) / deviation) of each channel of each sample.
pub(crate) fn instance_norm(x: Tensor<4>, epsilon: f64, activation: Activation) -> Tensor<4> {
    if has_kernels(&x) {
        apply(Norm { epsilon, activation }, [input(x)])
    } else {
        by_burn(standard(x, epsilon).0, activation)
    }
}

/// By Burn's operations, and the deviation that was divided by, `[batch, channels, 1, 1]`.
pub(crate) fn standard(x: Tensor<4>, epsilon: f64) -> (Tensor<4>, Tensor<4>) {
    let mean = |x: Tensor<4>| x.mean_dim(2).mean_dim(3);
    let centred = x.clone() - mean(x);
    let deviation = (mean(centred.clone().square()) + epsilon).sqrt();
    (centred / deviation.clone(), deviation)
}

#[derive(Clone, Debug)]
struct Norm {
    epsilon: f64,
    activation: Activation,
}

impl Norm {
    fn shape(&self, x: &FlexTensor) -> InstanceNorm {
        let [batch, channels, ..] = dims::<4>(x);
        InstanceNorm { instances: channels * batch, epsilon: self.epsilon }
    }
}

impl Operation<1> for Norm {
    /// x and y, and what x was normalised by.
    type Saved = (FlexTensor, FlexTensor, Moments);

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, Self::Saved) {
        let x = upright(x);
        let (shape, numbers) = (self.shape(&x), strided(&x).pixel_major());
        let moments = shape.moments(&numbers);
        let y = pixels(shape.forward(&numbers, &moments, self.activation), dims(&x));
        (y.clone(), (x, y, moments))
    }

    fn backward(self, (x, y, moments): Self::Saved, gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let gradient = upright(gradient);
        let [numbers, of_y, gradient] = [&x, &y, &gradient].map(|tensor| strided(tensor).pixel_major());
        let found = self.shape(&x).backward(&numbers, &moments, &of_y, &gradient, self.activation);
        [Some(pixels(found, dims(&x)))]
    }
}
