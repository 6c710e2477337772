//! Layers of StyleGAN2 (Karras et al. 2020, arXiv 1912.04958): convolutions whose weights a style modulates.

use super::resample::doubled_smoothly;
use super::{Chain, Dense, Layers};
use crate::ops::{Activation, activate, add, convolution, pointwise};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Tensor, TensorData};
use kernels::Window;
use std::f32::consts::SQRT_2;

/// Inside roots.
pub(crate) const STYLE_EPSILON: f64 = 1e-8;

/// Behind each styled convolution (figure 2 c).
pub(crate) const STYLED: Activation = Activation::LeakyRelu { slope: 0.2, gain: SQRT_2 };

/// Name of the mapping network's field.
pub(crate) const MAPPING: &str = "mapping";

/// A latent vector and noise to an image (figure 7, "skip"): a mapping network makes a style of the latent vector, blocks
/// from a learnt constant on make images of growing size, and the images are summed.
#[derive(Module, Debug)]
pub struct StyleNetwork {
    /// Numbers before the noise.
    pub(crate) inputs: usize,
    pub(crate) mapping: Chain,
    /// What the first block starts from, `[channels, height, width]`.
    pub(crate) constant: Param<Tensor<3>>,
    pub(crate) blocks: Vec<StyleBlock>,
    /// For samples on request.
    #[module(skip)]
    truncation: Option<Truncation>,
}

/// What happens at one size.
#[derive(Module, Debug)]
pub struct StyleBlock {
    pub(crate) size: [usize; 2],
    pub(crate) convolutions: Vec<StyledConvolution>,
    pub(crate) image: ToImage,
}

impl StyleNetwork {
    /// The first block has the size and channels of the constant.
    pub fn new(inputs: usize, mapping: Chain, blocks: Vec<StyleBlock>, layers: &Layers) -> Self {
        let [height, width] = blocks[0].size;
        let shape = [blocks[0].convolutions[0].inputs(), height, width];
        Self { inputs, mapping, constant: Initializer::Zeros.init(shape, layers.device), blocks, truncation: None }
    }

    /// With weights as they act.
    pub(crate) fn folded(self) -> Self {
        let blocks = self.blocks.into_iter().map(StyleBlock::folded).collect();
        Self { mapping: self.mapping.folded(), blocks, ..self }
    }

