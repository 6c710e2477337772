//! Update rules, each in one pass over a weight, its gradient and what the rule remembers of it.
//!
//! Operations and their order are those of Burn's optimizers, so the bits are theirs, too. All slices of a call have one
//! length.

use crate::simd::simd;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

/// Numbers that one task updates. Fixed: what a task does must not follow from the number of threads.
const CHUNK: usize = 1 << 14;

/// Kingma and Ba 2015, arXiv 1412.6980, algorithm 1, with the corrections of section 2's last paragraph folded into the
/// rate and into epsilon.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Decay of the mean of gradients, in [0, 1).
    pub beta1: f32,
    /// Decay of the mean of squared gradients, in [0, 1).
    pub beta2: f32,
    /// Added to the root of the corrected mean of squares, above 0.
    pub epsilon: f32,
}

impl Adam {
    /// Update number `time`, from 1, of `weight` and of both means.
    pub fn update(
        &self,
        lr: f64,
        time: i32,
        weight: &mut [f32],
        gradient: &[f32],
        mean: &mut [f32],
        square: &mut [f32],
    ) {
        let root = (1.0 - self.beta2.powi(time)).sqrt();
        let (correction, epsilon) = (root / (1.0 - self.beta1.powi(time)), self.epsilon * root);
        let scalars = [self.beta1, self.beta2, correction, epsilon, lr as f32];
        chunks(weight, gradient)
            .zip(mean.par_chunks_mut(CHUNK))
            .zip(square.par_chunks_mut(CHUNK))
            .for_each(|(((weight, gradient), mean), square)| adam(weight, gradient, mean, square, scalars));
    }
}

/// Adam with decoupled weight decay: Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2.
#[derive(Clone, Copy, Debug)]
pub struct AdamW {
    /// As [`Adam::beta1`].
    pub beta1: f32,
    /// As [`Adam::beta2`].
    pub beta2: f32,
    /// As [`Adam::epsilon`].
    pub epsilon: f32,
    /// Share of a weight, times the learning rate, that each update takes away.
    pub weight_decay: f32,
}

impl AdamW {
    /// Update number `time`, from 1, of `weight` and of both means.
    pub fn update(
        &self,
        lr: f64,
        time: i32,
        weight: &mut [f32],
        gradient: &[f32],
        mean: &mut [f32],
        square: &mut [f32],
    ) {
        let kept = (1.0 - lr * f64::from(self.weight_decay)) as f32;
        let corrections = [1.0 - self.beta1.powi(time), 1.0 - self.beta2.powi(time)];
        let scalars = [self.beta1, self.beta2, corrections[0], corrections[1], self.epsilon, kept, lr as f32];
        chunks(weight, gradient)
            .zip(mean.par_chunks_mut(CHUNK))
            .zip(square.par_chunks_mut(CHUNK))
            .for_each(|(((weight, gradient), mean), square)| adamw(weight, gradient, mean, square, scalars));
    }
}

/// Tieleman and Hinton 2012, lecture 6.5: not centred.
#[derive(Clone, Copy, Debug)]
pub struct RmsProp {
    /// Decay of the mean of squared gradients, in [0, 1).
    pub decay: f32,
    /// Added to the root of the mean of squares, above 0.
    pub epsilon: f32,
    /// What stays of the last update, in [0, 1); read where there is a `last`.
    pub momentum: f32,
}

impl RmsProp {
    /// The next update of `weight`, of the mean of squares, and of the last update where it has a momentum.
    pub fn update(&self, lr: f64, weight: &mut [f32], gradient: &[f32], square: &mut [f32], last: Option<&mut [f32]>) {
        let scalars = [self.decay, self.epsilon, self.momentum, lr as f32];
        let chunks = chunks(weight, gradient).zip(square.par_chunks_mut(CHUNK));
        match last {
            Some(last) => chunks
                .zip(last.par_chunks_mut(CHUNK))
                .for_each(|(((weight, gradient), square), last)| rmsprop(weight, gradient, square, last, scalars)),
            None => chunks
                .for_each(|((weight, gradient), square)| rmsprop_without_momentum(weight, gradient, square, scalars)),
        }
    }
}

/// Stochastic gradient descent with momentum (Polyak 1964).
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// What stays of the last update, in [0, 1); read where there is a `last`.
    pub momentum: f32,
}

