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
const SHIFT: u32 = 2;

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

/// How long a network learns, and from what chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Updates, by 64 images each, or by all where there are fewer.
    pub updates: usize,
    /// Of the first weights, the order and the shifts.
    pub seed: u64,
    /// Pixels by which an image is moved along each axis at most, each time that it is learned from; what comes in is black.
    pub shift: u32,
}

/// A network of `classes` classes that learned from `data`, in validation mode. `device` has no autodiff.
pub(crate) fn trained(
    data: &Lesson,
    classes: usize,
    epochs: usize,
    device: &Device,
    mut report: impl FnMut(usize, f64),
) -> Network {
    let batches = data.classes.len() / BATCH;
    let course = Course { updates: epochs * batches, seed: 0, shift: SHIFT };
    let (mut epoch, mut losses) = (0, Vec::new());
    taught(&[data], classes, course, device, |loss| {
        losses.push(loss);
        if losses.len() == batches {
            epoch += 1;
            report(epoch, f64::from(Tensor::cat(std::mem::take(&mut losses), 0).mean().into_scalar::<f32>()));
        }
    })
}

/// The same of several sets, each of which has an equal share of every batch. `report` gets the loss of each.
pub(crate) fn taught(
    sets: &[&Lesson],
    classes: usize,
    course: Course,
    device: &Device,
    mut report: impl FnMut(Tensor<1>),
) -> Network {
    let Course { updates, seed, shift } = course;
    let device = device.clone().autodiff();
    let shape = sets[0].shape;
    let network = Network::new(shape, classes, &device);
    let mut network = Initialization::GlorotUniform {}.apply(network, seed, "classifier");
    let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
    let mut orders: Vec<Order> = (0..sets.len()).map(|set| Order::new(set, sets, seed)).collect();
    for update in 0..updates {
        let done = update as f64 / updates as f64;
        let mut shifts = Stream::new(seed, "classifier/shift", update as u64);
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for (set, order) in sets.iter().zip(&mut orders) {
            for image in order.batch(update) {
                pixels.extend(set.shifted(*image, shift as i32, &mut shifts));
                labels.push(set.classes[*image]);
            }
        }
        let logits = network.classify(network.features(tensor(pixels, shape, &device)));
        let loss = cross_entropy(logits, labels.into_iter());
        report(loss.clone().detach());
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimizer.step(RATE * (1.0 + (PI * done).cos()) / 2.0, network, gradients);
    }
    network.valid()
}

/// In what order the images of a set come: pass after pass, each in another order.
struct Order {
    purpose: String,
    seed: u64,
    count: usize,
    /// Of its images in a batch.
    share: usize,
    pass: Option<usize>,
    images: Vec<usize>,
}

impl Order {
    fn new(set: usize, sets: &[&Lesson], seed: u64) -> Self {
        let purpose = if set == 0 { "classifier/order".to_owned() } else { format!("classifier/order/{set}") };
        let count = sets[set].classes.len();
        let share = (BATCH / sets.len()).clamp(1, count);
        Self { purpose, seed, count, share, pass: None, images: Vec::new() }
    }

    fn batch(&mut self, update: usize) -> &[usize] {
        let batches = self.count / self.share;
        let (pass, batch) = (update / batches, update % batches);
        if self.pass != Some(pass) {
            self.images = Stream::new(self.seed, &self.purpose, pass as u64).permutation(self.count);
            self.pass = Some(pass);
        }
        &self.images[batch * self.share..][..self.share]
    }
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

/// The probabilities of all classes for each image, `[count, classes]`.
pub(crate) fn all_probabilities(network: &Network, pixels: &[f32], shape: [usize; 3], device: &Device) -> Vec<f32> {
    of_batches(network, pixels, shape, device, |logits| softmax(logits, 1).into_data().iter().collect())
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
    fn shifted(&self, image: usize, most: i32, shifts: &mut Stream) -> Vec<f32> {
        let [channels, height, width] = self.shape;
        let size = channels * height * width;
        let image = &self.images[image * size..(image + 1) * size];
        let mut shift = || (shifts.uniform() * (2 * most + 1) as f32) as i32 - most;
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
