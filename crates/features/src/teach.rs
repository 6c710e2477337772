//! Where the classifiers' weights come from: cross-entropy on shifted images, Adam, a rate that falls to nothing. The same
//! images give the same weights, bit for bit, in one numeric class.

use crate::classifier::Network;
use crate::weights;
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use models::{Initialization, Stream};
use std::f64::consts::PI;

const BATCH: usize = 64;
const RATE: f64 = 2e-3;
const SIDE: usize = 28;
/// Pixels by which an image is moved along each axis at most.
const SHIFT: i32 = 2;

/// Images with their classes.
pub struct Labelled {
    /// `[count, 1, 28, 28]` in `[-1, 1]`.
    pub pixels: Vec<f32>,
    /// `[count]`, below 10.
    pub classes: Vec<u16>,
}

/// Trains a classifier from random weights for `epochs` passes over `data`; `told` hears each epoch, from 1, and its mean
/// loss. Returns the bytes of its weights.
pub fn teach(data: &Labelled, epochs: usize, mut told: impl FnMut(usize, f64)) -> Vec<u8> {
    let device = Device::flex().autodiff();
    let mut network = Initialization::GlorotUniform {}.apply(Network::new(&device), 0, "classifier");
    let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
    let batches = data.classes.len() / BATCH;
    for epoch in 0..epochs {
        let order = Stream::new(0, "classifier/order", epoch as u64).permutation(data.classes.len());
        let mut losses = Vec::new();
        for (batch, images) in order.chunks_exact(BATCH).enumerate() {
            let done = (epoch * batches + batch) as f64 / (epochs * batches) as f64;
            let mut shifts = Stream::new(0, "classifier/shift", (epoch * batches + batch) as u64);
            let pixels = images.iter().flat_map(|image| shifted(data.image(*image), &mut shifts)).collect();
            let logits = network.classify(network.features(tensor(pixels, &device)));
            let loss = cross_entropy(logits, images.iter().map(|image| data.classes[*image]));
            losses.push(loss.clone().detach());
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(RATE * (1.0 + (PI * done).cos()) / 2.0, network, gradients);
        }
        told(epoch + 1, f64::from(Tensor::cat(losses, 0).mean().into_scalar::<f32>()));
    }
    weights::save(&network.valid())
}

/// Share of `data` whose likeliest class is the right one; `None` if the bytes are no classifier's weights.
pub fn accuracy(bytes: &[u8], data: &Labelled) -> Option<f64> {
    let device = Device::flex();
    let network = weights::load(Network::new(&device), bytes)?;
    let mut right = 0;
    for (pixels, classes) in data.pixels.chunks(256 * SIDE * SIDE).zip(data.classes.chunks(256)) {
        let logits = network.classify(network.features(tensor(pixels.to_vec(), &device)));
        let found: Vec<i64> = logits.argmax(1).into_data().iter().collect();
        right += found.iter().zip(classes).filter(|(found, class)| **found == i64::from(**class)).count();
    }
    Some(right as f64 / data.classes.len() as f64)
}

impl Labelled {
    fn image(&self, index: usize) -> &[f32] {
        &self.pixels[index * SIDE * SIDE..(index + 1) * SIDE * SIDE]
    }
}

fn tensor(pixels: Vec<f32>, device: &Device) -> Tensor<4> {
    let count = pixels.len() / (SIDE * SIDE);
    Tensor::from_data(TensorData::new(pixels, [count, 1, SIDE, SIDE]), device)
}

/// The image moved a little; what comes in is black.
fn shifted(image: &[f32], shifts: &mut Stream) -> Vec<f32> {
    let mut shift = || (shifts.uniform() * (2 * SHIFT + 1) as f32) as i32 - SHIFT;
    let (down, right) = (shift(), shift());
    let within = |index: i32| (0..SIDE as i32).contains(&index);
    let pixel = |at: usize| {
        let (row, column) = ((at / SIDE) as i32 - down, (at % SIDE) as i32 - right);
        if within(row) && within(column) { image[row as usize * SIDE + column as usize] } else { -1.0 }
    };
    (0..SIDE * SIDE).map(pixel).collect()
}

/// Mean over the batch, in nats.
fn cross_entropy(logits: Tensor<2>, classes: impl Iterator<Item = u16>) -> Tensor<1> {
    let [count, width] = logits.dims();
    let mut chosen = vec![0.0f32; count * width];
    classes.enumerate().for_each(|(row, class)| chosen[row * width + usize::from(class)] = 1.0);
    let chosen = Tensor::<2>::from_data(TensorData::new(chosen, [count, width]), &logits.device().inner());
    -(log_softmax(logits, 1) * chosen).sum() / count as f64
}