    /// `[batch, inputs + noise, 1, 1]` to `[batch, channels, height, width]`. What follows the noise mixes styles; see
    /// [`GeneratorInput::mixing`](crate::GeneratorInput::mixing).
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let numbers = x.flatten::<2>(1, 3);
        let styles = self.styles(&numbers);
        self.styled(&numbers, &styles)
    }

    /// Styles `[batch, style]` of samples with these numbers, `[batch, inputs + noise]`.
    pub(crate) fn style_of(&self, numbers: &Tensor<2>) -> Tensor<2> {
        self.style(numbers.clone().narrow(1, 0, self.inputs))
    }

    /// Samples of one style each, `[batch, style]`, with the noise of these numbers, `[batch, inputs + noise]`.
    pub(crate) fn of_style(&self, numbers: &Tensor<2>, style: Tensor<2>) -> Tensor<4> {
        self.styled(numbers, &Styles { style, other: None })
    }

    /// What each layer makes of a style, side by side: `[style, outputs]`.
    pub(crate) fn affine_weights(&self) -> Tensor<2> {
        let of_block = |block: &StyleBlock| {
            let convolutions = block.convolutions.iter().map(|layer| &layer.convolution);
            let all = convolutions.chain([&block.image.convolution]);
            all.map(|convolution| convolution.affine.weight.val()).collect::<Vec<_>>()
        };
        Tensor::cat(self.blocks.iter().flat_map(of_block).collect(), 1)
    }

    fn styled(&self, numbers: &Tensor<2>, styles: &Styles) -> Tensor<4> {
        let [batch, _] = numbers.dims();
        let (mut used, mut layer) = (self.inputs, 0);
        let [channels, height, width] = self.constant.dims();
        let constant = self.constant.val().reshape([1, channels, height, width]);
        let (mut x, mut image) = (constant.expand([batch, channels, height, width]), None);
        for (at, block) in self.blocks.iter().enumerate() {
            let [height, width] = block.size;
            let below = self.blocks[at.saturating_sub(1)].size;
            let factors = [height / below[0], width / below[1]];
            if at > 0 {
                x = doubled_smoothly(x, factors);
            }
            for convolution in &block.convolutions {
                let here = numbers.clone().narrow(1, used, block.area()).reshape([batch, 1, height, width]);
                used += block.area();
                x = convolution.forward(x, &styles.of(layer), here);
                layer += 1;
            }
            // The image is made of what the next layer sees, with its style.
            let here = block.image.forward(x.clone(), &styles.of(layer));
            image = Some(match image {
                Some(smaller) => add(doubled_smoothly(smaller, factors), here),
                None => here,
            });
        }
        image.expect("there is a block")
    }

    /// The styles of samples with these numbers, `[batch, inputs + noise + mixing]`.
    fn styles(&self, numbers: &Tensor<2>) -> Styles {
        let [_, count] = numbers.dims();
        let inputs = numbers.clone().narrow(1, 0, self.inputs);
        let convolutions = self.blocks.iter().map(|block| block.convolutions.len());
        let noise: usize = convolutions.clone().zip(&self.blocks).map(|(count, block)| count * block.area()).sum();
        let others = count - self.inputs - noise;
        let other = (others > 0).then(|| {
            let mixing = numbers.clone().narrow(1, self.inputs + noise, others);
            let latent = mixing.clone().narrow(1, 0, others - 1);
            // Classes and codes are those of the sample.
            let conditions = self.inputs + 1 - others;
            let latent = match conditions {
                0 => latent,
                _ => Tensor::cat(vec![latent, inputs.clone().narrow(1, others - 1, conditions)], 1),
            };
            // One of the layers but the first; past the last one for the place 1.
            let first = (mixing.narrow(1, others - 1, 1) * convolutions.sum::<usize>() as f64).floor() + 1.0;
            (self.style(latent), first)
        });
        Styles { style: self.style(inputs), other }
    }

    /// `[batch, inputs]` to `[batch, style]`.
    fn style(&self, inputs: Tensor<2>) -> Tensor<2> {
        let [batch, count] = inputs.dims();
        let inputs = unit_variance(inputs).reshape([batch, count, 1, 1]);
        let style = self.mapping.forward(inputs).flatten::<2>(1, 3);
        match &self.truncation {
            Some(truncation) => truncation.apply(style),
            None => style,
        }
    }

    /// The same network with styles at `share` of their way from the mean style of samples with these numbers.
    pub fn truncated(self, share: f64, numbers: Tensor<4>) -> Self {
        let inputs = numbers.flatten::<2>(1, 3).narrow(1, 0, self.inputs);
        let mean = Self { truncation: None, ..self.clone() }.style(inputs).mean_dim(0);
        Self { truncation: Some(Truncation { share, mean: mean.into_data().iter().collect() }), ..self }
    }
}

/// Styles nearer to their mean: less varied, more typical images (Karras et al. 2019, arXiv 1812.04948, appendix B).
#[derive(Clone, Debug)]
struct Truncation {
    /// The paper's ψ.
    share: f64,
    mean: Vec<f32>,
}

impl Truncation {
    fn apply(&self, style: Tensor<2>) -> Tensor<2> {
        let mean = TensorData::new(self.mean.clone(), [1, self.mean.len()]);
        let mean = Tensor::from_data(mean, &style.device());
        mean.clone() + (style - mean) * self.share
    }
}

/// What the layers get of the mapping network.
struct Styles {
    /// `[batch, style]`.
    style: Tensor<2>,
    /// Other ones, and the first layer that has them, `[batch, 1]`.
    other: Option<(Tensor<2>, Tensor<2>)>,
}

