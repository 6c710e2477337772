//! Adversarial losses on logits. Each file owns one.
//!
//! # Shapes
//! `real` and `fake` are logits `[batch]` of any range; every loss is a scalar `[1]`, the mean over the batch. The
//! logarithms of sigmoids are written as softplus, so that no finite logit overflows.

mod boundary_equilibrium;
mod energy;
pub mod formula;
mod hinge;
mod least_squares;
mod minimax;
mod non_saturating;
mod relativistic;
mod relativistic_average;
mod softmax;
mod wasserstein;

pub use boundary_equilibrium::BoundaryEquilibrium;
pub use energy::{Energy, pulling_away};
pub use formula::Formula;
pub use hinge::Hinge;
pub use least_squares::LeastSquares;
pub use minimax::Minimax;
pub use non_saturating::NonSaturating;
pub use relativistic::Relativistic;
pub use relativistic_average::RelativisticAverage;
pub use softmax::Softmax;
pub use wasserstein::Wasserstein;

use crate::{Adaptation, Variables};
use burn::tensor::{Tensor, activation};
use family::{Choice, DefaultMember, Family, Holds, Member, Problem, Registry, Settings};
use serde::Serialize;
use std::sync::Arc;

/// Every built-in loss.
const ALL: &[Member<dyn Loss>] = &[
    Member::of::<Minimax>(),
    Member::of::<NonSaturating>(),
    Member::of::<LeastSquares>(),
    Member::of::<Wasserstein>(),
    Member::of::<Hinge>(),
    Member::of::<Relativistic>(),
    Member::of::<RelativisticAverage>(),
    Member::of::<Softmax>(),
    Member::of::<Energy>(),
    Member::of::<BoundaryEquilibrium>(),
    Member::of::<Formula>(),
];

/// Every loss.
pub static LOSSES: Registry<dyn Loss> = Registry::new(ALL);

/// `run.model.loss`: a loss with its settings.
pub type LossConfig = Choice<dyn Loss>;

/// What the two networks play for.
pub trait Loss: Send + Sync {
    /// Formulas and paper.
    fn entry() -> Entry
    where
        Self: Sized;

    /// What the discriminator minimises. `variables` are its [`variables`](Self::variables) at this update.
    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, variables: &Variables) -> Tensor<1>;

    /// What the generator minimises. A call of `real` gives the logits of real images and costs a forward pass, so only a
    /// loss that compares makes it.
    fn generator(&self, fake: Tensor<1>, real: &dyn Fn() -> Tensor<1>) -> Tensor<1>;

    /// The least values that the discriminator's and the generator's loss can have, whatever the logits; minus infinity where
    /// there is none. A run with a lower one is on a device that computes wrong numbers.
    fn least(&self) -> [f64; 2] {
        [f64::NEG_INFINITY; 2]
    }

    /// What the generator minimises of the discriminator's features of its images, `[batch, channels, height, width]`,
    /// beside that: a scalar `[1]` with the name of its curve.
    fn of_features(&self, _features: Tensor<4>) -> Option<(&'static str, Tensor<1>)> {
        None
    }

    /// The logit above which the discriminator takes an image for a real one; none for losses under which logits only
    /// compare images.
    fn threshold(&self) -> Option<f32> {
        None
    }

    /// Whether logits must be energies: minus the distance of an image from what an `autoencoder` makes of it.
    fn needs_energies(&self) -> bool {
        false
    }

    /// Numbers that it keeps from update to update, with their first values. They are saved in checkpoints.
    fn variables(&self) -> Vec<(&'static str, f32)> {
        Vec::new()
    }

    /// What becomes of its variables after an update of the discriminator with these logits.
    fn adapt(&self, _real: &Tensor<1>, _fake: &Tensor<1>, _variables: &Variables) -> Adaptation {
        Adaptation::default()
    }

    /// What is wrong with the settings.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }
}

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// The discriminator's loss; r and f are the logits of real and generated images.
    pub discriminator: &'static str,
    /// The generator's loss.
    pub generator: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

impl Family for dyn Loss {
    const NAME: &'static str = "Loss";
    const ABOUT: &'static str = "`run.model.loss`.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &LOSSES
    }
}

impl<S: Settings + Loss> Holds<S> for dyn Loss {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

impl DefaultMember for dyn Loss {
    fn default_member() -> LossConfig {
        Choice::of(NonSaturating {})
    }
}

/// ln(1 + e^x), elementwise, finite for every finite x.
pub fn softplus(x: Tensor<1>) -> Tensor<1> {
    activation::relu(x.clone()) + x.abs().neg().exp().log1p()
}
