//! How a classifier learns: cross-entropy on shifted images, Adam, a rate that falls to nothing. The same images give the
//! same weights, bit for bit, in one numeric class.

use crate::classifier::Network;
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use models::{Initialization, Stream};
use samples::Format;
use std::f64::consts::PI;

/// Images that are learned from at once; fewer teach nothing.
pub(crate) const BATCH: usize = 64;
const RATE: f64 = 2e-3;
/// Pixels by which an image is moved along each axis at most.
const SHIFT: i32 = 2;

/// Samples with their classes.
pub struct Labelled {
    /// One after the other, in `[-1, 1]`.
    pub samples: Vec<f32>,
    /// `[count]`.
    pub classes: Vec<u16>,
    /// Of the samples.
    pub format: Format,
}

/// What a network learns from.
pub(crate) struct Lesson<'a> {
    /// `[count, channels, height, width]` in `[-1, 1]`.
    pub images: Vec<f32>,
    /// Of an image.
    pub shape: [usize; 3],
    /// `[count]`.
    pub classes: &'a [u16],
}

/// A network of `classes` classes that learned from `data`, in validation mode. `device` has no autodiff.
pub(crate) fn trained(
    data: &Lesson,
    classes: usize,
    epochs: usize,
    device: &Device,
    mut report: impl FnMut(usize, f64),
) -> Network {
    let device = device.clone().autodiff();
    let network = Network::new(data.shape, classes, &device);
    let mut network = Initialization::GlorotUniform {}.apply(network, 0, "classifier");
    let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
    let batches = data.classes.len() / BATCH;
    for epoch in 0..epochs {
        let order = Stream::new(0, "classifier/order", epoch as u64).permutation(data.classes.len());
        let mut losses = Vec::new();
        for (batch, images) in order.chunks_exact(BATCH).enumerate() {
            let done = (epoch * batches + batch) as f64 / (epochs * batches) as f64;
            let mut shifts = Stream::new(0, "classifier/shift", (epoch * batches + batch) as u64);
            let pixels = images.iter().flat_map(|image| data.shifted(*image, &mut shifts)).collect();
            let logits = network.classify(network.features(tensor(pixels, data.shape, &device)));
            let loss = cross_entropy(logits, images.iter().map(|image| data.classes[*image]));
            losses.push(loss.clone().detach());
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(RATE * (1.0 + (PI * done).cos()) / 2.0, network, gradients);
        }
        report(epoch + 1, f64::from(Tensor::cat(losses, 0).mean().into_scalar::<f32>()));
    }
    network.valid()
}

/// The likeliest class of each image.
pub(crate) fn likeliest(network: &Network, pixels: &[f32], shape: [usize; 3], device: &Device) -> Vec<u16> {
    let class = |logits: Tensor<2>| logits.argmax(1).into_data().iter::<i64>().map(|class| class as u16).collect();
    of_batches(network, pixels, shape, device, class)
}

/// The probability of a class for each image; 0 for a class that the network does not have.
pub(crate) fn probabilities(
    network: &Network,
    pixels: &[f32],
    shape: [usize; 3],
    class: usize,
    device: &Device,
) -> Vec<f32> {
    of_batches(network, pixels, shape, device, |logits| {
        let [count, classes] = logits.dims();
        match class < classes {
            true => softmax(logits, 1).narrow(1, class, 1).into_data().iter().collect(),
            false => vec![0.0; count],
        }
    })
}

/// What is made of the logits `[batch, classes]` of images, some at a time.
fn of_batches<T>(
    network: &Network,
    pixels: &[f32],
    shape: [usize; 3],
    device: &Device,
    of: impl Fn(Tensor<2>) -> Vec<T>,
) -> Vec<T> {
    let logits = |pixels: &[f32]| network.classify(network.features(tensor(pixels.to_vec(), shape, device)));
    pixels.chunks(256 * shape.iter().product::<usize>()).flat_map(|pixels| of(logits(pixels))).collect()
}

impl Lesson<'_> {
    /// An image moved a little; what comes in is black.
    fn shifted(&self, image: usize, shifts: &mut Stream) -> Vec<f32> {
        let [channels, height, width] = self.shape;
        let size = channels * height * width;
        let image = &self.images[image * size..(image + 1) * size];
        let mut shift = || (shifts.uniform() * (2 * SHIFT + 1) as f32) as i32 - SHIFT;
        let (down, right) = (shift(), shift());
        let pixel = |at: usize| {
            let (channel, place) = (at / (height * width), at % (height * width));
            let (row, column) = ((place / width) as i32 - down, (place % width) as i32 - right);
            let is_within = (0..height as i32).contains(&row) && (0..width as i32).contains(&column);
            if is_within { image[(channel * height + row as usize) * width + column as usize] } else { -1.0 }
        };
        (0..size).map(pixel).collect()
    }
}

pub(crate) fn tensor(pixels: Vec<f32>, [channels, height, width]: [usize; 3], device: &Device) -> Tensor<4> {
    let count = pixels.len() / (channels * height * width);
    Tensor::from_data(TensorData::new(pixels, [count, channels, height, width]), device)
}

/// Mean over the batch, in nats.
fn cross_entropy(logits: Tensor<2>, classes: impl Iterator<Item = u16>) -> Tensor<1> {
    let [count, width] = logits.dims();
    let mut chosen = vec![0.0f32; count * width];
    classes.enumerate().for_each(|(row, class)| chosen[row * width + usize::from(class)] = 1.0);
    let chosen = Tensor::<2>::from_data(TensorData::new(chosen, [count, width]), &logits.device().inner());
    -(log_softmax(logits, 1) * chosen).sum() / count as f64
}
