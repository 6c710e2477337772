//! Eigenvectors of symmetric matrices.

use crate::DirectionError;
use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2};

/// More are never needed.
const SWEEPS: usize = 100;

/// The eigenvalues of a symmetric matrix and its eigenvectors, of length 1, the largest first.
pub(crate) fn eigen(of: &Array2<f64>) -> Result<Vec<(f64, Array1<f64>)>, DirectionError> {
    let size = of.nrows();
    let matrix = DMatrix::from_fn(size, size, |row, column| of[(row, column)]);
    let found = SymmetricEigen::try_new(matrix, f64::EPSILON, SWEEPS * size);
    let found = found.ok_or(DirectionError::Eigenvalues(size))?;
    let pair = |(value, vector): (&f64, nalgebra::DVectorView<f64>)| (*value, vector.iter().copied().collect());
    let mut pairs: Vec<(f64, Array1<f64>)> =
        found.eigenvalues.iter().zip(found.eigenvectors.column_iter()).map(pair).collect();
    pairs.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    Ok(pairs)
}