impl Styles {
    /// Those of a layer, `[batch, style]`.
    fn of(&self, layer: usize) -> Tensor<2> {
        let Some((other, first)) = &self.other else { return self.style.clone() };
        let is_other = first.clone().lower_equal_elem(layer as f64).expand(other.dims());
        self.style.clone().mask_where(is_other, other.clone())
    }
}

impl StyleBlock {
    fn area(&self) -> usize {
        self.size.iter().product()
    }

    /// From as many channels to `channels`, and from those to an image of so many `colours`; `None` for the first block.
    pub fn new(
        from: Option<usize>,
        [channels, colours]: [usize; 2],
        size: [usize; 2],
        kernel: [usize; 2],
        style: usize,
        layers: &Layers,
    ) -> Self {
        let inputs = from.into_iter().chain([channels]);
        let convolution = |inputs| StyledConvolution::new([inputs, channels], kernel, style, layers);
        Self {
            size,
            convolutions: inputs.map(convolution).collect(),
            image: ToImage::new([channels, colours], style, layers),
        }
    }
}

impl StyleBlock {
    fn folded(self) -> Self {
        let folded = |of: StyledConvolution| StyledConvolution { convolution: of.convolution.folded(), ..of };
        let convolutions = self.convolutions.into_iter().map(folded).collect();
        Self { convolutions, image: ToImage { convolution: self.image.convolution.folded() }, ..self }
    }
}

/// Convolution with modulated and demodulated weights, noise, bias, LeakyReLU times √2 (figure 2 c).
#[derive(Module, Debug)]
pub(crate) struct StyledConvolution {
    pub(crate) convolution: ModulatedConvolution,
    /// How much noise is added; learnt, from 0.
    pub(crate) noise: Param<Tensor<1>>,
}

/// 1 x 1 convolution to the image's channels with modulated weights.
#[derive(Module, Debug)]
pub(crate) struct ToImage {
    pub(crate) convolution: ModulatedConvolution,
}

#[derive(Module, Debug)]
pub(crate) struct ModulatedConvolution {
    /// `[out, in, height, width]`, with variance 1 at the start.
    pub(crate) weight: Param<Tensor<4>>,
    /// `[out]`.
    pub(crate) bias: Param<Tensor<1>>,
    /// The style to a factor for each input.
    pub(crate) affine: Dense,
    /// What the weight is multiplied by wherever it acts.
    scale: f64,
}

impl StyledConvolution {
    fn new(channels: [usize; 2], kernel: [usize; 2], style: usize, layers: &Layers) -> Self {
        let noise = Initializer::Zeros.init([1], layers.device);
        Self { convolution: ModulatedConvolution::new(channels, kernel, style, layers), noise }
    }

    fn inputs(&self) -> usize {
        self.convolution.weight.dims()[1]
    }

    /// `x` `[batch, in, height, width]`, `style` `[batch, style]`, `noise` `[batch, 1, height, width]`.
    fn forward(&self, x: Tensor<4>, style: &Tensor<2>, noise: Tensor<4>) -> Tensor<4> {
        let noise = noise * self.noise.val().reshape([1, 1, 1, 1]);
        let y = self.convolution.forward(x, style, true);
        let y = pointwise([y, noise, self.convolution.bias()], |[y, noise, bias]| y + noise + bias);
        activate(y, STYLED)
    }
}

impl ToImage {
    fn new(channels: [usize; 2], style: usize, layers: &Layers) -> Self {
        Self { convolution: ModulatedConvolution::new(channels, [1; 2], style, layers) }
    }

    /// `x` `[batch, in, height, width]`, `style` `[batch, style]`.
    fn forward(&self, x: Tensor<4>, style: &Tensor<2>) -> Tensor<4> {
        add(self.convolution.forward(x, style, false), self.convolution.bias())
    }
}

impl ModulatedConvolution {
    fn new([inputs, outputs]: [usize; 2], [height, width]: [usize; 2], style: usize, layers: &Layers) -> Self {
        Self {
            weight: Initializer::Zeros.init([outputs, inputs, height, width], layers.device),
            bias: Initializer::Zeros.init([outputs], layers.device),
            affine: Dense::around_one(style, inputs, layers),
            scale: layers.scale(inputs * height * width),
        }
    }

