//! Differentiable augmentation of all that the discriminator sees, real and generated, in both turns: with few images it
//! cannot learn them by heart, and the generator learns nothing of the augmentation (DiffAugment: Zhao et al. 2020,
//! arXiv 2006.10738; adaptive: Karras et al. 2020, arXiv 2006.06676).
//!
//! Draws come from the run's streams. Each operation draws for each image anew.
//!
//! # Shapes
//! Images are `[batch, channels, height, width]` in `[-1, 1]`, before and after; black, which fills what is uncovered, is
//! the middle grey 0, as in the papers' programs.

mod adaptive;
mod diff_augment;
mod unaugmented;

mod color;
mod cutout;
mod geometry;
mod operation;

#[cfg(test)]
mod tests;

pub use adaptive::Adaptive;
pub use diff_augment::DiffAugment;
pub use operation::Operation;
pub use unaugmented::Unaugmented;

use crate::{Adaptation, Stream, Variables};
use burn::tensor::Tensor;
use family::{Choice, DefaultMember, Family, Holds, Member, Problem, Registry, Settings};
use std::sync::Arc;

/// Every built-in augmentation.
const ALL: &[Member<dyn Augmentation>] =
    &[Member::of::<Unaugmented>(), Member::of::<DiffAugment>(), Member::of::<Adaptive>()];

/// Every augmentation.
pub static AUGMENTATIONS: Registry<dyn Augmentation> = Registry::new(ALL);

/// `run.model.augmentation`: an augmentation with its settings.
pub type AugmentationConfig = Choice<dyn Augmentation>;

/// What happens to images before the discriminator sees them.
pub trait Augmentation: Send + Sync {
    /// Augmented images; what is random comes from `stream`.
    fn apply(&self, images: Tensor<4>, variables: &Variables, stream: &mut Stream) -> Tensor<4>;

    /// Numbers that it keeps from update to update, with their first values. They are saved in checkpoints.
    fn variables(&self) -> Vec<(&'static str, f32)> {
        Vec::new()
    }

    /// Whether [`adapt`](Self::adapt) needs logits that are above 0 for what looks real: not all losses have such.
    fn needs_threshold(&self) -> bool {
        false
    }

    /// What becomes of its variables after an update of the discriminator on so many real images, whose logits `[batch]`
    /// are these, less the loss's [threshold](crate::loss::Loss::threshold), if it has one.
    fn adapt(&self, _real: &Tensor<1>, _images: usize, _variables: &Variables) -> Adaptation {
        Adaptation::default()
    }

    /// What is wrong with the settings.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }
}

impl Family for dyn Augmentation {
    const NAME: &'static str = "Augmentation";
    const ABOUT: &'static str = "`run.model.augmentation`.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = ();

    fn registry() -> &'static Registry<Self> {
        &AUGMENTATIONS
    }
}

impl<S: Settings + Augmentation> Holds<S> for dyn Augmentation {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() {}
}

impl DefaultMember for dyn Augmentation {
    fn default_member() -> AugmentationConfig {
        Choice::of(Unaugmented {})
    }
}

/// Whether there is none.
pub(crate) fn is_none(augmentation: &AugmentationConfig) -> bool {
    augmentation.name() == Unaugmented::NAME
}

fn check_operations(operations: &[Operation]) -> Option<Problem> {
    let message = "`operations` is empty: set `model.augmentation: none`";
    Problem::unless(!operations.is_empty(), "operations", message)
}
