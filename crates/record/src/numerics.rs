//! The arithmetic that weights were made with.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Attempts of equal numerics take a run to the same bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numerics {
    /// Backend, processor family, SIMD level, system and C library.
    pub class: String,
    /// The number of the program's arithmetic, which is raised with every change of bits.
    pub version: u32,
}

impl fmt::Display for Numerics {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} with numerics {}", self.class, self.version)
    }
}

/// `a with numerics 1, then b with numerics 1`, of a run that more than one arithmetic has trained.
pub(crate) fn mixed(numerics: &[Numerics]) -> Option<String> {
    let names: Vec<String> = numerics.iter().map(ToString::to_string).collect();
    (names.len() > 1).then(|| format!("its weights are of mixed arithmetic: {}", names.join(", then ")))
}
