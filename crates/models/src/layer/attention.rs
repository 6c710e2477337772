//! Self-attention: each pixel sees all others.

use super::Layers;
use super::convolution::Convolution;
use super::spectral::PowerIteration;
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::Tensor;
use burn::tensor::activation::softmax;
use kernels::Window;

/// x + γ o(x) where o mixes the values of all pixels by how well their keys meet this pixel's query (Zhang et al. 2019,
/// arXiv 1805.08318, eqs. 1-3). γ starts at 0.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// The paper's f.
    pub(crate) key: Convolution,
    /// The paper's g.
    pub(crate) query: Convolution,
    /// The paper's h.
    pub(crate) value: Convolution,
    /// The paper's v.
    pub(crate) output: Convolution,
    /// γ, `[1]`.
    pub(crate) share: Param<Tensor<1>>,
}

/// What a pass comes to before the output's convolution; `[batch, channels, pixels]`.
struct Pass {
    key: Tensor<3>,
    query: Tensor<3>,
    value: Tensor<3>,
    /// `[batch, pixel seen, pixel]`; sums to 1 over the pixels seen.
    weight: Tensor<3>,
}

impl SelfAttention {
    /// Keys and queries of `narrow` channels, values of `wide`.
    pub fn new(channels: usize, [narrow, wide]: [usize; 2], layers: &Layers) -> Self {
        let convolution = |from, to| Convolution::new([from, to], Window::same([1; 2], [1; 2]), layers);
        Self {
            key: convolution(channels, narrow),
            query: convolution(channels, narrow),
            value: convolution(channels, wide),
            output: convolution(wide, channels),
            share: Initializer::Zeros.init([1], layers.device),
        }
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = x.dims();
        let pass = self.pass(&x);
        let mixed = maps(pass.value.matmul(pass.weight), [height, width]);
        x + self.output.forward(mixed) * self.share()
    }

    /// By the chain rule through the softmax; the pass is made again rather than kept.
    pub fn pullback(&self, x: &Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let Pass { key, query, value, weight } = self.pass(x);
        let wide = [batch, value.dims()[1], height, width];
        let at_mixed = flat(self.output.pullback(wide, gradient.clone() * self.share()));
        let at_weight = value.transpose().matmul(at_mixed.clone());
        let mean = (weight.clone() * at_weight.clone()).sum_dim(1);
        let at_score = weight.clone() * (at_weight - mean);
        let at_value = at_mixed.matmul(weight.transpose());
        let at_key = query.matmul(at_score.clone().transpose());
        let at_query = key.matmul(at_score);
        let ways = [(&self.key, at_key), (&self.query, at_query), (&self.value, at_value)];
        ways.into_iter().fold(gradient, |sum, (convolution, gradient)| {
            sum + convolution.pullback([batch, channels, height, width], maps(gradient, [height, width]))
        })
    }

    /// With its weights as they act.
    pub(crate) fn folded(self) -> Self {
        Self {
            key: self.key.folded(),
            query: self.query.folded(),
            value: self.value.folded(),
            output: self.output.folded(),
            share: self.share,
        }
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        Self {
            key: self.key.follow(power),
            query: self.query.follow(power),
            value: self.value.follow(power),
            output: self.output.follow(power),
            share: self.share,
        }
    }

    fn pass(&self, x: &Tensor<4>) -> Pass {
        let [key, query, value] = [&self.key, &self.query, &self.value].map(|way| flat(way.forward(x.clone())));
        let weight = softmax(key.clone().transpose().matmul(query.clone()), 1);
        Pass { key, query, value, weight }
    }

    fn share(&self) -> Tensor<4> {
        self.share.val().reshape([1, 1, 1, 1])
    }
}

fn flat(maps: Tensor<4>) -> Tensor<3> {
    maps.flatten(2, 3)
}

fn maps(flat: Tensor<3>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, _] = flat.dims();
    flat.reshape([batch, channels, height, width])
}
