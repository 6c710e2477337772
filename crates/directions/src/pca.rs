//! Directions that activations tell.

use crate::eigen::eigen;
use crate::{DirectionError, Directions, check, normed};
use ndarray::{Array1, Array2, Axis};

/// Principal components of activations, brought back to codes (GANSpace: Härkönen et al. 2020, arXiv 2004.02546, section 2). The
/// activations y of many codes z have components v with coordinates x = vᵀ(y - mean); the direction of a component is the least-squares
/// answer to z = u x. Where activations are the codes themselves, as styles are, directions are the components. The strength of
/// a direction is the variance along its component.
///
/// # Shapes
/// - `activations`: `[samples, features]`, of
/// - `codes`: `[samples, codes]`
///
/// # Errors
/// A number is not finite, or nothing varies.
pub fn principal(activations: &Array2<f64>, codes: &Array2<f64>, count: usize) -> Result<Directions, DirectionError> {
    check(activations)?;
    check(codes)?;
    let (samples, features) = activations.dim();
    let (centred, codes) = (centred(activations), centred(codes));
    let degrees = samples.saturating_sub(1).max(1) as f64;
    // Of the two matrices with the same eigenvalues, the smaller one.
    let pairs = match features <= samples {
        true => eigen(&(centred.t().dot(&centred) / degrees))?,
        false => eigen(&(centred.dot(&centred.t()) / degrees))?,
    };
    let most = pairs.first().map_or(0.0, |(value, _)| *value);
    let (mut vectors, mut strengths) = (Array2::zeros((0, codes.ncols())), Vec::new());
    for (variance, vector) in pairs.into_iter().take(count).filter(|(value, _)| *value > most * 1e-12) {
        // Coordinates of the samples; of the second matrix the eigenvectors are those, but for their length.
        let scores: Array1<f64> = if features <= samples { centred.dot(&vector) } else { vector };
        let direction = codes.t().dot(&scores) / scores.dot(&scores);
        vectors.push_row(normed(direction).view()).expect("as long as a code");
        strengths.push(variance);
    }
    if strengths.is_empty() {
        return Err(DirectionError::Nothing("the activations of all samples are the same".to_owned()));
    }
    Ok(Directions { vectors, strengths })
}

fn centred(rows: &Array2<f64>) -> Array2<f64> {
    match rows.mean_axis(Axis(0)) {
        Some(mean) => rows - &mean,
        None => rows.clone(),
    }
}
