//! Kernel distance: the squared maximum mean discrepancy with a polynomial kernel.

use crate::distances::products;
use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::mmd_variance::MmdVariance;
use crate::random::Random;
use crate::{Features, MetricError};
use family::Settings;
use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Columns of a tile of kernel values.
const TILE: usize = 256;

/// Samples of each set that the error is estimated from, at most: twice a usual subset, so a few hundredths of the cost.
const ERROR_SAMPLES: usize = 2000;

/// Unbiased squared MMD with a cubic kernel, lower is better (Bińkowski et al. 2018).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KernelDistance {}

impl Settings for KernelDistance {
    const NAME: &'static str = "kid";
}

impl Metric for KernelDistance {
    fn entry() -> Entry {
        Entry {
            about: "unbiased squared MMD with a cubic kernel",
            paper: "Bińkowski et al. 2018",
            samples: "features",
            view: View::Features,
            smallest: Smallest::Samples(2),
            settings: "100 subsets of half, at most 1000",
            quantities: vec![Quantity::lower("kid", "")],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        // Subsets of everything would all be the same one, and their standard error nothing.
        let half = input.real.len().min(input.fake.len()) / 2;
        let usual = Kid::default();
        let settings = Kid { subset_size: usual.subset_size.min(half), seed: input.seed, ..usual };
        let estimate = kid(input.real, input.fake, settings)?;
        let standard_error = Some(estimate.standard_error);
        Ok(vec![Measured { standard_error, ..estimate.mean.into() }])
    }
}

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
    /// Standard deviation over the subsets (divided by their number). Subsets overlap, so it says little of the mean.
    pub deviation: f64,
    /// Standard deviation of the mean over fresh samples of both sets and fresh subsets; up to a fifth too large where the
    /// distributions are equal.
    pub standard_error: f64,
}

/// Unbiased squared MMD with the kernel `(x·y / width + 1)³`, mean over random subsets: Bińkowski et al. 2018, section
/// 3.2. Without bias, so that numbers of samples may differ, and below 0 by chance where the sets are alike.
///
/// No unit; not multiplied by 100 or 1000. Lower is better, 0 for equal distributions. The standard error is that of
/// Hoeffding's decomposition, not that of the subsets' mean.
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
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt();
    let some = |set: &Array2<f64>, stream: u64| {
        let chosen = Random::new(settings.seed, stream).choose(ERROR_SAMPLES.min(set.nrows()), set.nrows());
        set.select(Axis(0), &chosen)
    };
    // The streams before the last are the subsets' and the permutation's.
    let variance = MmdVariance::of(&some(&reals, u64::MAX - 1), &some(&fakes, u64::MAX - 2), kernel);
    // The estimate from all pairs is the mean over all subsets; the subsets that were drawn scatter about it.
    let of_all = variance.at(real.len(), fake.len());
    let of_subsets = (variance.at(size, size) - of_all).max(0.0) / count;
    Ok(Estimate { mean, deviation, standard_error: (of_all + of_subsets).sqrt() })
}

/// The same estimate from all pairs of both sets at once.
///
/// # Errors
/// As [`kid`].
pub fn kid_of_all(real: Features, fake: Features) -> Result<f64, MetricError> {
    check("kid", real, fake, 2, "an unbiased estimate needs a pair")?;
    Ok(unbiased(&real.matrix(), &fake.matrix()))
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
        let diagonal: f64 = tile.rows().into_iter().map(|row| kernel(row.dot(&row) / width)).sum();
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
        sums.iter_mut().zip(some).for_each(|(sum, product)| *sum += kernel(product * scale));
    }
    sums.iter().sum()
}

/// Of two samples, by their product over the width.
fn kernel(product: f64) -> f64 {
    let x = product + 1.0;
    x * x * x
}
