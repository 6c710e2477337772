//! The network in inference: batch normalisation is folded into the convolution before it.

use super::layers::{Layer, Plan, layers};
use burn::tensor::activation::relu;
use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};

/// As torchvision's Inception has it.
const EPSILON: f64 = 1e-3;

/// Gives a weight of a name and a shape, or says why there is none.
pub(super) type Take<'a> = dyn FnMut(&str, &[usize]) -> Result<Vec<f32>, String> + 'a;

/// A [`Plan`] with its weights, wherever numbers are kept.
struct Bound<W, B> {
    weight: W,
    bias: B,
    stride: usize,
    padding: [usize; 2],
}

/// In memory: shape and numbers.
type Kept = Layer<Bound<([usize; 4], Vec<f32>), Vec<f32>>>;
/// On a device.
type Placed = Layer<Bound<Tensor<4>, Tensor<1>>>;

/// The network in memory.
pub(super) struct Network(Vec<Kept>);

/// The network on a device.
pub(super) struct OnDevice(Vec<Placed>);

impl Network {
    /// # Errors
    /// The first weight that cannot be had.
    pub(crate) fn new(take: &mut Take) -> Result<Self, String> {
        let mut channels = 3;
        Ok(Self(bound(layers(), "", &mut channels, take)?))
    }

    pub(crate) fn on(&self, device: &Device) -> OnDevice {
        OnDevice(moved(&self.0, device))
    }
}

impl OnDevice {
    /// `[count, 3, 299, 299]` in `[-1, 1]` to `[count, 2048]`.
    pub(crate) fn features(&self, images: Tensor<4>) -> Tensor<2> {
        run(&self.0, images).mean_dims(&[2, 3]).flatten(1, 3)
    }
}

/// Gives a chain its weights; `channels` are those of its input and become those of its output.
fn bound(layers: Vec<Layer<Plan>>, prefix: &str, channels: &mut usize, take: &mut Take) -> Result<Vec<Kept>, String> {
    let mut chain = Vec::new();
    for layer in layers {
        chain.push(match layer {
            Layer::Average => Layer::Average,
            Layer::Maximum { stride, padding } => Layer::Maximum { stride, padding },
            Layer::Convolution(plan) => {
                let convolution = folded(&plan, prefix, *channels, take)?;
                *channels = plan.channels;
                convolution
            }
            Layer::Branches(name, branches) => {
                let prefix = if name.is_empty() { prefix.to_owned() } else { format!("{name}.") };
                let (mut all, mut made) = (Vec::new(), 0);
                for branch in branches {
                    let mut own = *channels;
                    all.push(bound(branch, &prefix, &mut own, take)?);
                    made += own;
                }
                *channels = made;
                Layer::Branches(name, all)
            }
        });
    }
    Ok(chain)
}

/// `γ (w x - μ) / √(σ² + ε) + β` as one convolution.
fn folded(plan: &Plan, prefix: &str, inputs: usize, take: &mut Take) -> Result<Kept, String> {
    let (name, [rows, columns]) = (format!("{prefix}{}", plan.name), plan.kernel);
    let shape = [plan.channels, inputs, rows, columns];
    let mut weight = take(&format!("{name}.conv.weight"), &shape)?;
    let mut statistic = |kind: &str| take(&format!("{name}.bn.{kind}"), &[plan.channels]);
    let (scale, shift) = (statistic("weight")?, statistic("bias")?);
    let (mean, variance) = (statistic("running_mean")?, statistic("running_var")?);
    let mut bias = Vec::with_capacity(plan.channels);
    for (channel, kernel) in weight.chunks_mut(inputs * rows * columns).enumerate() {
        let factor = f64::from(scale[channel]) / (f64::from(variance[channel]) + EPSILON).sqrt();
        kernel.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * factor) as f32);
        bias.push((f64::from(shift[channel]) - f64::from(mean[channel]) * factor) as f32);
    }
    let (stride, padding) = (plan.stride, plan.padding);
    Ok(Layer::Convolution(Bound { weight: (shape, weight), bias, stride, padding }))
}

fn moved(layers: &[Kept], device: &Device) -> Vec<Placed> {
    let on_device = |layer: &Kept| match layer {
        Layer::Average => Layer::Average,
        Layer::Maximum { stride, padding } => Layer::Maximum { stride: *stride, padding: *padding },
        Layer::Convolution(Bound { weight: (shape, weight), bias, stride, padding }) => Layer::Convolution(Bound {
            weight: Tensor::from_data(TensorData::new(weight.clone(), *shape), device),
            bias: Tensor::from_data(TensorData::new(bias.clone(), [bias.len()]), device),
            stride: *stride,
            padding: *padding,
        }),
        Layer::Branches(name, branches) => {
            Layer::Branches(name, branches.iter().map(|branch| moved(branch, device)).collect())
        }
    };
    layers.iter().map(on_device).collect()
}

fn run(layers: &[Placed], x: Tensor<4>) -> Tensor<4> {
    layers.iter().fold(x, |x, layer| match layer {
        Layer::Convolution(Bound { weight, bias, stride, padding }) => {
            let options = ConvOptions::new([*stride; 2], *padding, [1, 1], 1);
            relu(conv2d(x, weight.clone(), Some(bias.clone()), options))
        }
        Layer::Average => {
            let options = AvgPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1]);
            avg_pool2d(x, options.with_count_include_pad(false))
        }
        Layer::Maximum { stride, padding } => {
            max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([*stride; 2]).with_padding([*padding; 2]))
        }
        Layer::Branches(_, branches) => Tensor::cat(branches.iter().map(|branch| run(branch, x.clone())).collect(), 1),
    })
}
