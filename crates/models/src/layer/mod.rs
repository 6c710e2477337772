//! The layers that networks are chains of. Each file owns one or a few of a kind.
//!
//! Every layer knows two things: what it makes of its input, and how a gradient at its output becomes one at its input
//! (its pullback), written out as operations on its weights. A chain's pullback is therefore an expression that autodiff
//! differentiates by the weights: the exact gradient penalties of discriminators come from it, whatever layers they are
//! made of, although Burn differentiates once.
//!
//! # Shapes
//! All values are `[batch, channels, height, width]`; a vector is `[batch, length, 1, 1]`.

pub mod spectral;

mod activation;
mod attention;
mod beside;
mod convolution;
mod dense;
mod draws;
mod dropout;
mod fit;
pub(crate) mod log_spectrogram;
mod maps;
mod maxout;
mod minibatch;
mod norm;
mod per_frame;
mod phase_shuffle;
mod recurrent;
mod reflect;
mod resample;
mod residual;
mod skip;
mod style;
mod view;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use activation::{LEAKY_RELU, LEAKY_RELU_GAIN, RELU, SIGMOID, TANH, leaky, leaky_with_gain, times};
pub use beside::{of_parts, side_by_side};
pub use draws::Draws;
pub use dropout::dropout;
pub use fit::fit;
pub use maxout::maxout;
pub use minibatch::MINIBATCH_DEVIATION;
pub use norm::INSTANCE_NORM;
pub use per_frame::per_frame;
pub use phase_shuffle::phase_shuffle;
pub use reflect::reflect;
pub use resample::{SUM, average, half_smooth, repeat};
pub use view::view;

pub(crate) use convolution::Convolution;
pub(crate) use dense::Dense;
pub(crate) use log_spectrogram::LogSpectrogram;
pub(crate) use minibatch::{MinibatchDeviation, MinibatchDiscrimination, VARIANCE_EPSILON};
pub(crate) use norm::LAYER_NORM_EPSILON;
pub(crate) use per_frame::PerFrame;
pub(crate) use recurrent::Recurrent;
pub(crate) use resample::{Resample, Size, taps};
pub(crate) use residual::Residual;
pub(crate) use skip::Skip;
pub(crate) use style::{
    MAPPING, ModulatedConvolution, STYLE_EPSILON, STYLED, StyleBlock, StyleNetwork, StyledConvolution,
};

use crate::ops;
use activation::Activation;
use attention::SelfAttention;
use beside::Beside;
use burn::module::Module;
use burn::nn::BatchNormConfig;
use burn::tensor::{Device, Tensor};
use convolution::TransposedConvolution;
use dropout::Dropout;
use fit::Fit;
pub use kernels::Window;
use maxout::Maxout;
use norm::{BatchNorm, InstanceNorm, LayerNorm};
use phase_shuffle::PhaseShuffle;
use reflect::Reflect;
use spectral::PowerIteration;
use view::View;

/// One layer. [`Layers`] makes those with weights; the others are constants and functions of this module.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a handful a network; the weights are elsewhere")]
#[expect(missing_docs, reason = "each variant holds the type that describes it")]
#[non_exhaustive]
pub enum Layer {
    Dense(Dense),
    Convolution(Convolution),
    TransposedConvolution(TransposedConvolution),
    BatchNorm(BatchNorm),
    LayerNorm(LayerNorm),
    SelfAttention(SelfAttention),
    Maxout(Maxout),
    Activation(Activation),
    View(View),
    Fit(Fit),
    Resample(Resample),
    Residual(Residual),
    Skip(Skip),
    MinibatchDeviation(MinibatchDeviation),
    MinibatchDiscrimination(MinibatchDiscrimination),
    PhaseShuffle(PhaseShuffle),
    LogSpectrogram(LogSpectrogram),
    Style(StyleNetwork),
    InstanceNorm(InstanceNorm),
    Dropout(Dropout),
    Reflect(Reflect),
    PerFrame(PerFrame),
    Beside(Beside),
    Recurrent(Recurrent),
}

