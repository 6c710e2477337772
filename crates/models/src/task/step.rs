//! What an update learns from and comes to, and what samplers make.

use crate::{GeneratorInput, Samples, Scalars};
use burn::tensor::{ExecutionError, Tensor};
use burn::train::ItemLazy;

/// What one update learns from.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Index in the list of phases.
    pub phase: usize,
    /// Number of the phase's update in the run, from 0: the index of its random streams.
    pub update: u64,
    /// Whether it is the phase's last update in its step.
    pub is_last: bool,
    /// Real samples. The last update of each phase in a step has the same ones.
    pub real: Samples,
    /// Input for as many generated samples; of the same classes, where networks are conditioned on them.
    pub input: GeneratorInput,
}

/// What an update came to, before the weights change.
#[derive(Clone, Debug, Default)]
pub struct StepOutput {
    /// By name, off the tape, `[1]` each. One that is not finite means that the run has diverged.
    pub scalars: Scalars,
    /// Logits by what was judged, such as `real` and `fake`, off the tape, `[batch]` each.
    pub logits: Vec<(&'static str, Tensor<1>)>,
    /// What a generator made for a discriminator, on the tape in the phase's last update of a step: the generator's update learns
    /// from the same samples.
    pub made: Option<Tensor<4>>,
}

impl ItemLazy for StepOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

/// What a sampler makes of an input: values of the data's format by their role in a record, which is a word of small
/// letters, `[batch, channels, height, width]` each. The first are what metrics measure.
#[derive(Clone, Debug)]
pub struct Made(pub Vec<(&'static str, Tensor<4>)>);

impl Made {
    /// The values that metrics measure.
    ///
    /// # Panics
    /// There are none.
    pub fn samples(self) -> Tensor<4> {
        let (_, values) = self.0.into_iter().next().expect("a sampler makes something");
        values
    }
}

impl ItemLazy for Made {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}
