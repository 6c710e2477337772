//! What a data set is like: all that a model has to know of it before it sees a sample.

use crate::Format;
use serde::{Deserialize, Serialize};

/// What networks are built for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// Of the samples that are to be generated.
    pub output: Format,
    /// Of the samples that they are generated from, if the data set has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Format>,
    /// Whether input sample i belongs to output sample i.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paired: bool,
    /// Number of classes; `None` where the data have no labels.
    pub classes: Option<usize>,
}

impl Domain {
    /// Images `[channels, height, width]` alone, of so many classes if they are labelled.
    pub const fn images(shape: [usize; 3], classes: Option<usize>) -> Self {
        Self { output: Format::Image(shape), input: None, paired: false, classes }
    }
}

impl From<Format> for Domain {
    /// Samples alone, without classes.
    fn from(output: Format) -> Self {
        Self { output, input: None, paired: false, classes: None }
    }
}

impl From<[usize; 3]> for Domain {
    /// Images `[channels, height, width]` alone, without classes.
    fn from(shape: [usize; 3]) -> Self {
        Self::images(shape, None)
    }
}
