//! A layer as an expression of `layers.py` and `torch.nn`.

use crate::layer::{Chain, Layer, Size, StyleBlock, StyleNetwork, Window};
use crate::ops::Activation;

/// The layers as an `nn.Sequential`, indented by so many levels.
pub(super) fn expression(chain: &Chain, level: usize) -> String {
    if chain.layers.is_empty() {
        return "nn.Sequential()".to_owned();
    }
    list("nn.Sequential(", chain.layers.iter().map(|of| layer(of, level + 1)), ")", level)
}

/// Items, each in its line.
fn list(open: &str, items: impl Iterator<Item = String>, close: &str, level: usize) -> String {
    let indent = |level| "    ".repeat(level);
    let lines: String = items.map(|item| format!("{}{item},\n", indent(level + 1))).collect();
    format!("{open}\n{lines}{}{close}", indent(level))
}

fn layer(layer: &Layer, level: usize) -> String {
    match layer {
        Layer::Dense(layer) => {
            let [inputs, outputs] = layer.weight.dims();
            format!("Dense({inputs}, {outputs}{})", bias(layer.bias.is_some()))
        }
        Layer::Convolution(layer) => {
            let [outputs, inputs, ..] = layer.weight.dims();
            convolution([inputs, outputs], layer.window, layer.bias.is_some())
        }
        Layer::TransposedConvolution(layer) => {
            let [inputs, outputs, ..] = layer.weight.dims();
            transposed([inputs, outputs], layer.window, layer.extra, layer.bias.is_some())
        }
        Layer::BatchNorm(layer) => {
            format!("nn.BatchNorm2d({}, eps={:e})", layer.norm.gamma.dims()[0], layer.norm.epsilon)
        }
        Layer::LayerNorm(layer) => format!("nn.GroupNorm(1, {})", layer.gain.dims()[0]),
        Layer::InstanceNorm(layer) => format!("InstanceNorm({:e})", layer.epsilon),
        // Of what learns alone.
        Layer::Dropout(_) => "nn.Identity()".to_owned(),
        Layer::Reflect(layer) => {
            let [down, across] = layer.border;
            format!("nn.ReflectionPad2d(({across}, {across}, {down}, {down}))")
        }
        Layer::SelfAttention(layer) => {
            let [[narrow, channels, ..], [wide, ..]] = [layer.key.weight.dims(), layer.value.weight.dims()];
            format!("SelfAttention({channels}, {narrow}, {wide})")
        }
        Layer::Maxout(layer) => format!("Maxout({})", layer.pieces),
        Layer::Activation(layer) => activation(layer.operation()),
        Layer::View(layer) => {
            let [channels, height, width] = layer.shape;
            format!("View({channels}, {height}, {width})")
        }
        Layer::Fit(layer) => format!("Fit({}, {})", layer.size[0], layer.size[1]),
        Layer::Resample(layer) => resample(layer.to),
        Layer::Residual(layer) => {
            let [main, skip] = [&layer.main, &layer.skip].map(|way| expression(way, level + 1));
            list("Residual(", [main, skip].into_iter(), ")", level)
        }
        Layer::Skip(layer) => format!("Skip({})", expression(&layer.branch, level)),
        Layer::PerFrame(layer) => {
            let chain = expression(&layer.chain, level + 1);
            list("PerFrame(", [layer.frames.to_string(), chain].into_iter(), ")", level)
        }
        Layer::Recurrent(layer) => {
            let [inputs, outputs] = [&layer.weight, &layer.state_weight].map(|weight| weight.dims()[0]);
            format!("Recurrent({inputs}, {outputs})")
        }
        Layer::Beside(_) => unreachable!("only discriminators have it"),
        Layer::MinibatchDeviation(layer) => format!("MinibatchDeviation({})", layer.group),
        Layer::MinibatchDiscrimination(layer) => {
            let [features, width] = layer.weight.dims();
            format!("MinibatchDiscrimination({features}, {}, {})", layer.kernels, width / layer.kernels)
        }
        // Only passes of training draw.
        Layer::PhaseShuffle(_) => "nn.Identity()".to_owned(),
        Layer::LogSpectrogram(layer) => format!("LogSpectrogram({})", layer.length),
        Layer::Style(layer) => style(layer, level),
    }
}

