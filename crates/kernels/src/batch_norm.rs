//! Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167, algorithm 1) of pixel-major images.

use crate::activation::finish;
use crate::fresh::in_chunks;
use crate::instances;
use crate::simd::{simd, sum};
use crate::{Activation, FULL_BATCH};
use rayon::prelude::*;

/// Sizes of what is normalised: each channel over all pixels and samples.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm {
    /// Channels of the image.
    pub channels: usize,
    /// Samples.
    pub batch: usize,
    /// Added to the variance.
    pub epsilon: f64,
}

/// Of each channel.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Mean.
    pub mean: Vec<f32>,
    /// Mean square of what is left of the mean.
    pub variance: Vec<f32>,
}

/// What one gradient becomes.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// At x, as large as it.
    pub input: Vec<f32>,
    /// At the gain of each channel.
    pub gain: Vec<f32>,
    /// At the shift of each channel.
    pub shift: Vec<f32>,
}

/// Channels that one task sums.
const CHANNELS: usize = 8;

impl BatchNorm {
    /// Mean and variance of each channel of x.
    pub fn statistics(&self, x: &[f32]) -> Statistics {
        let count = (x.len() / self.channels) as f64;
        let mean: Vec<f32> = self.totals(x).iter().map(|sum| (sum / count) as f32).collect();
        let squares = if self.is_small() {
            self.of_channels(&instances::squares(x, &self.of_instances(&mean)))
        } else {
            self.sums(|row, channel| squares(row, mean[channel]), x)
        };
        Statistics { variance: squares.iter().map(|sum| (sum / count) as f32).collect(), mean }
    }

    /// f(gain (x - mean) / deviation + shift).
    pub fn forward(
        &self,
        x: &[f32],
        Statistics { mean, variance }: &Statistics,
        [gain, shift]: [&[f32]; 2],
        activation: Activation,
    ) -> Vec<f32> {
        let factors: Vec<f32> =
            gain.iter().zip(variance).map(|(gain, variance)| gain * self.inverse(*variance)).collect();
        let rests: Vec<f32> =
            shift.iter().zip(mean).zip(&factors).map(|((shift, mean), factor)| shift - mean * factor).collect();
        let size = self.channels * self.batch;
        if self.is_small() {
            let [factors, rests] = [&factors, &rests].map(|numbers| self.of_instances(numbers));
            return in_chunks(x.len(), size, |pixel, y| {
                let y = y.copy(&x[pixel * size..][..size]);
                instances::scale(y, &factors, &rests);
                finish(y, size, None, activation);
                y
            });
        }
        in_chunks(x.len(), size, |pixel, y| {
            let y = y.copy(&x[pixel * size..][..size]);
            scale(y, self.batch, &factors);
            finish(y, self.batch, Some(&rests), activation);
            y
        })
    }

    /// From the gradient at y, which went through the statistics as well.
    pub fn backward(
        &self,
        x: &[f32],
        Statistics { mean, variance }: &Statistics,
        gain: &[f32],
        y: &[f32],
        gradient: &[f32],
        activation: Activation,
    ) -> Gradients {
        let count = (x.len() / self.channels) as f32;
        let mut gradient = activation.backward(gradient, y);
        let shift: Vec<f32> = self.totals(&gradient).iter().map(|sum| *sum as f32).collect();
        let along = self.pair_sums(&gradient, x, mean);
        let inverse: Vec<f32> = variance.iter().map(|variance| self.inverse(*variance)).collect();
        let by_gain: Vec<f32> = along.iter().zip(&inverse).map(|(sum, inverse)| *sum as f32 * inverse).collect();
        // gain / deviation (d - mean(d) - normal mean(d normal)), gathered by what multiplies d and x.
        let of_gradient: Vec<f32> = gain.iter().zip(&inverse).map(|(gain, inverse)| gain * inverse).collect();
        let of_input: Vec<f32> =
            (0..self.channels).map(|c| -of_gradient[c] * inverse[c] * by_gain[c] / count).collect();
        let rest: Vec<f32> =
            (0..self.channels).map(|c| -of_gradient[c] * shift[c] / count - of_input[c] * mean[c]).collect();
        let size = self.channels * self.batch;
        if self.is_small() {
            let [a, b, c] = [&of_gradient, &of_input, &rest].map(|numbers| self.of_instances(numbers));
            gradient.par_chunks_mut(size).zip(x.par_chunks(size)).for_each(|(gradient, x)| {
                instances::combine(gradient, x, &a, &b, &c);
            });
            return Gradients { input: gradient, gain: by_gain, shift };
        }
        gradient.par_chunks_mut(size).zip(x.par_chunks(size)).for_each(|(gradient, x)| {
            combine(gradient, x, self.batch, &of_gradient, &of_input, &rest);
        });
        Gradients { input: gradient, gain: by_gain, shift }
    }

