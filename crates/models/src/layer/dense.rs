//! A dense layer.

use super::Layers;
use super::spectral::{SpectralNorm, effective};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;
use burn::tensor::module::linear;

/// y = x W + b on all numbers of a sample, whatever its shape.
#[derive(Module, Debug)]
pub(crate) struct Dense {
    /// `[in, out]`.
    weight: Param<Tensor<2>>,
    /// `[out]`.
    bias: Option<Param<Tensor<1>>>,
    spectral: Option<SpectralNorm>,
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
}

impl Dense {
    pub fn new(inputs: usize, outputs: usize, layers: &Layers) -> Self {
        let shape = [inputs, outputs];
        Self {
            weight: Initializer::Zeros.init(shape, layers.device),
            bias: Some(Initializer::Zeros.init([outputs], layers.device)),
            spectral: layers.spectral_norm.then(|| SpectralNorm::new(shape, layers.device)),
            scale: layers.scale(inputs),
        }
    }

    /// The same without b.
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// With a bias that starts at 1.
    pub fn around_one(inputs: usize, outputs: usize, layers: &Layers) -> Self {
        Self { bias: Some(Initializer::Ones.init([outputs], layers.device)), ..Self::new(inputs, outputs, layers) }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = linear(x.flatten::<2>(1, 3), self.effective(), self.bias.as_ref().map(Param::val));
        let [batch, outputs] = y.dims();
        y.reshape([batch, outputs, 1, 1])
    }

    pub fn pullback(&self, input: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        gradient.flatten::<2>(1, 3).matmul(self.effective().transpose()).reshape(input)
    }

    pub fn before_update(self) -> Self {
        let spectral = self.spectral.map(|norm| norm.iterate(self.weight.val()));
        Self { spectral, ..self }
    }

    fn effective(&self) -> Tensor<2> {
        effective(self.weight.val(), self.spectral.as_ref(), self.scale)
    }
}