/// main(x) + skip(x); an empty skip is x itself. Both branches make one shape.
pub fn residual(main: Vec<Layer>, skip: Vec<Layer>) -> Layer {
    Layer::Residual(Residual::new(Chain::new(main), Chain::new(skip)))
}

/// The channels of x, then those of branch(x), which has the height and width of x.
pub fn skip(branch: Vec<Layer>) -> Layer {
    Layer::Skip(Skip::new(Chain::new(branch)))
}

/// Layers one after another.
#[derive(Module, Debug)]
pub struct Chain {
    pub(crate) layers: Vec<Layer>,
}

/// What a forward pass leaves for its pullback.
pub struct Trace {
    /// The layer's input.
    input: Tensor<4>,
    /// The traces of the chains that the layer is made of.
    inner: Vec<Vec<Trace>>,
}

impl Layer {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Dense(_)
            | Self::Convolution(_)
            | Self::TransposedConvolution(_)
            | Self::BatchNorm(_)
            | Self::InstanceNorm(_) => self.forward_then(x, ops::Activation::Identity),
            Self::LayerNorm(layer) => layer.forward(x),
            Self::SelfAttention(layer) => layer.forward(x),
            Self::Maxout(layer) => layer.forward(x),
            Self::Activation(layer) => layer.forward(x),
            Self::View(layer) => layer.forward(x),
            Self::Fit(layer) => layer.forward(x),
            Self::Resample(layer) => layer.forward(x),
            Self::Residual(layer) => layer.forward(x),
            Self::Skip(layer) => layer.forward(x),
            Self::MinibatchDeviation(layer) => layer.forward(x),
            Self::MinibatchDiscrimination(layer) => layer.forward(x),
            Self::PhaseShuffle(layer) => layer.forward(x),
            Self::LogSpectrogram(layer) => layer.sounds(x),
            Self::Style(layer) => layer.forward(x),
            Self::Dropout(layer) => layer.forward(x),
            Self::Reflect(layer) => layer.forward(x),
            Self::PerFrame(layer) => layer.forward(x),
            Self::Beside(layer) => layer.forward(x),
            Self::Recurrent(layer) => layer.forward(x),
        }
    }

    /// With a function of each output behind it.
    fn forward_then(&self, x: Tensor<4>, activation: ops::Activation) -> Tensor<4> {
        match self {
            Self::Dense(layer) => layer.forward_then(x, activation),
            Self::Convolution(layer) => layer.forward_then(x, activation),
            Self::TransposedConvolution(layer) => layer.forward_then(x, activation),
            Self::BatchNorm(layer) => layer.forward_then(x, activation),
            Self::InstanceNorm(layer) => layer.forward_then(x, activation),
            layer => ops::activate(layer.forward(x), activation),
        }
    }

    fn trace(&self, x: Tensor<4>) -> (Tensor<4>, Trace) {
        let (input, leaf) = (x.clone(), Vec::new());
        match self {
            Self::Residual(layer) => {
                let (y, inner) = layer.trace(x);
                (y, Trace { input, inner })
            }
            Self::Skip(layer) => {
                let (y, inner) = layer.trace(x);
                (y, Trace { input, inner })
            }
            Self::PerFrame(layer) => {
                let (y, inner) = layer.trace(x);
                (y, Trace { input, inner })
            }
            Self::Beside(layer) => {
                let (y, inner) = layer.trace(x);
                (y, Trace { input, inner })
            }
            layer => (layer.forward(x), Trace { input, inner: leaf }),
        }
    }

    fn pullback(&self, trace: Trace, gradient: Tensor<4>) -> Tensor<4> {
        let Trace { input, inner } = trace;
        match self {
            Self::Dense(layer) => layer.pullback(input.dims(), gradient),
            Self::Convolution(layer) => layer.pullback(input.dims(), gradient),
            Self::TransposedConvolution(layer) => layer.pullback(gradient),
            Self::BatchNorm(_) => {
                unreachable!("the configuration check refuses penalties on a batch-normalised network")
            }
            Self::LayerNorm(layer) => layer.pullback(&input, gradient),
            Self::SelfAttention(layer) => layer.pullback(&input, gradient),
            Self::Maxout(layer) => layer.pullback(&input, gradient),
            Self::Activation(layer) => layer.pullback(&input, gradient),
            Self::View(_) => {
                let [_, channels, height, width] = input.dims();
                ops::reshape(gradient, [channels, height, width])
            }
            Self::Fit(layer) => layer.pullback(input.dims(), gradient),
            Self::Resample(layer) => layer.pullback(input.dims(), gradient),
            Self::Residual(layer) => layer.pullback(inner, gradient),
            Self::Skip(layer) => layer.pullback(input.dims()[1], inner, gradient),
            Self::MinibatchDeviation(layer) => layer.pullback(&input, gradient),
            Self::MinibatchDiscrimination(layer) => layer.pullback(&input, gradient),
            Self::PhaseShuffle(layer) => layer.pullback(gradient),
            Self::InstanceNorm(layer) => layer.pullback(&input, gradient),
            Self::Dropout(layer) => layer.pullback(gradient),
            Self::Reflect(layer) => layer.pullback(gradient),
            Self::PerFrame(layer) => layer.pullback(inner, gradient),
            Self::Beside(layer) => layer.pullback(inner, gradient),
            Self::LogSpectrogram(_) | Self::Style(_) | Self::Recurrent(_) => {
                unreachable!("only discriminators are pulled back")
            }
        }
    }

    fn mixes_samples(&self) -> bool {
        match self {
            Self::BatchNorm(_) | Self::MinibatchDeviation(_) | Self::MinibatchDiscrimination(_) => true,
            Self::Residual(layer) => layer.mixes_samples(),
            Self::Skip(layer) => layer.mixes_samples(),
            Self::PerFrame(layer) => layer.mixes_samples(),
            Self::Beside(layer) => layer.mixes_samples(),
            _ => false,
        }
    }

    /// With weights as they act: normalised and scaled.
    fn folded(self) -> Self {
        match self {
            Self::Dense(layer) => Self::Dense(layer.folded()),
            Self::Convolution(layer) => Self::Convolution(layer.folded()),
            Self::TransposedConvolution(layer) => Self::TransposedConvolution(layer.folded()),
            Self::SelfAttention(layer) => Self::SelfAttention(layer.folded()),
            Self::Residual(layer) => Self::Residual(layer.folded()),
            Self::Skip(layer) => Self::Skip(layer.folded()),
            Self::PerFrame(layer) => Self::PerFrame(layer.folded()),
            Self::Beside(layer) => Self::Beside(layer.folded()),
            Self::Style(layer) => Self::Style(layer.folded()),
            layer => layer,
        }
    }

    fn follow(self, power: PowerIteration) -> Self {
        match self {
            Self::Dense(layer) => Self::Dense(layer.follow(power)),
            Self::Convolution(layer) => Self::Convolution(layer.follow(power)),
            Self::TransposedConvolution(layer) => Self::TransposedConvolution(layer.follow(power)),
            Self::SelfAttention(layer) => Self::SelfAttention(layer.follow(power)),
            Self::Residual(layer) => Self::Residual(layer.follow(power)),
            Self::Skip(layer) => Self::Skip(layer.follow(power)),
            Self::PerFrame(layer) => Self::PerFrame(layer.follow(power)),
            Self::Beside(layer) => Self::Beside(layer.follow(power)),
            layer => layer,
        }
    }

    /// `number` counts the layers that draw.
    fn drawing(self, draws: &Draws, number: &mut usize) -> Self {
        match self {
            Self::PhaseShuffle(layer) => {
                *number += 1;
                Self::PhaseShuffle(layer.drawing(draws, *number - 1))
            }
            Self::Dropout(layer) => {
                *number += 1;
                Self::Dropout(layer.drawing(draws, *number - 1))
            }
            Self::Residual(layer) => Self::Residual(layer.drawing(draws, number)),
            Self::Skip(layer) => Self::Skip(layer.drawing(draws, number)),
            Self::PerFrame(layer) => Self::PerFrame(layer.drawing(draws, number)),
            Self::Beside(layer) => Self::Beside(layer.drawing(draws, number)),
            layer => layer,
        }
    }
}

