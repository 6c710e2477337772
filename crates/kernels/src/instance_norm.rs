//! Instance normalisation (Ulyanov et al. 2016, arXiv 1607.08022) of pixel-major images: each channel of each sample by its
//! own mean and deviation.

use crate::Activation;
use crate::activation::finish;
use crate::fresh::in_chunks;
use crate::instances::{combine, products, squares, totals};
use crate::simd::simd;
use rayon::prelude::*;

/// Sizes of what is normalised: each of so many rows of numbers over all pixels.
#[derive(Clone, Copy, Debug)]
pub struct InstanceNorm {
    /// Channels times samples: numbers of a pixel.
    pub instances: usize,
    /// Added to the variance.
    pub epsilon: f64,
}

/// Of each instance.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Mean.
    pub mean: Vec<f32>,
    /// One over the root of the variance and ε.
    pub inverse: Vec<f32>,
}

impl InstanceNorm {
    /// Mean and deviation of each instance of x.
    pub fn moments(&self, x: &[f32]) -> Moments {
        let count = (x.len() / self.instances) as f64;
        let mean = totals(x, self.instances);
        let mean: Vec<f32> = mean.iter().map(|sum| (sum / count) as f32).collect();
        let squares = squares(x, &mean);
        let inverse = squares.iter().map(|sum| (1.0 / (sum / count + self.epsilon).sqrt()) as f32).collect();
        Moments { mean, inverse }
    }

    /// f((x - mean) / deviation).
    pub fn forward(&self, x: &[f32], Moments { mean, inverse }: &Moments, activation: Activation) -> Vec<f32> {
        in_chunks(x.len(), self.instances, |pixel, y| {
            let y = y.copy(&x[pixel * self.instances..][..self.instances]);
            normalise(y, mean, inverse);
            finish(y, self.instances, None, activation);
            y
        })
    }

    /// The gradient at x, from the one at y, which went through the moments as well.
    pub fn backward(
        &self,
        x: &[f32],
        Moments { mean, inverse }: &Moments,
        y: &[f32],
        gradient: &[f32],
        activation: Activation,
    ) -> Vec<f32> {
        let count = (x.len() / self.instances) as f64;
        let mut gradient = activation.backward(gradient, y);
        let total = totals(&gradient, self.instances);
        let along = products(&gradient, x, mean);
        // (d - mean(d) - normal mean(d normal)) / deviation, gathered by what multiplies d and x.
        let of_input: Vec<f32> = along
            .iter()
            .zip(inverse)
            .map(|(along, inverse)| (-along / count * f64::from(*inverse).powi(3)) as f32)
            .collect();
        let rest: Vec<f32> = (0..self.instances)
            .map(|at| {
                let [inverse, of_input, mean] = [inverse[at], of_input[at], mean[at]].map(f64::from);
                (-inverse * total[at] / count - of_input * mean) as f32
            })
            .collect();
        gradient.par_chunks_mut(self.instances).zip(x.par_chunks(self.instances)).for_each(|(gradient, x)| {
            combine(gradient, x, inverse, &of_input, &rest);
        });
        gradient
    }
}

simd! {
    fn normalise(pixel: &mut [f32], mean: &[f32], inverse: &[f32]) {
        for ((x, mean), inverse) in pixel.iter_mut().zip(mean).zip(inverse) {
            *x = (*x - mean) * inverse;
        }
    }
}
