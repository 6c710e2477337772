//! Kernel distance: the squared maximum mean discrepancy with a polynomial kernel.

use crate::distances::products;
use crate::features::check;
use crate::random::Random;
use crate::{Features, MetricError};
use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Columns of a tile of kernel values.
const TILE: usize = 256;

/// How it is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kid {
    /// Subsets that are drawn.
    pub subsets: usize,
    /// Samples in each subset; fewer where a set is smaller.
    pub subset_size: usize,
    /// Decides the subsets.
    pub seed: u64,
}

impl Default for Kid {
    fn default() -> Self {
        Self { subsets: 100, subset_size: 1000, seed: 0 }
    }
}

/// An estimate from subsets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean over the subsets.
    pub mean: f64,
    /// Standard deviation over the subsets (divided by their number).
    pub deviation: f64,
    /// Of the mean: the deviation over the root of the number of subsets. Subsets overlap, so it is a lower bound.
    pub standard_error: f64,
}

/// Unbiased squared MMD with the kernel `(x·y / width + 1)³`, mean over random subsets: Bińkowski et al. 2018, section
/// 3.2. Without bias, so that numbers of samples may differ, and below 0 by chance where the sets are alike.
///
/// No unit; not multiplied by 100 or 1000. Lower is better, 0 for equal distributions.
/// Cost: `subsets · subset_size² · width`.
///
/// # Errors
/// Fewer than two samples of either have no pair.
pub fn kid(real: Features, fake: Features, settings: Kid) -> Result<Estimate, MetricError> {
    check("kid", real, fake, 2, "an unbiased estimate needs a pair")?;
    let size = settings.subset_size.max(2).min(real.len()).min(fake.len());
    let (reals, fakes) = (real.matrix(), fake.matrix());
    let subsets = 0..settings.subsets.max(1) as u64;
    let values: Vec<f64> = subsets
        .into_par_iter()
        .map(|subset| {
            let mut random = Random::new(settings.seed, subset);
            let real = reals.select(Axis(0), &random.choose(size, real.len()));
            let fake = fakes.select(Axis(0), &random.choose(size, fake.len()));
            unbiased(&real, &fake)
        })
        .collect();
    Ok(estimate(&values))
}

/// The same estimate from all pairs of both sets at once.
///
/// # Errors
/// As [`kid`].
pub fn kid_of_all(real: Features, fake: Features) -> Result<f64, MetricError> {
    check("kid", real, fake, 2, "an unbiased estimate needs a pair")?;
    Ok(unbiased(&real.matrix(), &fake.matrix()))
}

/// Mean, deviation and standard error of the subsets' values.
fn estimate(values: &[f64]) -> Estimate {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt();
    Estimate { mean, deviation, standard_error: deviation / count.sqrt() }
}

fn unbiased(real: &Array2<f64>, fake: &Array2<f64>) -> f64 {
    let pairs = |set: &Array2<f64>| (set.nrows() * (set.nrows() - 1)) as f64;
    let cross = between(real, fake) / (real.nrows() * fake.nrows()) as f64;
    within(real) / pairs(real) + within(fake) / pairs(fake) - 2.0 * cross
}

/// Sum of the kernel over all pairs of different samples.
fn within(set: &Array2<f64>) -> f64 {
    let width = set.ncols() as f64;
    let mut sum = 0.0;
    for from in (0..set.nrows()).step_by(TILE) {
        let to = (from + TILE).min(set.nrows());
        let tile = set.slice(s![from..to, ..]);
        let diagonal: f64 = tile.rows().into_iter().map(|row| cube(row.dot(&row) / width + 1.0)).sum();
        // The kernel is symmetric: what is right of the diagonal tile counts twice.
        sum += kernels(tile, tile) - diagonal + 2.0 * kernels(tile, set.slice(s![to.., ..]));
    }
    sum
}

fn between(left: &Array2<f64>, right: &Array2<f64>) -> f64 {
    left.axis_chunks_iter(Axis(0), TILE).map(|tile| kernels(tile, right.view())).sum()
}

/// In eight sums side by side, as a processor adds.
fn kernels(left: ArrayView2<f64>, right: ArrayView2<f64>) -> f64 {
    let scale = 1.0 / left.ncols() as f64;
    let mut sums = [0.0; 8];
    for some in products(left, right).chunks(sums.len()) {
        sums.iter_mut().zip(some).for_each(|(sum, product)| *sum += cube(product * scale + 1.0));
    }
    sums.iter().sum()
}

fn cube(x: f64) -> f64 {
    x * x * x
}