    /// Whether rows of samples make no vector.
    fn is_small(&self) -> bool {
        self.batch < FULL_BATCH
    }

    /// A number of each channel for all its samples.
    fn of_instances(&self, of_channels: &[f32]) -> Vec<f32> {
        of_channels.iter().flat_map(|number| std::iter::repeat_n(*number, self.batch)).collect()
    }

    /// Sums over samples.
    fn of_channels(&self, of_instances: &[f64]) -> Vec<f64> {
        of_instances.chunks_exact(self.batch).map(|samples| samples.iter().sum()).collect()
    }

    /// Of each channel the sum over pixels and samples.
    fn totals(&self, image: &[f32]) -> Vec<f64> {
        if self.is_small() {
            return self.of_channels(&instances::totals(image, self.channels * self.batch));
        }
        self.sums(|row, _| total(row), image)
    }

    fn inverse(&self, variance: f32) -> f32 {
        (1.0 / (f64::from(variance) + self.epsilon).sqrt()) as f32
    }

    /// Of each channel the sum over pixels of what its row comes to.
    fn sums(&self, of_row: impl Fn(&[f32], usize) -> f32 + Sync, image: &[f32]) -> Vec<f64> {
        let size = self.channels * self.batch;
        let mut sums = vec![0.0; self.channels];
        sums.par_chunks_mut(CHANNELS).enumerate().for_each(|(task, sums)| {
            for pixel in image.chunks_exact(size) {
                let rows = pixel[task * CHANNELS * self.batch..].chunks_exact(self.batch);
                for (index, (total, row)) in sums.iter_mut().zip(rows).enumerate() {
                    *total += f64::from(of_row(row, task * CHANNELS + index));
                }
            }
        });
        sums
    }

    /// Of each channel the sum of gradient (x - mean).
    fn pair_sums(&self, gradient: &[f32], x: &[f32], mean: &[f32]) -> Vec<f64> {
        if self.is_small() {
            return self.of_channels(&instances::products(gradient, x, &self.of_instances(mean)));
        }
        let size = self.channels * self.batch;
        let mut sums = vec![0.0; self.channels];
        sums.par_chunks_mut(CHANNELS).zip(mean.par_chunks(CHANNELS)).enumerate().for_each(|(task, (sums, mean))| {
            let first = task * CHANNELS * self.batch;
            for (gradient, x) in gradient.chunks_exact(size).zip(x.chunks_exact(size)) {
                let rows = gradient[first..].chunks_exact(self.batch).zip(x[first..].chunks_exact(self.batch));
                for ((total, mean), (gradient, x)) in sums.iter_mut().zip(mean).zip(rows) {
                    *total += f64::from(along(gradient, x, *mean));
                }
            }
        });
        sums
    }
}

simd! {
    fn total(row: &[f32]) -> f32 {
        sum(row)
    }

    fn squares(row: &[f32], mean: f32) -> f32 {
        let mut lanes = [0.0; 16];
        let (chunks, rest) = row.as_chunks::<16>();
        for chunk in chunks {
            for (lane, x) in lanes.iter_mut().zip(chunk) {
                *lane += (x - mean) * (x - mean);
            }
        }
        for (lane, x) in lanes.iter_mut().zip(rest) {
            *lane += (x - mean) * (x - mean);
        }
        lanes.iter().sum()
    }

    fn along(gradient: &[f32], x: &[f32], mean: f32) -> f32 {
        let mut lanes = [0.0; 16];
        let ((gradients, rest), (xs, also_rest)) = (gradient.as_chunks::<16>(), x.as_chunks::<16>());
        for (gradients, xs) in gradients.iter().zip(xs) {
            for ((lane, gradient), x) in lanes.iter_mut().zip(gradients).zip(xs) {
                *lane += gradient * (x - mean);
            }
        }
        for ((lane, gradient), x) in lanes.iter_mut().zip(rest).zip(also_rest) {
            *lane += gradient * (x - mean);
        }
        lanes.iter().sum()
    }

    fn scale(rows: &mut [f32], batch: usize, factors: &[f32]) {
        for (row, factor) in rows.chunks_exact_mut(batch).zip(factors) {
            for x in row {
                *x *= factor;
            }
        }
    }

    /// gradient = a gradient + b x + c of each channel.
    fn combine(gradient: &mut [f32], x: &[f32], batch: usize, a: &[f32], b: &[f32], c: &[f32]) {
        let rows = gradient.chunks_exact_mut(batch).zip(x.chunks_exact(batch));
        for ((((gradient, x), a), b), c) in rows.zip(a).zip(b).zip(c) {
            for (gradient, x) in gradient.iter_mut().zip(x) {
                *gradient = a * *gradient + (b * x + c);
            }
        }
    }
}
