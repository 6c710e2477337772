//! Which shape a layer makes of which, and why one cannot stand where it does.

use super::layer::{ConvolutionConfig, LayerConfig};
use super::per_axis::PerAxis;
use crate::architecture::MAX_WIDTH;
use crate::check::refusal;
use kernels::Window;

/// `[channels, height, width]` of a sample.
pub(super) type Shape = [usize; 3];

/// Numbers of a sample anywhere in a network; more is a slip of the hand that no memory holds.
const MAX_NUMBERS: usize = 1 << 26;

/// Pixels across a kernel.
const MAX_KERNEL: usize = 1 << 10;

/// Why a layer cannot take a shape.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The place below the list, such as `3.conv.kernel`.
    pub path: String,
    /// What is wrong, for people.
    pub message: String,
}

/// The shape behind all layers.
pub(super) fn output(layers: &[LayerConfig], input: Shape) -> Result<Shape, Fault> {
    let mut shape = input;
    for (index, layer) in layers.iter().enumerate() {
        shape = of_layer(layer, shape).map_err(|fault| fault.of(index, layers))?;
    }
    Ok(shape)
}

/// What is wrong with a layer, before its place in a list is known.
enum Wrong {
    /// At the setting of the layer, if it is one: the layer takes another shape, or no such setting.
    Here { setting: &'static str, message: String },
    /// In a list that the layer holds, below the key.
    Inside { key: &'static str, fault: Fault },
}

impl Wrong {
    fn of(self, index: usize, layers: &[LayerConfig]) -> Fault {
        let name = layers[index].name();
        let (below, message) = match self {
            Self::Here { setting, message } => {
                (setting.to_owned(), format!("{message} (`{name}`, layer {} of {})", index + 1, layers.len()))
            }
            Self::Inside { key: "", fault } => (fault.path, fault.message),
            Self::Inside { key, fault } => (format!("{key}.{}", fault.path), fault.message),
        };
        let parts = [index.to_string(), name.to_owned(), below];
        Fault { path: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("."), message }
    }
}

fn here(setting: &'static str, message: impl Into<String>) -> Wrong {
    Wrong::Here { setting, message: message.into() }
}

fn is_positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// That another shape was needed than the one that came in.
fn needs(setting: &'static str, input: Shape, needed: &str) -> Wrong {
    here(setting, format!("needs {needed}, but {input:?} comes in"))
}

fn of_layer(layer: &LayerConfig, input: Shape) -> Result<Shape, Wrong> {
    let [channels, height, width] = input;
    let numbers = channels * height * width;
    let shape = match layer {
        LayerConfig::Dense(dense) => [within("outputs", dense.outputs, MAX_WIDTH * 64)?, 1, 1],
        LayerConfig::Conv(convolution) => {
            let (to, window) = window(convolution)?;
            let kernel = convolution.kernel.0;
            let [height, width] = window.small([height, width]).ok_or_else(|| {
                let padding = [0, 1].map(|axis| window.before[axis] + window.behind[axis]);
                let least = PerAxis([0, 1].map(|axis| kernel[axis].saturating_sub(padding[axis])));
                needs("kernel", input, &format!("at least {least} pixels for a kernel of {}", convolution.kernel))
            })?;
            [to, height, width]
        }
        LayerConfig::ConvTranspose(convolution) => {
            let (to, window) = window(convolution)?;
            if (0..2).any(|axis| window.kernel[axis] < window.stride[axis]) {
                return Err(here("kernel", "must be at least as large as the stride along each axis"));
            }
            let smallest = window.large([height, width]).ok_or_else(|| {
                needs("padding", input, &format!("more pixels than a padding of {} cuts off", padding(&window)))
            })?;
            let extra = extra(convolution);
            [to, smallest[0] + extra[0], smallest[1] + extra[1]]
        }
        LayerConfig::Upsample(factors) => {
            let [down, across] = factor(*factors)?;
            [channels, height * down, width * across]
        }
        LayerConfig::AveragePool(factors) => {
            let [down, across] = factor(*factors)?;
            if !height.is_multiple_of(down) || !width.is_multiple_of(across) {
                return Err(needs("", input, &format!("a height and width that {factors} divides")));
            }
            [channels, height / down, width / across]
        }
        LayerConfig::SmoothPool(factors) => {
            let [down, across] = factors.0;
            if !matches!(factors.0, [2, 2] | [1, 2] | [2, 1]) {
                return Err(here("", "must be 2, or [1, 2] or [2, 1] along one axis"));
            }
            if !height.is_multiple_of(down) || !width.is_multiple_of(across) {
                return Err(needs("", input, "an even height and width"));
            }
            [channels, height / down, width / across]
        }
        LayerConfig::SumPool(_) => [channels, 1, 1],
        LayerConfig::BatchNorm(norm) => {
            let valid = |number: f64| number > 0.0 && number <= 1.0;
            for (key, value) in [("epsilon", norm.epsilon), ("momentum", norm.momentum)] {
                if let Some(refusal) = refusal("above 0 and at most 1", value, valid) {
                    return Err(here(key, refusal));
                }
            }
            input
        }
        LayerConfig::LeakyRelu(leaky) => {
            if let Some(refusal) = refusal("in [0, 1)", leaky.slope, |slope| (0.0..1.0).contains(&slope)) {
                return Err(here("slope", refusal));
            }
            if let Some(refusal) = refusal("above 0", leaky.gain, is_positive) {
                return Err(here("gain", refusal));
            }
            input
        }
        LayerConfig::Scale(factor) => {
            if let Some(refusal) = refusal("above 0", *factor, is_positive) {
                return Err(here("", refusal));
            }
            input
        }
        LayerConfig::LayerNorm(_)
        | LayerConfig::InstanceNorm(_)
        | LayerConfig::Relu(_)
        | LayerConfig::Tanh(_)
        | LayerConfig::Sigmoid(_)
        | LayerConfig::SelfAttention(_) => input,
        LayerConfig::Maxout(pieces) => {
            let pieces = within("", *pieces, MAX_WIDTH)?;
            if [height, width] != [1, 1] || !channels.is_multiple_of(pieces) {
                return Err(needs("", input, &format!("a vector whose length {pieces} divides")));
            }
            [channels / pieces, 1, 1]
        }
        LayerConfig::MinibatchDeviation(_) => [channels + 1, height, width],
        LayerConfig::MinibatchDiscrimination(settings) => {
            within("dimensions", settings.dimensions, MAX_WIDTH)?;
            [numbers + within("kernels", settings.kernels, MAX_WIDTH)?, 1, 1]
        }
        LayerConfig::PhaseShuffle(radius) => {
            if within("", *radius, MAX_KERNEL)? >= width {
                return Err(needs("", input, &format!("a width of more than {radius}")));
            }
            input
        }
        LayerConfig::Dropout(probability) => {
            if !(0.0..1.0).contains(probability) {
                return Err(here("", "must be in [0, 1)"));
            }
            input
        }
        LayerConfig::Residual(branches) => {
            // Written as a list if it is one branch alone.
            let key = if branches.skip.is_empty() { "" } else { "main" };
            let main = output(&branches.main, input).map_err(|fault| Wrong::Inside { key, fault })?;
            let skip = output(&branches.skip, input).map_err(|fault| Wrong::Inside { key: "skip", fault })?;
            if main != skip {
                return Err(here("", format!("adds branches of one shape, but these make {main:?} and {skip:?}")));
            }
            main
        }
        LayerConfig::Skip(branch) => {
            let made = output(branch, input).map_err(|fault| Wrong::Inside { key: "", fault })?;
            if made[1..] != input[1..] {
                let why = format!("a branch that keeps {height} x {width} pixels, but this one makes {made:?}");
                return Err(here("", format!("needs {why}")));
            }
            [channels + made[0], height, width]
        }
        LayerConfig::Reshape(shape) => {
            if shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side)) != Some(numbers) {
                let needed = format!("as many numbers as {shape:?} has");
                return Err(needs("", input, &needed));
            }
            *shape
        }
        LayerConfig::Flatten(_) => [numbers, 1, 1],
        LayerConfig::Reflect(border) => {
            let [rows, columns] = border.0;
            if rows >= height || columns >= width {
                return Err(needs("", input, &format!("more pixels than a border of {border} shows")));
            }
            [channels, height + 2 * rows, width + 2 * columns]
        }
        LayerConfig::Fit([height, width]) => {
            [channels, within("", *height, MAX_WIDTH)?, within("", *width, MAX_WIDTH)?]
        }
    };
    let count = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
    match count {
        Some(1..=MAX_NUMBERS) => Ok(shape),
        _ => Err(here("", format!("makes {shape:?} of {input:?}: a sample has 1 to {MAX_NUMBERS} numbers"))),
    }
}

