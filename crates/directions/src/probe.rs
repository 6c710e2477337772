//! Directions that labels tell.

use crate::{DirectionError, Directions, check, normed};
use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2, Axis};

/// Share of the mean variance that is added to every variance.
const RIDGE: f64 = 1e-3;

/// The direction that separates codes whose samples have an attribute from codes whose samples have not: a linear probe, the normal
/// of the hyperplane of InterFaceGAN (Shen et al. 2020, arXiv 1907.10786, section 3.1), found by ridge regression of the attribute on
/// the codes in place of a support vector machine: u = (C + r I)⁻¹ c, with the covariance C of the codes and c that of codes and
/// attribute. The strength is the share of the codes that the probe puts on the right side.
///
/// # Shapes
/// - `codes`: `[samples, codes]`
/// - `attribute`: `[samples]`, whether each sample has it
///
/// # Errors
/// A code is not finite, or all samples have the attribute or none has.
///
/// # Panics
/// If there is not an attribute for each code.
pub fn probe(codes: &Array2<f64>, attribute: &[bool]) -> Result<Directions, DirectionError> {
    check(codes)?;
    let (samples, width) = codes.dim();
    assert_eq!(attribute.len(), samples, "an attribute for each code");
    let having = attribute.iter().filter(|has| **has).count();
    if having == 0 || having == samples {
        let which = if having == 0 { "none" } else { "all" };
        return Err(DirectionError::Nothing(format!("{which} of {samples} samples have the attribute")));
    }
    let mean = codes.mean_axis(Axis(0)).expect("there are samples");
    let centred = codes - &mean;
    let share = having as f64 / samples as f64;
    let target: Array1<f64> = attribute.iter().map(|has| f64::from(*has) - share).collect();
    let covariance = centred.t().dot(&centred) / samples as f64;
    let ridge = RIDGE * covariance.diag().mean().unwrap_or_default().max(f64::MIN_POSITIVE);
    let matrix = DMatrix::from_fn(width, width, |row, column| {
        covariance[(row, column)] + if row == column { ridge } else { 0.0 }
    });
    let shared = centred.t().dot(&target) / samples as f64;
    let solved =
        matrix.cholesky().ok_or(DirectionError::Eigenvalues(width))?.solve(&DVector::from_vec(shared.to_vec()));
    // Towards the attribute, so its sign says something and stays.
    let vector: Array1<f64> = solved.iter().copied().collect();
    let length = vector.dot(&vector).sqrt();
    let vector = if length > 0.0 { vector / length } else { normed(vector) };
    let along = centred.dot(&vector);
    let middle = [true, false].map(|wanted| {
        let of = along.iter().zip(attribute).filter(|(_, has)| **has == wanted);
        let count = if wanted { having } else { samples - having };
        of.map(|(value, _)| value).sum::<f64>() / count as f64
    });
    let border = (middle[0] + middle[1]) / 2.0;
    let right = along.iter().zip(attribute).filter(|(value, has)| (**value > border) == **has).count();
    let vectors = vector.insert_axis(Axis(0));
    Ok(Directions { vectors, strengths: vec![right as f64 / samples as f64] })
}
