//! Pictures that a run leaves beside its sample grids.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a picture shows. A run has one of each kind at most: the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// Real samples, as many as a grid has generated ones.
    Real,
    /// Samples on straight ways between latent vectors: a row for each way, or a curve in the plane.
    Interpolation,
    /// Samples of the grid above, the training images most like them below.
    Neighbours,
}

impl PictureKind {
    /// Its path below the run's folder.
    pub fn file(self) -> String {
        format!("samples/{}.png", self.name())
    }

    /// The word in files and on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Interpolation => "interpolation",
            Self::Neighbours => "neighbours",
        }
    }
}

impl fmt::Display for PictureKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Real => "real samples",
            Self::Interpolation => "ways between latents",
            Self::Neighbours => "nearest training images",
        })
    }
}
