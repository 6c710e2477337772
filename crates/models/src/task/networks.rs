//! Networks that learn together, and networks that make samples.

use super::{Batch, Made, Phase, StepOutput};
use crate::GeneratorInput;
use crate::layer::Chain;
use burn::module::Module;
use burn::tensor::Tensor;
use burn::train::{InferenceStep, TrainStep};

/// Networks that learn together.
///
/// The module's fields that a [`Phase`] names are its networks; what else it holds is state, which checkpoints keep and
/// digests leave out. [`TrainStep::step`] is one update of [`Batch::phase`]: forward and backward, with gradients of that
/// phase's networks alone.
pub trait Networks: Module + TrainStep<Input = Batch, Output = StepOutput> + 'static {
    /// What makes samples once the networks have learned.
    type Sampler: Sampler;

    /// The phases of a step in their order, where a discriminator has so many updates for each of a generator.
    fn phases(&self, critic_steps: usize) -> Vec<Phase>;

    /// The networks that make samples, sharing their weights.
    fn sampler(&self) -> Self::Sampler;

    /// Takes up what must be known of the data before the first update; `real` gives all real samples, some at a time.
    #[must_use]
    fn prepared(self, _real: &mut dyn Iterator<Item = Tensor<4>>) -> Self {
        self
    }

    /// Prepares an update of a phase: what must follow the weights, such as singular vectors.
    #[must_use]
    fn before_update(self, _phase: usize) -> Self {
        self
    }

    /// Takes up into the state what an update came to; may add scalars.
    #[must_use]
    fn remember(self, _phase: usize, _output: &mut StepOutput) -> Self {
        self
    }

    /// Makes what must follow the weights follow them, in networks whose weights no update has changed but an average:
    /// singular vectors above all, whose averages are no singular vectors. What has been settled stays as it is, bit for
    /// bit.
    #[must_use]
    fn settle(average: Self::Sampler) -> Self::Sampler {
        average
    }

    /// The same networks with less varied, more typical samples: styles at `share` of their way from the mean style of these
    /// inputs. `None` if they have no styles.
    fn truncated(_sampler: Self::Sampler, _share: f64, _inputs: GeneratorInput) -> Option<Self::Sampler> {
        None
    }

    /// The network that makes the first of a sampler's samples as a chain of layers for other programs, with weights as they act:
    /// divided by their largest singular value, times their scale. `None` where it is no chain.
    fn folded(_sampler: &Self::Sampler) -> Option<Chain> {
        None
    }

    /// Bounds weights that an update of a phase has changed.
    #[must_use]
    fn after_update(self, _phase: usize) -> Self {
        self
    }
}

/// Networks that make samples.
pub trait Sampler: Module + InferenceStep<Input = GeneratorInput, Output = Made> + 'static {}

impl<M: Module + InferenceStep<Input = GeneratorInput, Output = Made> + 'static> Sampler for M {}