impl Chain {
    /// Of these layers, the input's side first.
    pub fn new(layers: Vec<Layer>) -> Self {
        Self { layers }
    }

    /// What the layers make of `x`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mut layers = self.layers.iter().peekable();
        let mut x = x;
        while let Some(layer) = layers.next() {
            // A layer and the function behind it are one operation.
            let function = layers.next_if(|next| matches!(next, Layer::Activation(_)));
            x = match function {
                Some(Layer::Activation(function)) => layer.forward_then(x, function.operation()),
                _ => layer.forward(x),
            };
        }
        x
    }

    /// The output, and what [`pullback`](Self::pullback) needs to know of the pass.
    pub fn trace(&self, x: Tensor<4>) -> (Tensor<4>, Vec<Trace>) {
        let mut traces = Vec::with_capacity(self.layers.len());
        let y = self.layers.iter().fold(x, |x, layer| {
            let (y, trace) = layer.trace(x);
            traces.push(trace);
            y
        });
        (y, traces)
    }

    /// The gradient at the input of the traced pass of what has this `gradient` at its output. Differentiable by the
    /// weights.
    pub fn pullback(&self, traces: Vec<Trace>, gradient: Tensor<4>) -> Tensor<4> {
        let passes = self.layers.iter().zip(traces).rev();
        passes.fold(gradient, |gradient, (layer, trace)| layer.pullback(trace, gradient))
    }

    /// Whether what it makes of a sample depends on the others of the batch.
    pub fn mixes_samples(&self) -> bool {
        self.layers.iter().any(Layer::mixes_samples)
    }

    /// The same layers with styles at `share` of their way from the mean style of inputs with these numbers; `None` if no layer
    /// has styles.
    pub(crate) fn truncated(self, share: f64, numbers: &Tensor<4>) -> Option<Self> {
        let mut found = false;
        let near = |layer| match layer {
            Layer::Style(network) => {
                found = true;
                Layer::Style(network.truncated(share, numbers.clone()))
            }
            other => other,
        };
        let layers = self.layers.into_iter().map(near).collect();
        found.then_some(Self { layers })
    }

    /// With weights as they act: normalised and scaled.
    pub(crate) fn folded(self) -> Self {
        Self { layers: self.layers.into_iter().map(Layer::folded).collect() }
    }

    /// For passes in which layers draw random numbers: these. The same ones in each of them.
    pub fn drawing(self, draws: &Draws) -> Self {
        self.drawing_from(draws, &mut 0)
    }

    /// The first layer that draws has this number, and the number becomes that of the next one.
    fn drawing_from(self, draws: &Draws, number: &mut usize) -> Self {
        Self { layers: self.layers.into_iter().map(|layer| layer.drawing(draws, number)).collect() }
    }

    /// Carries on what must follow the weights: the singular vectors of spectral normalisation.
    pub fn follow(self, power: PowerIteration) -> Self {
        Self { layers: self.layers.into_iter().map(|layer| layer.follow(power)).collect() }
    }
}

