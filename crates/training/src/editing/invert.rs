//! Codes of given samples.

use super::{BATCH, Codes, Editor};
use burn::module::{Module, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Int, Tensor, TensorData};
use models::GeneratorInput;
use std::f64::consts::PI;

/// How codes are looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InvertRequest {
    /// Random samples of which the nearest is the start of each.
    pub candidates: usize,
    /// Steps of Adam from there.
    pub steps: usize,
    /// Its first rate, as a share of the codes' standard deviation; it falls to nothing.
    pub rate: f64,
    /// Seed of the candidates.
    pub seed: u64,
    /// Class of all candidates; by default they take turns.
    pub class: Option<usize>,
}

impl Default for InvertRequest {
    fn default() -> Self {
        Self { candidates: 1000, steps: 300, rate: 0.05, seed: 0, class: None }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Inverted {
    /// Of each sample, in its order.
    pub codes: Codes,
    /// Those of the nearest random sample of each, where the search started.
    pub start: Codes,
    /// Distortion of each at the start: the root of the mean squared difference, as a share of white - black.
    pub started: Vec<f64>,
    /// The same of the codes that were found.
    pub reached: Vec<f64>,
}

/// What an optimizer changes.
#[derive(Module, Debug)]
struct Code {
    code: Param<Tensor<2>>,
}

impl Editor<'_> {
    /// Codes whose samples are like these, `[count, channels, height, width]` in `[-1, 1]`: the squared difference is minimised by
    /// Adam from the nearest of random samples on, with their class and noise. The best code on the way is kept. The same samples
    /// give the same codes, whatever stands beside them but for rounding.
    ///
    /// # Panics
    /// They are not whole samples.
    pub fn invert(&self, samples: &[f32], request: &InvertRequest) -> Inverted {
        let size = self.averaged.domain.output.values();
        assert!(samples.len().is_multiple_of(size), "whole samples");
        let count = samples.len() / size;
        let device = &self.averaged.device;
        let target = Tensor::<2>::from_data(TensorData::new(samples.to_vec(), [count, size]), device);
        let candidates = self.draw(request.candidates.max(1), request.seed, request.class);
        let deviation = deviation(&candidates.codes);
        let start = self.nearest(&candidates, &target);
        let started = self.distortions(&start, &target);
        let mut best = (start.numbers().0, started.clone());
        let width = start.codes.dims()[1];
        let mut code = Code { code: Param::from_tensor(start.codes.clone().autodiff().require_grad()) };
        let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
        for step in 0..=request.steps {
            let made = self.made(code.code.val(), &start.rest);
            let squares = (made - target.clone().autodiff()).square().mean_dim(1);
            keep(&mut best, &code.code.val().inner(), &shares(squares.clone().inner()), width);
            if step == request.steps {
                break;
            }
            // Each code has its own loss, and Adam knows no scale: they do not disturb one another.
            let gradients = GradientsParams::from_grads(squares.sum().backward(), &code);
            let rate = request.rate * deviation * (1.0 + (PI * step as f64 / request.steps as f64).cos()) / 2.0;
            code = optimizer.step(rate, code, gradients);
        }
        let codes = Tensor::from_data(TensorData::new(best.0, [count, width]), device);
        Inverted { codes: Codes { codes, rest: start.rest.clone() }, start, started, reached: best.1 }
    }

    /// Samples as rows, `[count, values]`.
    fn made(&self, codes: Tensor<2>, rest: &GeneratorInput) -> Tensor<2> {
        self.editable.samples(codes, rest).flatten(1, 3)
    }

    /// The root of the mean squared difference of each.
    fn distortions(&self, codes: &Codes, target: &Tensor<2>) -> Vec<f64> {
        shares((self.made(codes.codes.clone(), &codes.rest) - target.clone()).square().mean_dim(1))
    }

    /// The candidate whose sample is nearest to each target.
    fn nearest(&self, candidates: &Codes, target: &Tensor<2>) -> Codes {
        let [count, _] = target.dims();
        let mut nearest = vec![(f32::INFINITY, 0); count];
        for first in (0..candidates.len()).step_by(BATCH) {
            let some = candidates.rows(first, BATCH.min(candidates.len() - first));
            let made = self.made(some.codes, &some.rest);
            let [width, _] = made.dims();
            // |a - b|², without |a|², which is the same for all candidates.
            let squares = made.clone().square().sum_dim(1).transpose();
            let distances = squares - target.clone().matmul(made.transpose()) * 2.0;
            let distances: Vec<f32> = distances.into_data().iter().collect();
            for (row, best) in distances.chunks(width).zip(&mut nearest) {
                for (at, distance) in row.iter().enumerate().filter(|(_, distance)| distance.is_finite()) {
                    if *distance < best.0 {
                        *best = (*distance, first + at);
                    }
                }
            }
        }
        let chosen: Vec<i64> = nearest.into_iter().map(|(_, at)| at as i64).collect();
        let chosen = Tensor::<1, Int>::from_data(TensorData::new(chosen, [count]), &self.averaged.device);
        let select = |numbers: Tensor<2>| numbers.select(0, chosen.clone());
        Codes { codes: select(candidates.codes.clone()), rest: candidates.rest.clone().map(select) }
    }
}

/// Of all numbers, around the mean of each.
fn deviation(codes: &Tensor<2>) -> f64 {
    let centred = codes.clone() - codes.clone().mean_dim(0);
    f64::from(centred.square().mean().sqrt().into_scalar::<f32>()).max(f64::from(f32::EPSILON))
}

/// Roots of mean squares `[count, 1]` in the unit of `[-1, 1]`, as shares of white - black.
fn shares(squares: Tensor<2>) -> Vec<f64> {
    squares.into_data().iter::<f32>().map(|square| f64::from(square).sqrt() / 2.0).collect()
}

/// Takes up codes that are better than the best so far.
fn keep((codes, distortions): &mut (Vec<f32>, Vec<f64>), now: &Tensor<2>, found: &[f64], width: usize) {
    let now: Vec<f32> = now.clone().into_data().iter().collect();
    for (at, found) in found.iter().enumerate().filter(|(_, found)| found.is_finite()) {
        if *found < distortions[at] {
            distortions[at] = *found;
            codes[at * width..(at + 1) * width].copy_from_slice(&now[at * width..(at + 1) * width]);
        }
    }
}
