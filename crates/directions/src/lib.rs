//! Directions in the latent space of a generator along which its samples change in one way. Matrices in, matrices out: nothing
//! here knows of tensors, networks or files, and nothing is trained.
//!
//! A direction has length 1, and its largest number is positive, so that it is the same whichever way it was found. All
//! arithmetic is in 64 bits.

mod eigen;
mod pca;
mod probe;
mod sefa;

pub use pca::principal;
pub use probe::probe;
pub use sefa::factorised;

use ndarray::{Array1, Array2, ArrayView1};

/// Rows of numbers.
pub type Matrix = Array2<f64>;

/// One of them.
pub type Row<'a> = ArrayView1<'a, f64>;

/// Directions, the strongest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Directions {
    /// A row for each, `[directions, codes]`.
    pub vectors: Array2<f64>,
    /// How strong each is, in a unit of its method.
    pub strengths: Vec<f64>,
}

/// Why there are no directions.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DirectionError {
    /// A matrix holds what is no number.
    #[error("weights or activations are not finite")]
    NotFinite,
    /// The decomposition did not come to an end.
    #[error("the eigenvalues of a matrix of {0} rows were not found")]
    Eigenvalues(usize),
    /// There is nothing to tell apart.
    #[error("{0}")]
    Nothing(String),
}

/// Rows of numbers as a matrix in 64 bits.
///
/// # Panics
/// If they are no whole rows.
pub fn matrix(values: &[f32], width: usize) -> Array2<f64> {
    let wide: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
    Array2::from_shape_vec((values.len() / width, width), wide).expect("whole rows")
}

/// With length 1 and a positive largest number; as it is if it has no length.
fn normed(vector: Array1<f64>) -> Array1<f64> {
    let length = vector.dot(&vector).sqrt();
    let largest = vector.iter().fold(0.0f64, |most, value| if value.abs() > most.abs() { *value } else { most });
    if length > 0.0 { vector / (length * largest.signum()) } else { vector }
}

fn check(matrix: &Array2<f64>) -> Result<(), DirectionError> {
    if matrix.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(DirectionError::NotFinite) }
}
