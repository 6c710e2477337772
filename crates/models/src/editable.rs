//! A generator with the numbers open that its samples follow from: for edits, and to be differentiated by them.

use crate::GeneratorInput;
use crate::layer::{Chain, Layer};
use burn::tensor::Tensor;

/// Which numbers a sample follows from are edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The latent vectors, often called Z.
    Latent,
    /// The styles that a mapping network makes of them, called W (Karras et al. 2019, arXiv 1812.04948).
    Style,
}

/// A generator from codes to samples, off the tape: only a code that is on it is differentiated by. Codes are `[batch, codes]`:
/// styles of a generator that has them, else latent vectors.
#[derive(Debug)]
pub struct Editable {
    /// All layers.
    layers: Chain,
    /// Those behind the style network, if there is one.
    behind: Chain,
}

impl Editable {
    /// Of a generator's layers with weights as they act ([`AnySampler::folded`](crate::task::AnySampler::folded)).
    pub fn new(layers: Chain) -> Self {
        let behind = Chain::new(layers.layers.iter().skip(1).cloned().collect());
        Self { layers, behind }
    }

    /// Which numbers its codes are.
    pub fn space(&self) -> Space {
        if matches!(self.layers.layers.first(), Some(Layer::Style(_))) { Space::Style } else { Space::Latent }
    }

    /// The codes of inputs.
    pub fn codes(&self, input: &GeneratorInput) -> Tensor<2> {
        match self.layers.layers.first() {
            Some(Layer::Style(network)) => network.style_of(&input.clone().numbers()),
            _ => input.latent.clone(),
        }
    }

    /// Samples `[batch, channels, height, width]` of codes, with classes, noise and further numbers of the input.
    pub fn samples(&self, codes: Tensor<2>, input: &GeneratorInput) -> Tensor<4> {
        match self.layers.layers.first() {
            Some(Layer::Style(network)) => self.behind.forward(network.of_style(&input.clone().numbers(), codes)),
            _ => self.layers.forward(upright(GeneratorInput { latent: codes, ..input.clone() }.numbers())),
        }
    }

    /// What the first layer makes of a code, `[codes, outputs]`, for codes of so many numbers; of styles, what all layers do that get
    /// them. `None` if the first layer is no matrix.
    pub fn weight(&self, codes: usize) -> Option<Tensor<2>> {
        match self.layers.layers.iter().find(|layer| !matches!(layer, Layer::View(_)))? {
            Layer::Style(network) => Some(network.affine_weights()),
            Layer::Dense(layer) => Some(layer.weight.val().narrow(0, 0, codes)),
            Layer::TransposedConvolution(layer) => {
                // `[in, out, height, width]`, of a code that is one pixel.
                let weight = layer.weight.val();
                let [inputs, ..] = weight.dims();
                (inputs >= codes).then(|| weight.flatten::<2>(1, 3).narrow(0, 0, codes))
            }
            _ => None,
        }
    }

    /// What is there behind the first layer, its normalisation and its activation, `[batch, features]`; of styles, the styles.
    pub fn activations(&self, input: &GeneratorInput) -> Tensor<2> {
        if self.space() == Space::Style {
            return self.codes(input);
        }
        let has_weights = |layer: &Layer| {
            matches!(
                layer,
                Layer::Dense(_)
                    | Layer::Convolution(_)
                    | Layer::TransposedConvolution(_)
                    | Layer::Residual(_)
                    | Layer::Skip(_)
                    | Layer::SelfAttention(_)
            )
        };
        let first = self.layers.layers.iter().position(has_weights).unwrap_or_default();
        let second = self.layers.layers.iter().skip(first + 1).position(has_weights);
        let end = second.map_or(self.layers.layers.len(), |second| first + 1 + second);
        let layers = Chain::new(self.layers.layers[..end].to_vec());
        layers.forward(upright(input.clone().numbers())).flatten(1, 3)
    }
}

/// `[batch, numbers]` to `[batch, numbers, 1, 1]`.
fn upright(numbers: Tensor<2>) -> Tensor<4> {
    let [batch, count] = numbers.dims();
    numbers.reshape([batch, count, 1, 1])
}
