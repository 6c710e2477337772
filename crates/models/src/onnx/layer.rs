//! Layers as operators.

use super::graph::{Graph, Value, float, int, ints, text};
use super::proto::Attribute;
use crate::layer::{Chain, Convolution, Dense, LAYER_NORM_EPSILON, Layer, Size, taps};
use crate::ops::Activation;
use burn::nn::BatchNorm;
use kernels::Window;

impl Graph {
    /// Layers one after another, whose tensors have names that begin with the path.
    pub(super) fn chain(&mut self, chain: &Chain, path: &str, x: Value) -> Value {
        let layers = chain.layers.iter().enumerate();
        layers.fold(x, |x, (at, layer)| self.layer(layer, &format!("{path}.{at}"), x))
    }

    fn layer(&mut self, layer: &Layer, path: &str, x: Value) -> Value {
        match layer {
            Layer::Dense(layer) => self.dense(layer, path, &x),
            Layer::Convolution(layer) => self.convolution(layer, path, &x),
            Layer::TransposedConvolution(layer) => {
                let weight = self.tensor(&format!("{path}.weight"), layer.weight.val());
                let bias = layer.bias.as_ref().map(|bias| self.of_channels(&format!("{path}.bias"), bias));
                let [_, channels, ..] = layer.weight.dims();
                let y = self.transposed(&x, &weight, layer.window, layer.extra, channels, 1);
                self.plus(y, bias)
            }
            Layer::BatchNorm(layer) => self.batch_norm(&layer.norm, path, &x),
            Layer::LayerNorm(layer) => {
                let y = self.standard(&x, &[1, 2, 3], LAYER_NORM_EPSILON);
                let [gain, shift] = [("weight", &layer.gain), ("bias", &layer.shift)]
                    .map(|(name, vector)| self.of_channels(&format!("{path}.{name}"), vector));
                let y = self.image("Mul", &[&y, &gain], &[], x.shape);
                self.plus(y, Some(shift))
            }
            Layer::InstanceNorm(layer) => Value { name: self.standard(&x, &[2, 3], layer.epsilon), shape: x.shape },
            // Of what learns alone.
            Layer::Dropout(_) => x,
            Layer::Reflect(layer) => {
                let ([channels, height, width], [down, across]) = (x.shape, layer.border);
                let border = [0, 0, down as i64, across as i64];
                let pads = self.integers(&[border, border].concat());
                let shape = [channels, height + 2 * down, width + 2 * across];
                self.image("Pad", &[&x.name, &pads], &[text("mode", "reflect")], shape)
            }
            Layer::SelfAttention(layer) => {
                let [key, query, value] = [("key", &layer.key), ("query", &layer.query), ("value", &layer.value)]
                    .map(|(name, layer)| self.pixels(layer, &format!("{path}.{name}"), &x));
                let key = self.node("Transpose", &[&key], &[ints("perm", [0, 2, 1])]);
                let score = self.node("MatMul", &[&key, &query], &[]);
                let weight = self.node("Softmax", &[&score], &[int("axis", 1)]);
                let mixed = self.node("MatMul", &[&value, &weight], &[]);
                let [_, height, width] = x.shape;
                let mixed = self.reshape(&mixed, [layer.value.weight.dims()[0], height, width]);
                let output = self.convolution(&layer.output, &format!("{path}.output"), &mixed);
                let share = self.tensor(&format!("{path}.share"), layer.share.val());
                let output = self.node("Mul", &[&output.name, &share], &[]);
                self.image("Add", &[&x.name, &output], &[], x.shape)
            }
            Layer::Maxout(layer) => {
                let outputs = x.shape.iter().product::<usize>() / layer.pieces;
                let pieces = self.reshape(&x.name, [outputs, layer.pieces, 1]);
                let axes = [ints("axes", [2]), int("keepdims", 1)];
                self.image("ReduceMax", &[&pieces.name], &axes, [outputs, 1, 1])
            }
            Layer::Activation(layer) => self.activation(layer.operation(), x),
            Layer::View(layer) => self.reshape(&x.name, layer.shape),
            Layer::Fit(layer) => self.fit(x, layer.size),
            Layer::Resample(layer) => self.resample(layer.to, &x),
            Layer::Residual(layer) => {
                let main = self.chain(&layer.main, &format!("{path}.main"), x.clone());
                let skip = self.chain(&layer.skip, &format!("{path}.skip"), x);
                self.image("Add", &[&main.name, &skip.name], &[], main.shape)
            }
            Layer::Skip(layer) => {
                let branch = self.chain(&layer.branch, &format!("{path}.branch"), x.clone());
                self.beside(&x, &branch)
            }
            Layer::PerFrame(layer) => self.per_frame(layer, path, &x),
            Layer::Recurrent(layer) => self.recurrent(layer, path, &x),
            Layer::Beside(_) => unreachable!("only discriminators have it"),
            Layer::MinibatchDeviation(layer) => self.minibatch_deviation(layer, &x),
            Layer::MinibatchDiscrimination(layer) => self.minibatch_discrimination(layer, path, &x),
            // Only passes of training draw.
            Layer::PhaseShuffle(_) => x,
            Layer::LogSpectrogram(layer) => self.log_spectrogram(layer, path, &x),
            Layer::Style(network) => self.style(network, path, &x),
        }
    }

