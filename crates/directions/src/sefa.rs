//! Directions that the weights alone tell.

use crate::eigen::eigen;
use crate::{DirectionError, Directions, check, normed};
use ndarray::Array2;

/// Closed-form factorisation (SeFa: Shen and Zhou 2021, arXiv 2007.06600, equations 4 to 7). A first layer makes A z + b of a code z;
/// the directions n of length 1 that it changes most, those with the largest |A n|², are the eigenvectors of AᵀA with the
/// largest eigenvalues, which are the strengths.
///
/// # Shapes
/// - `weight`: `[codes, outputs]`, Aᵀ
///
/// # Errors
/// The weight is not finite.
pub fn factorised(weight: &Array2<f64>, count: usize) -> Result<Directions, DirectionError> {
    check(weight)?;
    let pairs = eigen(&weight.dot(&weight.t()))?;
    let (mut vectors, mut strengths) = (Array2::zeros((0, weight.nrows())), Vec::new());
    for (strength, vector) in pairs.into_iter().take(count) {
        vectors.push_row(normed(vector).view()).expect("as long as a code");
        strengths.push(strength.max(0.0));
    }
    Ok(Directions { vectors, strengths })
}