/// Makes layers with weights of 0: [`Initialization`](crate::Initialization) draws them.
pub struct Layers<'a> {
    /// Where their weights are.
    pub device: &'a Device,
    /// Whether each weight is divided by its largest singular value.
    pub spectral_norm: bool,
    /// Whether each weight is scaled where it acts, by one over the root of its inputs, so that weights of variance 1 keep
    /// the variance of what passes and an optimizer that normalises gradients moves all layers at one pace (equalised
    /// learning rate: Karras et al. 2018, arXiv 1710.10196, section 4.1).
    pub equalized: bool,
    /// Frames of a sample, which lie one below the other; 1 of what is no video.
    pub frames: usize,
}

impl Layers<'_> {
    /// What a weight that sees so many inputs is multiplied by wherever it acts.
    fn scale(&self, inputs: usize) -> f64 {
        if self.equalized { 1.0 / (inputs as f64).sqrt() } else { 1.0 }
    }

    /// `inputs` numbers of any shape to a vector of `outputs`.
    pub fn dense(&self, inputs: usize, outputs: usize) -> Layer {
        Layer::Dense(Dense::new(inputs, outputs, self))
    }

    /// The same that learns at a part of an optimizer's rate, if its weights start 1 / `rate` times as large.
    pub fn dense_at_rate(&self, inputs: usize, outputs: usize, rate: f64) -> Layer {
        Layer::Dense(Dense::new(inputs, outputs, self).at_rate(rate))
    }

    /// The same without a bias, before a normalisation that has one.
    pub fn dense_without_bias(&self, inputs: usize, outputs: usize) -> Layer {
        Layer::Dense(Dense::new(inputs, outputs, self).without_bias())
    }

    /// To an output of the input's size divided by the stride, rounded up.
    pub fn convolution(&self, channels: [usize; 2], kernel: [usize; 2], stride: [usize; 2]) -> Layer {
        self.convolution_through(channels, Window::same(kernel, stride), true)
    }

    /// Through any window, with or without a bias.
    pub fn convolution_through(&self, channels: [usize; 2], window: Window, bias: bool) -> Layer {
        let convolution = Convolution::new(channels, window, self);
        Layer::Convolution(if bias { convolution } else { convolution.without_bias() })
    }

    /// Transposed convolution to an output `stride` times as large; no axis of the kernel is shorter than the stride.
    pub fn transposed(&self, channels: [usize; 2], kernel: [usize; 2], stride: [usize; 2]) -> Layer {
        let extra = stride.map(|stride| stride - 1);
        self.transposed_through(channels, Window::same(kernel, stride), extra, true)
    }

    /// Transposed convolution through any window, to `extra` more rows and columns than the fewest, with or without a bias.
    pub fn transposed_through(&self, channels: [usize; 2], window: Window, extra: [usize; 2], bias: bool) -> Layer {
        let convolution = TransposedConvolution::new(channels, window, extra, self);
        Layer::TransposedConvolution(if bias { convolution } else { convolution.without_bias() })
    }

    /// `features` numbers and `kernels` more: minibatch discrimination.
    pub fn minibatch_discrimination(&self, features: usize, kernels: usize, dimensions: usize) -> Layer {
        Layer::MinibatchDiscrimination(MinibatchDiscrimination::new(features, kernels, dimensions, self))
    }

    /// A gated recurrent unit along the last axis, from `[inputs, 1, time]` to `[outputs, 1, time]`.
    pub fn recurrent(&self, inputs: usize, outputs: usize) -> Layer {
        Layer::Recurrent(Recurrent::new(inputs, outputs, self))
    }

    /// Batch normalisation of each channel.
    pub fn batch_norm(&self, channels: usize) -> Layer {
        Layer::BatchNorm(BatchNorm::new(BatchNormConfig::new(channels), self.device))
    }

    /// Batch normalisation with another ε, in whose running statistics each pass has a share of `momentum`.
    pub fn batch_norm_with(&self, channels: usize, epsilon: f64, momentum: f64) -> Layer {
        let config = BatchNormConfig::new(channels).with_epsilon(epsilon).with_momentum(momentum);
        Layer::BatchNorm(BatchNorm::new(config, self.device))
    }

    /// Layer normalisation with a gain of each channel.
    pub fn layer_norm(&self, channels: usize) -> Layer {
        Layer::LayerNorm(LayerNorm::new(channels, self.device))
    }

    /// Self-attention with the widths of the authors' program: an eighth of the channels for keys and queries, half of
    /// them for values.
    pub fn self_attention(&self, channels: usize) -> Layer {
        let widths = [8, 2].map(|part| channels.div_ceil(part));
        Layer::SelfAttention(SelfAttention::new(channels, widths, self))
    }
}
