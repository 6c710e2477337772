//! The layers of a list that was checked.

use super::layer::LayerConfig;
use super::shape::{Shape, extra, output, window_of};
use crate::layer::{
    INSTANCE_NORM, Layer, Layers, MINIBATCH_DEVIATION, RELU, SIGMOID, SUM, TANH, average, dropout, fit, half_smooth,
    leaky_with_gain, maxout, phase_shuffle, reflect, repeat, residual, skip, times, view,
};

/// The layers from samples of this shape on, and the shape behind them. `dense_follows` says what stands behind the list.
pub(super) fn build(layers: &[LayerConfig], input: Shape, make: &Layers, dense_follows: bool) -> (Vec<Layer>, Shape) {
    let (mut built, mut shape) = (Vec::new(), input);
    for (index, layer) in layers.iter().enumerate() {
        let before_dense = match layers.get(index + 1) {
            Some(next) => matches!(next, LayerConfig::Dense(_)),
            None => dense_follows,
        };
        // A dense layer takes samples of any shape.
        let is_needless = before_dense && matches!(layer, LayerConfig::Flatten(_) | LayerConfig::Reshape(_));
        built.extend((!is_needless).then(|| one(layer, shape, make)));
        shape = output(std::slice::from_ref(layer), shape).unwrap_or_else(|fault| unreachable!("{}", fault.message));
    }
    (built, shape)
}

fn one(layer: &LayerConfig, input: Shape, make: &Layers) -> Layer {
    let [channels, height, width] = input;
    let numbers = channels * height * width;
    let branch = |layers: &[LayerConfig]| build(layers, input, make, false).0;
    match layer {
        LayerConfig::Dense(dense) if dense.bias => make.dense(numbers, dense.outputs),
        LayerConfig::Dense(dense) => make.dense_without_bias(numbers, dense.outputs),
        LayerConfig::Conv(conv) => make.convolution_through([channels, conv.channels], window_of(conv), conv.bias),
        LayerConfig::ConvTranspose(conv) => {
            make.transposed_through([channels, conv.channels], window_of(conv), extra(conv), conv.bias)
        }
        LayerConfig::Upsample(factors) => repeat(factors.0),
        LayerConfig::AveragePool(factors) => average(factors.0),
        LayerConfig::SmoothPool(factors) => half_smooth(factors.0),
        LayerConfig::SumPool(_) => SUM,
        LayerConfig::BatchNorm(norm) => make.batch_norm_with(channels, norm.epsilon, norm.momentum),
        LayerConfig::LayerNorm(_) => make.layer_norm(channels),
        LayerConfig::InstanceNorm(_) => INSTANCE_NORM,
        LayerConfig::Relu(_) => RELU,
        LayerConfig::LeakyRelu(leaky) => leaky_with_gain(leaky.slope as f32, leaky.gain as f32),
        LayerConfig::Tanh(_) => TANH,
        LayerConfig::Sigmoid(_) => SIGMOID,
        LayerConfig::Scale(factor) => times(*factor as f32),
        LayerConfig::Maxout(pieces) => maxout(*pieces),
        LayerConfig::SelfAttention(_) => make.self_attention(channels),
        LayerConfig::MinibatchDeviation(_) => MINIBATCH_DEVIATION,
        LayerConfig::MinibatchDiscrimination(settings) => {
            make.minibatch_discrimination(numbers, settings.kernels, settings.dimensions)
        }
        LayerConfig::PhaseShuffle(radius) => phase_shuffle(*radius),
        LayerConfig::Dropout(probability) => dropout(*probability),
        LayerConfig::Residual(branches) => residual(branch(&branches.main), branch(&branches.skip)),
        LayerConfig::Skip(layers) => skip(branch(layers)),
        LayerConfig::Reshape(shape) => view(*shape),
        LayerConfig::Flatten(_) => view([numbers, 1, 1]),
        LayerConfig::Reflect(border) => reflect(border.0),
        LayerConfig::Fit(size) => fit(*size),
    }
}
