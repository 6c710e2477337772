//! Why a metric has no value.

use std::fmt;

/// Which of the two sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The real samples.
    Real,
    /// The generated samples.
    Fake,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Real => "real",
            Self::Fake => "fake",
        })
    }
}

/// Why a metric has no value. The texts are fragments.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// A set is too small for the metric to mean anything.
    #[error("{metric} needs {needed} {side} samples, found {found}: {because}")]
    TooFew {
        /// Which metric.
        metric: &'static str,
        /// Which set.
        side: Side,
        /// The smallest number that will do.
        needed: usize,
        /// How many there are.
        found: usize,
        /// What fails with fewer.
        because: &'static str,
    },
    /// The sets are not described by the same features.
    #[error("real samples have {real} features, fake samples {fake}")]
    Width {
        /// Features of a real sample.
        real: usize,
        /// Features of a fake sample.
        fake: usize,
    },
    /// A feature is infinite or not a number.
    #[error("{side} sample {row} has the feature {value} at {column}")]
    NotFinite {
        /// Which set.
        side: Side,
        /// Which sample.
        row: usize,
        /// Which feature.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// The metric is of another kind of samples: images, probabilities, points.
    #[error("{metric} needs {needed}")]
    Kind {
        /// Which metric.
        metric: &'static str,
        /// What it measures.
        needed: &'static str,
    },
    /// The covariance could not be decomposed.
    #[error("the eigenvalues of a covariance of {width} features were not found")]
    Eigenvalues {
        /// Features of a sample.
        width: usize,
    },
}
