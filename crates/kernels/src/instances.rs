//! Sums over the pixels of images, of each number of a pixel: a channel of a sample.

use crate::simd::simd;
use rayon::prelude::*;

/// Instances that one task sums.
const INSTANCES: usize = 64;

/// Sums of x.
pub(crate) fn totals(x: &[f32], instances: usize) -> Vec<f64> {
    sums(instances, |sums, first| add_totals(sums, x, first, instances))
}

/// Sums of (x - mean)².
pub(crate) fn squares(x: &[f32], mean: &[f32]) -> Vec<f64> {
    sums(mean.len(), |sums, first| add_squares(sums, x, mean, first))
}

/// Sums of gradient (x - mean).
pub(crate) fn products(gradient: &[f32], x: &[f32], mean: &[f32]) -> Vec<f64> {
    sums(mean.len(), |sums, first| add_products(sums, gradient, x, mean, first))
}

/// What a function adds up for each task's instances, by the first of them.
fn sums(instances: usize, of_task: impl Fn(&mut [f64], usize) + Sync) -> Vec<f64> {
    let mut sums = vec![0.0; instances];
    sums.par_chunks_mut(INSTANCES).enumerate().for_each(|(task, sums)| of_task(sums, task * INSTANCES));
    sums
}

simd! {
    fn add_totals(sums: &mut [f64], image: &[f32], first: usize, instances: usize) {
        for pixel in image.chunks_exact(instances) {
            for (sum, x) in sums.iter_mut().zip(&pixel[first..]) {
                *sum += f64::from(*x);
            }
        }
    }

    fn add_squares(sums: &mut [f64], image: &[f32], mean: &[f32], first: usize) {
        for pixel in image.chunks_exact(mean.len()) {
            for ((sum, x), mean) in sums.iter_mut().zip(&pixel[first..]).zip(&mean[first..]) {
                let rest = f64::from(x - mean);
                *sum += rest * rest;
            }
        }
    }

    fn add_products(sums: &mut [f64], gradient: &[f32], image: &[f32], mean: &[f32], first: usize) {
        let pixels = gradient.chunks_exact(mean.len()).zip(image.chunks_exact(mean.len()));
        for (gradient, pixel) in pixels {
            let numbers = gradient[first..].iter().zip(&pixel[first..]).zip(&mean[first..]);
            for (sum, ((gradient, x), mean)) in sums.iter_mut().zip(numbers) {
                *sum += f64::from(gradient * (x - mean));
            }
        }
    }

    /// x = a x + b of each instance.
    pub(crate) fn scale(x: &mut [f32], a: &[f32], b: &[f32]) {
        for ((x, a), b) in x.iter_mut().zip(a).zip(b) {
            *x = *x * a + b;
        }
    }

    /// gradient = a gradient + b x + c of each instance.
    pub(crate) fn combine(gradient: &mut [f32], x: &[f32], a: &[f32], b: &[f32], c: &[f32]) {
        for ((((gradient, x), a), b), c) in gradient.iter_mut().zip(x).zip(a).zip(b).zip(c) {
            *gradient = a * *gradient + (b * x + c);
        }
    }
}
