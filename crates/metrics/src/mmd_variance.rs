//! How far the unbiased squared MMD scatters over fresh samples.

use crate::distances::products;
use ndarray::{Array2, s};
use rayon::prelude::*;

/// Rows of a tile of kernel values.
const TILE: usize = 256;

/// The parts of the estimate's variance that do not depend on numbers of samples (Hoeffding 1948; for the MMD with as many
/// real as fake samples Sutherland et al. 2017, arXiv 1611.04488, appendix A).
///
/// Where the distributions are equal, single samples add nothing on average, and what is found for them is noise: at least
/// 0, so that the error is up to a fifth too large there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MmdVariance {
    /// Variance of what one real or one fake sample adds: twice its mean kernel with its own set less that with the other.
    single: [f64; 2],
    /// Mean square of what a pair of real samples, of fake ones or of one of each has beyond what its samples have.
    pair: [f64; 3],
}

/// Of the kernel values of pairs from two sets, or from one, without those of a sample with itself.
struct Kernels {
    /// Mean kernel of each sample of the first set.
    first: Vec<f64>,
    /// The same of the second set.
    second: Vec<f64>,
    /// Mean square of a value less the means of its samples, plus the mean of all.
    rest: f64,
}

impl MmdVariance {
    /// Estimated from two or more samples of each set, `[samples, width]`.
    pub(crate) fn of(real: &Array2<f64>, fake: &Array2<f64>, kernel: impl Fn(f64) -> f64 + Sync) -> Self {
        let [reals, fakes, cross] =
            [(real, real), (fake, fake), (real, fake)].map(|(left, right)| Kernels::of(left, right, &kernel));
        // Means over the pairs at hand scatter themselves; that share is taken off.
        let single = |own: &Kernels, other: &[f64], others: usize| {
            let added: Vec<f64> = own.first.iter().zip(other).map(|(own, other)| 2.0 * (own - other)).collect();
            let noise = own.rest / (added.len() - 1) as f64 + cross.rest / others as f64;
            (variance(&added) - 4.0 * noise).max(0.0)
        };
        Self {
            single: [single(&reals, &cross.first, fake.nrows()), single(&fakes, &cross.second, real.nrows())],
            pair: [reals.rest, fakes.rest, cross.rest],
        }
    }

    /// Variance of the estimate from all pairs of so many real and fake samples, two or more of each.
    pub(crate) fn at(&self, real: usize, fake: usize) -> f64 {
        let ([m, n], [reals, fakes, cross]) = ([real as f64, fake as f64], self.pair);
        let within = reals / (m * (m - 1.0)) + fakes / (n * (n - 1.0));
        self.single[0] / m + self.single[1] / n + 2.0 * within + 4.0 * cross / (m * n)
    }
}

impl Kernels {
    /// All pairs; of one set those of different samples.
    fn of(left: &Array2<f64>, right: &Array2<f64>, kernel: &(impl Fn(f64) -> f64 + Sync)) -> Self {
        let is_one = std::ptr::eq(left, right);
        let (rows, columns, scale) = (left.nrows(), right.nrows(), 1.0 / left.ncols() as f64);
        let of_tile = |from: usize| {
            let to = (from + TILE).min(rows);
            let mut values: Vec<f64> = products(left.slice(s![from..to, ..]), right.view());
            values.iter_mut().for_each(|value| *value = kernel(*value * scale));
            if is_one {
                (from..to).for_each(|row| values[(row - from) * columns + row] = 0.0);
            }
            let sums: Vec<f64> = values.chunks(columns).map(|row| row.iter().sum()).collect();
            let down = values.chunks(columns).fold(vec![0.0; columns], |mut down, row| {
                down.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
                down
            });
            (sums, down, values.iter().map(|value| value * value).sum::<f64>())
        };
        let tiles: Vec<_> = (0..rows).step_by(TILE).collect::<Vec<_>>().into_par_iter().map(of_tile).collect();
        let (mut first, mut second, mut squares) = (Vec::with_capacity(rows), vec![0.0; columns], 0.0);
        for (sums, down, square) in tiles {
            first.extend(sums);
            second.iter_mut().zip(down).for_each(|(sum, down)| *sum += down);
            squares += square;
        }
        let [across, along] = if is_one { [columns - 1, rows - 1] } else { [columns, rows] }.map(|count| count as f64);
        first.iter_mut().for_each(|sum| *sum /= across);
        second.iter_mut().for_each(|sum| *sum /= along);
        let (pairs, mean) = (rows as f64 * across, first.iter().sum::<f64>() / rows as f64);
        let spread = |means: &[f64]| means.iter().map(|own| (own - mean) * (own - mean)).sum::<f64>();
        // Of one set both means are the same ones, and the pairs of a sample with itself are not there.
        let explained = match is_one {
            true => 2.0 * rows as f64 * spread(&first),
            false => columns as f64 * spread(&first) + rows as f64 * spread(&second),
        };
        let rest = ((squares - pairs * mean * mean - explained) / pairs).max(0.0);
        Self { first, second, rest }
    }
}

/// Of the population that these are from.
fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (values.len() - 1) as f64
}