impl Sgd {
    /// The next update of `weight`, and of the last update where it has a momentum.
    pub fn update(&self, lr: f64, weight: &mut [f32], gradient: &[f32], last: Option<&mut [f32]>) {
        let (momentum, lr) = (self.momentum, lr as f32);
        match last {
            Some(last) => chunks(weight, gradient)
                .zip(last.par_chunks_mut(CHUNK))
                .for_each(|((weight, gradient), last)| sgd(weight, gradient, last, momentum, lr)),
            None => chunks(weight, gradient).for_each(|(weight, gradient)| sgd_without_momentum(weight, gradient, lr)),
        }
    }
}

/// Moves `average` towards `weight`: `average * decay + weight * (1 - decay)`.
pub fn moving_average(average: &mut [f32], weight: &[f32], decay: f64) {
    let shares = [decay as f32, (1.0 - decay) as f32];
    chunks(average, weight).for_each(|(average, weight)| blend(average, weight, shares));
}

fn chunks<'a>(
    weight: &'a mut [f32],
    gradient: &'a [f32],
) -> impl IndexedParallelIterator<Item = (&'a mut [f32], &'a [f32])> {
    weight.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK))
}

simd! {
    fn adam(weight: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32], scalars: [f32; 5]) {
        let [beta1, beta2, correction, epsilon, lr] = scalars;
        let (rest1, rest2) = (1.0 - beta1, 1.0 - beta2);
        for (((weight, gradient), mean), square) in weight.iter_mut().zip(gradient).zip(mean).zip(square) {
            *mean = *mean * beta1 + gradient * rest1;
            *square = *square * beta2 + gradient * gradient * rest2;
            *weight -= *mean * correction / (square.sqrt() + epsilon) * lr;
        }
    }

    fn adamw(weight: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32], scalars: [f32; 7]) {
        let [beta1, beta2, correction1, correction2, epsilon, kept, lr] = scalars;
        let (rest1, rest2) = (1.0 - beta1, 1.0 - beta2);
        for (((weight, gradient), mean), square) in weight.iter_mut().zip(gradient).zip(mean).zip(square) {
            *mean = *mean * beta1 + gradient * rest1;
            *square = *square * beta2 + gradient * gradient * rest2;
            let update = *mean / correction1 / ((*square / correction2).sqrt() + epsilon);
            *weight = *weight * kept - update * lr;
        }
    }

    fn rmsprop(weight: &mut [f32], gradient: &[f32], square: &mut [f32], last: &mut [f32], scalars: [f32; 4]) {
        let [decay, epsilon, momentum, lr] = scalars;
        let rest = 1.0 - decay;
        for (((weight, gradient), square), last) in weight.iter_mut().zip(gradient).zip(square).zip(last) {
            *square = *square * decay + gradient * gradient * rest;
            *last = *last * momentum + gradient / (square.sqrt() + epsilon);
            *weight -= *last * lr;
        }
    }

    fn rmsprop_without_momentum(weight: &mut [f32], gradient: &[f32], square: &mut [f32], scalars: [f32; 4]) {
        let [decay, epsilon, _, lr] = scalars;
        let rest = 1.0 - decay;
        for ((weight, gradient), square) in weight.iter_mut().zip(gradient).zip(square) {
            *square = *square * decay + gradient * gradient * rest;
            *weight -= gradient / (square.sqrt() + epsilon) * lr;
        }
    }

    fn sgd(weight: &mut [f32], gradient: &[f32], last: &mut [f32], momentum: f32, lr: f32) {
        for ((weight, gradient), last) in weight.iter_mut().zip(gradient).zip(last) {
            *last = gradient + *last * momentum;
            *weight -= *last * lr;
        }
    }

    fn sgd_without_momentum(weight: &mut [f32], gradient: &[f32], lr: f32) {
        for (weight, gradient) in weight.iter_mut().zip(gradient) {
            *weight -= gradient * lr;
        }
    }

    fn blend(average: &mut [f32], weight: &[f32], shares: [f32; 2]) {
        for (average, weight) in average.iter_mut().zip(weight) {
            *average = *average * shares[0] + weight * shares[1];
        }
    }
}