    fn forward(&self, x: Tensor<4>, style: &Tensor<2>, demodulate: bool) -> Tensor<4> {
        let [batch, numbers] = style.dims();
        let factors = self.affine.forward(style.clone().reshape([batch, numbers, 1, 1]));
        modulated(x, self.weight.val() * self.scale, factors, demodulate)
    }

    fn folded(self) -> Self {
        let scale = self.scale;
        Self { weight: self.weight.map(|weight| weight * scale), affine: self.affine.folded(), scale: 1.0, ..self }
    }

    fn bias(&self) -> Tensor<4> {
        let bias = self.bias.val();
        let [channels] = bias.dims();
        bias.reshape([1, channels, 1, 1])
    }
}

/// Numbers of a vector with mean square 1, so that its length says nothing.
fn unit_variance(x: Tensor<2>) -> Tensor<2> {
    let root = (x.clone().square().mean_dim(1) + STYLE_EPSILON).sqrt();
    x / root
}

/// Convolution with weights w' = w s of each sample (eq. 1), divided by the root of their squares' sum if `demodulate` is
/// set (eq. 3). `factors`, s, are `[batch, in, 1, 1]`. Scaling inputs and outputs is the same as scaling weights, without
/// weights for each sample.
fn modulated(x: Tensor<4>, weight: Tensor<4>, factors: Tensor<4>, demodulate: bool) -> Tensor<4> {
    let [outputs, inputs, height, width] = weight.dims();
    let batch = x.dims()[0];
    let x = pointwise([x, factors.clone()], |[x, factors]| x * factors);
    let y = convolution(x, weight.clone(), None, Window::same([height, width], [1; 2]), Activation::Identity);
    if !demodulate {
        return y;
    }
    let squares = weight.square().reshape([outputs, inputs, height * width]).sum_dim(2).reshape([outputs, inputs]);
    let squares = factors.reshape([batch, inputs]).square().matmul(squares.transpose());
    pointwise([y, (squares + STYLE_EPSILON).sqrt().reshape([batch, outputs, 1, 1])], |[y, root]| y / root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::fixture::{case, same, tensor};
    use burn::tensor::Device;

    #[test]
    fn modulated_convolutions_are_those_of_pytorch() {
        for (name, demodulate) in
            [("modulated_conv_k3_demod", true), ("modulated_conv_k3_plain", false), ("modulated_conv_k1_plain", false)]
        {
            let device = Device::flex().autodiff();
            let case = case(name);
            let read = |numbers: &serde_json::Value| {
                let (mut shape, values) = crate::layer::fixture::numbers(numbers);
                shape.resize(4, 1);
                tensor::<4>(values, shape.try_into().unwrap(), &device)
            };
            let [x, weight, style] =
                [&case["x"], &case["params"]["weight"], &case["params"]["style"]].map(|it| read(it).require_grad());
            let y = modulated(x.clone(), weight.clone(), style.clone(), demodulate);
            same(name, read(&case["y"]), y.clone());
            let gradients = (y * read(&case["grad_output"])).sum().backward();
            for (of, expected) in
                [(x, &case["grad_x"]), (weight, &case["grad_params"]["weight"]), (style, &case["grad_params"]["style"])]
            {
                same(name, read(expected).inner(), of.grad(&gradients).unwrap());
            }
        }
    }

    #[test]
    fn latent_vectors_lose_their_length() {
        let device = Device::flex();
        let case = case("pixel_norm");
        let (shape, values) = crate::layer::fixture::numbers(&case["x"]);
        let (_, expected) = crate::layer::fixture::numbers(&case["y"]);
        // Of every pixel: channels become the last axis.
        let last = |values, shape: &[usize]| {
            let shape: [usize; 4] = shape.to_vec().try_into().unwrap();
            let x = tensor::<4>(values, shape, &device).permute([0, 2, 3, 1]);
            x.reshape([shape[0] * shape[2] * shape[3], shape[1]])
        };
        same("pixel_norm", last(expected, &shape), unit_variance(last(values, &shape)));
    }
}
