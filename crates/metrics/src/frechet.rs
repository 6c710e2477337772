//! Fréchet distance: how far two Gaussians are apart that have the sets' means and covariances.

use crate::features::{check, check_one};
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use nalgebra::{DMatrix, SVD, SymmetricEigen};
use ndarray::{Array1, Array2, Axis, s};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows that one thread sums up at a time; sums of blocks are added in order.
const BLOCK: usize = 512;
/// Sweeps for each value after which they count as not found; two or three are usual.
const MAX_SWEEPS: usize = 100;
/// Share by which the sum of their squares may differ from what it must be.
const TOLERANCE: f64 = 1e-9;

/// Distance of the Gaussians with the means and covariances of both sets, lower is better (Heusel et al. 2017).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frechet {}

impl Settings for Frechet {
    const NAME: &'static str = "frechet";
}

impl Metric for Frechet {
    fn entry() -> Entry {
        Entry {
            about: "distance of the Gaussians with the sets' means and covariances",
            paper: "Heusel et al. 2017",
            samples: "features",
            view: View::Features,
            smallest: Smallest::WidthPlusOne,
            settings: "",
            quantities: vec![Quantity::lower("frechet", "features²").in_tables()],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![frechet(input.real, input.fake)?.into()])
    }
}

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
/// Different widths; a decomposition that failed.
pub fn distance(real: &Moments, fake: &Moments) -> Result<f64, MetricError> {
    if real.mean.len() != fake.mean.len() {
        return Err(MetricError::Width { real: real.mean.len(), fake: fake.mean.len() });
    }
    let shift: f64 = real.mean.iter().zip(&fake.mean).map(|(a, b)| (a - b) * (a - b)).sum();
    let spread = real.covariance.diag().sum() + fake.covariance.diag().sum();
    // Rounding may leave a little less than nothing.
    Ok((shift + spread - 2.0 * trace_of_root(&real.covariance, &fake.covariance)?).max(0.0))
}

/// `tr (C D)^½` as the sum of the singular values of `Sᵀ R` with `C = R Rᵀ` and `D = S Sᵀ`, whose squares are the eigenvalues
/// of `C D`. With as many columns as `C` and `D` have rank, no singular matrix is decomposed.
fn trace_of_root(left: &Array2<f64>, right: &Array2<f64>) -> Result<f64, MetricError> {
    let width = left.nrows();
    let failed = MetricError::Eigenvalues { width };
    // A sweep over numbers that overflowed never ends.
    if ![left, right].iter().all(|matrix| matrix.iter().all(|value| value.is_finite())) {
        return Err(failed);
    }
    let product = root(right).t().dot(&root(left));
    if product.is_empty() {
        return Ok(0.0);
    }
    let gram = product.t().dot(&product);
    let matrix = |of: &Array2<f64>| DMatrix::from_fn(of.nrows(), of.ncols(), |row, column| of[(row, column)]);
    let sum: f64 = gram.diag().sum();
    let is_sound = |squares: f64| (squares - sum).abs() <= TOLERANCE * sum;
    // Several times as fast as singular values, and wrong where blocks of the matrix vanish.
    let eigen = SymmetricEigen::try_new(matrix(&gram), f64::EPSILON, MAX_SWEEPS * width);
    if let Some(values) = eigen.map(|eigen| eigen.eigenvalues).filter(|values| is_sound(values.sum())) {
        return Ok(values.iter().map(|value| value.max(0.0).sqrt()).sum());
    }
    let found = SVD::try_new(matrix(&product), false, false, f64::EPSILON, MAX_SWEEPS * width);
    let values = found.map(|found| found.singular_values).filter(|values| is_sound(values.norm_squared()));
    values.map(|values| values.sum()).ok_or(failed)
}

/// `R` with `C = R Rᵀ` and as many columns as `C` has rank: Cholesky's decomposition with the largest pivot first (Higham
/// 2002, section 10.3).
fn root(covariance: &Array2<f64>) -> Array2<f64> {
    let width = covariance.nrows();
    let mut rest = covariance.diag().to_owned();
    let least = rest.iter().fold(0.0, |most: f64, value| most.max(*value)) * width as f64 * f64::EPSILON;
    // A row for each column of the root, so that a row is contiguous.
    let mut rows: Array2<f64> = Array2::zeros((width, width));
    let mut rank = 0;
    while rank < width {
        let pivot = (0..width).fold(0, |best, index| if rest[index] > rest[best] { index } else { best });
        if rest[pivot] <= least {
            break;
        }
        let scale = rest[pivot].sqrt();
        let mut row = covariance.row(pivot).to_owned();
        for done in rows.slice(s![..rank, ..]).rows() {
            row.scaled_add(-done[pivot], &done);
        }
        row /= scale;
        rest.zip_mut_with(&row, |rest, value| *rest -= value * value);
        rest[pivot] = 0.0;
        rows.row_mut(rank).assign(&row);
        rank += 1;
    }
    rows.slice(s![..rank, ..]).reversed_axes().to_owned()
}
