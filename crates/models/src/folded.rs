//! Networks for other programs.

use crate::layer::Chain;

/// Networks of this project's layers with weights as they act: divided by their largest singular value, times their scale.
pub struct Folded<S> {
    /// The layers, from the generator's input to samples.
    pub layers: Chain,
    /// The same tensors, by their paths.
    pub networks: S,
}