fn bias(has: bool) -> &'static str {
    if has { "" } else { ", bias=False" }
}

fn pair([height, width]: [usize; 2]) -> String {
    format!("({height}, {width})")
}

fn convolution([inputs, outputs]: [usize; 2], window: Window, has_bias: bool) -> String {
    let Window { kernel, stride, before, behind } = window;
    let (sizes, bias) = (format!("{inputs}, {outputs}, {}, {}", pair(kernel), pair(stride)), bias(has_bias));
    if before == behind {
        return format!("nn.Conv2d({sizes}, {}{bias})", pair(before));
    }
    format!("Convolution({sizes}, ({}, {}, {}, {}){bias})", before[1], behind[1], before[0], behind[0])
}

/// PyTorch adds `output_padding` rows behind, fewer than the stride.
fn transposed([inputs, outputs]: [usize; 2], window: Window, extra: [usize; 2], has_bias: bool) -> String {
    let Window { kernel, stride, before, behind } = window;
    let (sizes, bias) = (format!("{inputs}, {outputs}, {}, {}", pair(kernel), pair(stride)), bias(has_bias));
    let behind_more = [0, 1].map(|axis| (before[axis] + extra[axis]).checked_sub(behind[axis]));
    match behind_more {
        [Some(rows), Some(columns)] if rows < stride[0] && columns < stride[1] => {
            format!("nn.ConvTranspose2d({sizes}, {}, {}{bias})", pair(before), pair([rows, columns]))
        }
        _ => {
            format!("TransposedConvolution({sizes}, {}, {}, {}{bias})", pair(before), pair(behind), pair(extra))
        }
    }
}

fn activation(function: Activation) -> String {
    match function {
        Activation::Identity => "nn.Identity()".to_owned(),
        Activation::Relu => "nn.ReLU()".to_owned(),
        Activation::LeakyRelu { slope, gain: 1.0 } => format!("nn.LeakyReLU({slope})"),
        Activation::LeakyRelu { slope, gain } => format!("LeakyReLU({slope}, {gain})"),
        Activation::Tanh => "nn.Tanh()".to_owned(),
        Activation::Sigmoid => "nn.Sigmoid()".to_owned(),
    }
}

fn resample(to: Size) -> String {
    match to {
        Size::Repeat(factors) => format!("nn.Upsample(scale_factor={})", pair(factors)),
        Size::Average(factors) => format!("nn.AvgPool2d({})", pair(factors)),
        Size::HalfSmooth([down, across]) => format!("HalveSmoothly({down}, {across})"),
        Size::One => "Sum()".to_owned(),
    }
}

fn style(network: &StyleNetwork, level: usize) -> String {
    let [channels, height, width] = network.constant.dims();
    let blocks = list("[", network.blocks.iter().map(|block| style_block(block, level + 2)), "]", level + 1);
    let mapping = expression(&network.mapping, level + 1);
    let sizes = [network.inputs.to_string(), format!("({channels}, {height}, {width})")];
    list("StyleNetwork(", sizes.into_iter().chain([mapping, blocks]), ")", level)
}

fn style_block(block: &StyleBlock, level: usize) -> String {
    let sizes = |convolution: &crate::layer::ModulatedConvolution| {
        let [outputs, inputs, height, width] = convolution.weight.dims();
        let [style, _] = convolution.affine.weight.dims();
        format!("{inputs}, {outputs}, {}, {style}", pair([height, width]))
    };
    let convolutions = block.convolutions.iter().map(|of| format!("StyledConvolution({})", sizes(&of.convolution)));
    let convolutions = list("[", convolutions, "]", level + 1);
    let image = format!("ToImage({})", sizes(&block.image.convolution));
    list("StyleBlock(", [pair(block.size), convolutions, image].into_iter(), ")", level)
}