/// Rows and columns beyond the smallest output of a transposed convolution: those that make it the input times the stride.
pub(super) fn extra(convolution: &ConvolutionConfig) -> [usize; 2] {
    match convolution.padding {
        Some(_) => [0; 2],
        None => convolution.stride.0.map(|stride| stride - 1),
    }
}

/// The window of a convolution that was checked.
pub(super) fn window_of(convolution: &ConvolutionConfig) -> Window {
    let (kernel, stride) = (convolution.kernel.0, convolution.stride.0);
    match convolution.padding {
        Some(PerAxis(padding)) => Window::padded(kernel, stride, padding),
        None => Window::same(kernel, stride),
    }
}

/// Channels of the output, and the window.
fn window(convolution: &ConvolutionConfig) -> Result<(usize, Window), Wrong> {
    let channels = within("channels", convolution.channels, MAX_WIDTH)?;
    for (setting, PerAxis(sides)) in [("kernel", convolution.kernel), ("stride", convolution.stride)] {
        for side in sides {
            within(setting, side, MAX_KERNEL)?;
        }
    }
    if let Some(PerAxis(padding)) = convolution.padding
        && (0..2).any(|axis| padding[axis] >= convolution.kernel.0[axis])
    {
        return Err(here("padding", "must be less than the kernel along each axis"));
    }
    Ok((channels, window_of(convolution)))
}

fn padding(window: &Window) -> PerAxis {
    PerAxis(window.before)
}

fn factor(factors: PerAxis) -> Result<[usize; 2], Wrong> {
    factors.0.into_iter().try_for_each(|factor| within("", factor, MAX_KERNEL).map(|_| ()))?;
    Ok(factors.0)
}

/// The number, if it is within 1 and `most`.
fn within(setting: &'static str, number: usize, most: usize) -> Result<usize, Wrong> {
    if (1..=most).contains(&number) { Ok(number) } else { Err(here(setting, format!("must be within 1 and {most}"))) }
}
