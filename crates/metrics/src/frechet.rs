//! Fréchet distance: how far two Gaussians are apart that have the sets' means and covariances.

use crate::features::{check, check_one};
use crate::{Features, MetricError, Side};
use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

/// Rows that one thread sums up at a time; sums of blocks are added in order.
const BLOCK: usize = 512;
/// Sweeps for each eigenvalue after which they count as not found; two or three are usual.
const MOST_SWEEPS: usize = 100;

/// `|m - n|² + tr(C + D - 2 (C D)^½)` of the means and the covariances (divided by `samples - 1`) of two sets: Heusel
/// et al. 2017, eq. 6. With features of the Inception network it is the "FID".
///
/// Unit: squared features. Lower is better, 0 for equal moments. Biased upwards by few samples (Bińkowski et al. 2018):
/// compare at equal numbers only. Cost: `samples · width² + width³`.
///
/// # Errors
/// Fewer than `width + 1` samples leave a covariance without full rank and say nothing of the missing directions.
pub fn frechet(real: Features, fake: Features) -> Result<f64, MetricError> {
    check("frechet", real, fake, real.width() + 1, "a covariance of full rank takes one more than features")?;
    distance(&Moments::of(real, Side::Real)?, &Moments::of(fake, Side::Fake)?)
}

/// Mean and covariance of a set.
#[derive(Clone, Debug)]
pub struct Moments {
    mean: Array1<f64>,
    covariance: Array2<f64>,
}

impl Moments {
    /// Given ones; `covariance` is row-major.
    ///
    /// # Panics
    /// If `covariance` is not a square of the mean's width.
    pub fn new(mean: Vec<f64>, covariance: Vec<f64>) -> Self {
        let width = mean.len();
        let covariance = Array2::from_shape_vec((width, width), covariance).expect("a square of the mean's width");
        Self { mean: mean.into(), covariance }
    }

    /// Those of two samples or more, in two passes, so that a large mean costs no digits.
    ///
    /// # Errors
    /// A single sample, or a number that is not finite.
    pub fn of(features: Features, side: Side) -> Result<Self, MetricError> {
        check_one("frechet", side, features, 2, "one sample has no covariance")?;
        let blocks = features.blocks(BLOCK);
        let block = |rows: &std::ops::Range<usize>| features.slice(rows.clone()).matrix();
        let sums: Vec<Array1<f64>> = blocks.par_iter().map(|rows| block(rows).sum_axis(Axis(0))).collect();
        let mean = sums.iter().fold(Array1::zeros(features.width()), |sum, part| sum + part) / features.len() as f64;
        let mut covariance = Array2::zeros((features.width(), features.width()));
        // A few blocks at once bound the memory; the order of the sum does not depend on the threads.
        for some in blocks.chunks(8) {
            let parts: Vec<Array2<f64>> = some
                .par_iter()
                .map(|rows| {
                    let centred = block(rows) - &mean;
                    centred.t().dot(&centred)
                })
                .collect();
            parts.iter().for_each(|part| covariance += part);
        }
        covariance /= (features.len() - 1) as f64;
        Ok(Self { mean, covariance })
    }
}

/// The distance of two Gaussians, for covariances of any rank.
///
/// # Errors
/// Different widths; eigenvalues that were not found.
pub fn distance(real: &Moments, fake: &Moments) -> Result<f64, MetricError> {
    if real.mean.len() != fake.mean.len() {
        return Err(MetricError::Width { real: real.mean.len(), fake: fake.mean.len() });
    }
    let shift: f64 = real.mean.iter().zip(&fake.mean).map(|(a, b)| (a - b) * (a - b)).sum();
    let spread = real.covariance.diag().sum() + fake.covariance.diag().sum();
    // Rounding may leave a little less than nothing.
    Ok((shift + spread - 2.0 * trace_of_root(&real.covariance, &fake.covariance)?).max(0.0))
}

/// `tr (C D)^½` as the sum of the roots of the eigenvalues of `Rᵀ D R` with `C = R Rᵀ`, which are those of `C D`, but of
/// a symmetric matrix. Eigenvalues that rounding made negative are zero.
fn trace_of_root(left: &Array2<f64>, right: &Array2<f64>) -> Result<f64, MetricError> {
    let (values, mut root) = eigen(left)?;
    for (mut column, value) in root.columns_mut().into_iter().zip(values) {
        column *= value.max(0.0).sqrt();
    }
    let inner = root.t().dot(right).dot(&root);
    let (values, _) = eigen(&((&inner + &inner.t()) / 2.0))?;
    Ok(values.iter().map(|value| value.max(0.0).sqrt()).sum())
}

/// Eigenvalues and, in columns, eigenvectors.
fn eigen(symmetric: &Array2<f64>) -> Result<(Vec<f64>, Array2<f64>), MetricError> {
    let width = symmetric.nrows();
    let shape = (width, width);
    // A sweep over numbers that overflowed never ends.
    let is_finite = symmetric.iter().all(|value| value.is_finite());
    let matrix = || DMatrix::from_fn(width, width, |row, column| symmetric[(row, column)]);
    let eigen = is_finite.then(|| SymmetricEigen::try_new(matrix(), f64::EPSILON, MOST_SWEEPS * width)).flatten();
    let eigen = eigen.ok_or(MetricError::Eigenvalues { width })?;
    let vectors = Array2::from_shape_fn(shape, |(row, column)| eigen.eigenvectors[(row, column)]);
    Ok((eigen.eigenvalues.iter().copied().collect(), vectors))
}