    /// To a vector, `[batch, outputs, 1, 1]`.
    pub(super) fn dense(&mut self, layer: &Dense, path: &str, x: &Value) -> Value {
        let [_, outputs] = layer.weight.dims();
        let mut inputs = vec![self.flat(x), self.tensor(&format!("{path}.weight"), layer.weight.val())];
        inputs.extend(layer.bias.as_ref().map(|bias| self.tensor(&format!("{path}.bias"), bias.val())));
        let y = self.node("Gemm", &inputs.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        self.reshape(&y, [outputs, 1, 1])
    }

    fn convolution(&mut self, layer: &Convolution, path: &str, x: &Value) -> Value {
        let weight = self.tensor(&format!("{path}.weight"), layer.weight.val());
        let bias = layer.bias.as_ref().map(|bias| self.tensor(&format!("{path}.bias"), bias.val()));
        self.convolved(x, &weight, bias, layer.window, layer.weight.dims()[0], 1)
    }

    /// `weight` is the name of `[out, in / groups, height, width]`, `bias` of `[out]`.
    pub(super) fn convolved(
        &mut self,
        x: &Value,
        weight: &str,
        bias: Option<String>,
        window: Window,
        channels: usize,
        groups: i64,
    ) -> Value {
        let [_, height, width] = x.shape;
        let [height, width] = window.small([height, width]).unwrap_or_default();
        let attributes = through(window, window.behind, groups);
        let inputs = [&x.name, weight].into_iter().chain(bias.as_deref());
        self.image("Conv", &inputs.collect::<Vec<_>>(), &attributes, [channels, height, width])
    }

    /// `weight` is the name of `[in, out / groups, height, width]`; the output has `extra` rows and columns more than the fewest.
    pub(super) fn transposed(
        &mut self,
        x: &Value,
        weight: &str,
        window: Window,
        extra: [usize; 2],
        channels: usize,
        groups: i64,
    ) -> Value {
        let [_, height, width] = x.shape;
        let smallest = window.large([height, width]).unwrap_or_default();
        // Rows that padding cut off come first, those behind have no tap.
        let behind = [0, 1].map(|axis| window.behind[axis].saturating_sub(extra[axis]));
        let missing = [0, 1].map(|axis| extra[axis].saturating_sub(window.behind[axis]));
        let [height, width] = [0, 1].map(|axis| smallest[axis] + extra[axis]);
        let attributes = through(window, behind, groups);
        let y = self.node("ConvTranspose", &[&x.name, weight], &attributes);
        let shape = [channels, height, width];
        if missing == [0, 0] { Value { name: y, shape } } else { self.padded(&y, missing, shape) }
    }

    fn batch_norm(&mut self, norm: &BatchNorm, path: &str, x: &Value) -> Value {
        let statistics = [
            ("weight", norm.gamma.val()),
            ("bias", norm.beta.val()),
            ("running_mean", norm.running_mean.value_sync()),
            ("running_var", norm.running_var.value_sync()),
        ];
        let statistics = statistics.map(|(name, of)| self.tensor(&format!("{path}.{name}"), of));
        let inputs = [&x.name].into_iter().chain(&statistics).map(String::as_str);
        let epsilon = float("epsilon", norm.epsilon as f32);
        self.image("BatchNormalization", &inputs.collect::<Vec<_>>(), &[epsilon], x.shape)
    }

    /// Mean 0 and variance 1 over these axes.
    fn standard(&mut self, x: &Value, over: &[usize], epsilon: f64) -> String {
        let axes = || [ints("axes", over.iter().copied()), int("keepdims", 1)];
        let mean = self.node("ReduceMean", &[&x.name], &axes());
        let centred = self.node("Sub", &[&x.name, &mean], &[]);
        let square = self.node("Mul", &[&centred, &centred], &[]);
        let variance = self.node("ReduceMean", &[&square], &axes());
        let root = self.root(&variance, epsilon);
        self.node("Div", &[&centred, &root], &[])
    }

    /// The root of `x + epsilon`.
    pub(super) fn root(&mut self, x: &str, epsilon: f64) -> String {
        let epsilon = self.number(epsilon as f32);
        let sum = self.node("Add", &[x, &epsilon], &[]);
        self.node("Sqrt", &[&sum], &[])
    }

    /// What a convolution makes of an image, `[batch, channels, pixels]`.
    fn pixels(&mut self, layer: &Convolution, path: &str, x: &Value) -> String {
        let y = self.convolution(layer, path, x);
        let [channels, height, width] = y.shape.map(|size| size as i64);
        let target = self.integers(&[-1, channels, height * width]);
        self.node("Reshape", &[&y.name, &target], &[])
    }

    pub(super) fn activation(&mut self, function: Activation, x: Value) -> Value {
        let shape = x.shape;
        match function {
            Activation::Identity => x,
            Activation::Relu => self.image("Relu", &[&x.name], &[], shape),
            Activation::Tanh => self.image("Tanh", &[&x.name], &[], shape),
            Activation::Sigmoid => self.image("Sigmoid", &[&x.name], &[], shape),
            Activation::LeakyRelu { slope, gain } => {
                let y = self.image("LeakyRelu", &[&x.name], &[float("alpha", slope)], shape);
                if gain == 1.0 {
                    return y;
                }
                let gain = self.number(gain);
                self.image("Mul", &[&y.name, &gain], &[], shape)
            }
        }
    }

    fn fit(&mut self, x: Value, size: [usize; 2]) -> Value {
        let [channels, height, width] = x.shape;
        let mut name = x.name;
        for (axis, (from, to)) in [(2, (height, size[0])), (3, (width, size[1]))] {
            if to < from {
                name = self.slice(&name, axis, 0, to);
            }
        }
        let missing = [size[0].saturating_sub(height), size[1].saturating_sub(width)];
        let shape = [channels, size[0], size[1]];
        if missing == [0, 0] { Value { name, shape } } else { self.padded(&name, missing, shape) }
    }

    /// With zeros at the far borders.
    fn padded(&mut self, x: &str, [rows, columns]: [usize; 2], shape: [usize; 3]) -> Value {
        let pads = self.integers(&[0, 0, 0, 0, 0, 0, rows as i64, columns as i64]);
        self.image("Pad", &[x, &pads], &[], shape)
    }

    fn resample(&mut self, to: Size, x: &Value) -> Value {
        let [channels, height, width] = x.shape;
        match to {
            Size::Repeat([down, across]) => {
                let scales = format!("scales_of_{}", x.name);
                let scales = self.numbers(&scales, &[4], &[1.0, 1.0, down as f32, across as f32]);
                let nearest = [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric")];
                let attributes =
                    [nearest[0], nearest[1], ("nearest_mode", "floor")].map(|(key, value)| text(key, value));
                self.image("Resize", &[&x.name, "", &scales], &attributes, [channels, height * down, width * across])
            }
            Size::Average([down, across]) => {
                let blocks = ["kernel_shape", "strides"].map(|name| ints(name, [down, across]));
                self.image("AveragePool", &[&x.name], &blocks, [channels, height / down, width / across])
            }
            Size::HalfSmooth(factors) => {
                let (kernel, window) = self.smooth(x, factors, 1.0);
                self.convolved(x, &kernel, None, window, channels, channels as i64)
            }
            Size::One => {
                let axes = self.integers(&[2, 3]);
                self.image("ReduceSum", &[&x.name, &axes], &[int("keepdims", 1)], [channels, 1, 1])
            }
        }
    }

    /// See `layer::resample::doubled_smoothly`.
    pub(super) fn doubled_smoothly(&mut self, x: &Value, factors: [usize; 2]) -> Value {
        let area: usize = factors.iter().product();
        let (kernel, window) = self.smooth(x, factors, area as f32);
        let extra = factors.map(|factor| factor - 1);
        let [channels, ..] = x.shape;
        self.transposed(x, &kernel, window, extra, channels, channels as i64)
    }

    /// A smoothing kernel of each channel, times a number.
    fn smooth(&mut self, x: &Value, factors: [usize; 2], times: f32) -> (String, Window) {
        let [down, across] = factors.map(taps);
        let kernel: Vec<f32> = down.iter().flat_map(|a| across.iter().map(move |b| a * b * times)).collect();
        let [channels, ..] = x.shape;
        let (shape, name) = ([channels, 1, down.len(), across.len()], format!("smooth_{}", x.name));
        let name = self.numbers(&name, &shape, &kernel.repeat(channels));
        (name, Window::same([down.len(), across.len()], factors))
    }

    /// With a constant added.
    pub(super) fn plus(&mut self, x: Value, constant: Option<String>) -> Value {
        let Some(constant) = constant else { return x };
        self.image("Add", &[&x.name, &constant], &[], x.shape)
    }

    /// The channels of both.
    pub(super) fn beside(&mut self, x: &Value, more: &Value) -> Value {
        let [channels, height, width] = x.shape;
        let shape = [channels + more.shape[0], height, width];
        self.image("Concat", &[&x.name, &more.name], &[int("axis", 1)], shape)
    }
}

/// The attributes of a window.
fn through(window: Window, behind: [usize; 2], groups: i64) -> Vec<Attribute> {
    let mut attributes = vec![
        ints("kernel_shape", window.kernel),
        ints("strides", window.stride),
        ints("pads", [window.before, behind].concat()),
    ];
    if groups > 1 {
        attributes.push(int("group", groups));
    }
    attributes
}
