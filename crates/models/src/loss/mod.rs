//! Adversarial losses on logits. Each file owns one.
//!
//! # Shapes
//! `real` and `fake` are logits `[batch]` of any range; every function returns a scalar, the mean over the batch. The
//! logarithms of sigmoids are written as softplus, so that no finite logit overflows.

mod boundary_equilibrium;
mod energy;
mod hinge;
mod least_squares;
mod minimax;
mod non_saturating;
mod relativistic;
mod relativistic_average;
mod softmax;
mod wasserstein;

pub use boundary_equilibrium::{Balance, BoundaryEquilibrium};
pub use energy::{Energy, pulling_away};

use burn::tensor::{Tensor, activation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `run.model.loss`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Loss {
    /// Goodfellow et al. 2014, eq. 1.
    // Braces make `deny_unknown_fields` hold: serde lets a unit variant of a tagged enum take any key.
    Minimax {},
    /// Goodfellow et al. 2014, section 3.
    NonSaturating {},
    /// Mao et al. 2017, eq. 9.
    LeastSquares {},
    /// Arjovsky et al. 2017, eq. 2.
    Wasserstein {},
    /// Lim and Ye 2017.
    Hinge {},
    /// Jolicoeur-Martineau 2018, section 4.2: in pairs.
    Relativistic {},
    /// Jolicoeur-Martineau 2018, section 4.3: against the mean.
    RelativisticAverage {},
    /// Lin 2017.
    Softmax {},
    /// Zhao et al. 2017, eqs. 1 and 2.
    Energy(Energy),
    /// Berthelot et al. 2017, section 3.4.
    BoundaryEquilibrium(BoundaryEquilibrium),
}

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Value of `loss`.
    pub name: &'static str,
    /// The discriminator's loss; r and f are the logits of real and generated images.
    pub discriminator: &'static str,
    /// The generator's loss.
    pub generator: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

impl Default for Loss {
    fn default() -> Self {
        Self::NonSaturating {}
    }
}

impl Loss {
    /// Every loss, with the defaults of its settings.
    pub const ALL: [Self; 10] = [
        Self::Minimax {},
        Self::NonSaturating {},
        Self::LeastSquares {},
        Self::Wasserstein {},
        Self::Hinge {},
        Self::Relativistic {},
        Self::RelativisticAverage {},
        Self::Softmax {},
        Self::Energy(Energy::DEFAULT),
        Self::BoundaryEquilibrium(BoundaryEquilibrium::DEFAULT),
    ];

    /// What the discriminator minimises. A loss without a `balance` to keep takes none; one that keeps it starts at k = 0.
    pub fn discriminator(self, real: Tensor<1>, fake: Tensor<1>, balance: Option<&Balance>) -> Tensor<1> {
        match self {
            Self::Minimax {} => minimax::discriminator(real, fake),
            Self::NonSaturating {} => non_saturating::discriminator(real, fake),
            Self::LeastSquares {} => least_squares::discriminator(real, fake),
            Self::Wasserstein {} => wasserstein::discriminator(real, fake),
            Self::Hinge {} => hinge::discriminator(real, fake),
            Self::Relativistic {} => relativistic::discriminator(real, fake),
            Self::RelativisticAverage {} => relativistic_average::discriminator(real, fake),
            Self::Softmax {} => softmax::discriminator(real, fake),
            Self::Energy(energy) => energy.discriminator(real, fake),
            Self::BoundaryEquilibrium(_) => match balance {
                Some(balance) => balance.discriminator(real, fake),
                None => real.mean().neg(),
            },
        }
    }

    /// What the generator minimises. Only a loss that compares asks for the logits of real images: no other pays for them.
    pub fn generator(self, fake: Tensor<1>, real: impl FnOnce() -> Tensor<1>) -> Tensor<1> {
        match self {
            Self::Minimax {} => minimax::generator(fake),
            Self::NonSaturating {} => non_saturating::generator(fake),
            Self::LeastSquares {} => least_squares::generator(fake),
            Self::Wasserstein {} => wasserstein::generator(fake),
            Self::Hinge {} => hinge::generator(fake),
            Self::Relativistic {} => relativistic::generator(real(), fake),
            Self::RelativisticAverage {} => relativistic_average::generator(real(), fake),
            Self::Softmax {} => softmax::generator(real(), fake),
            Self::Energy(_) | Self::BoundaryEquilibrium(_) => fake.mean().neg(),
        }
    }

    /// What the generator minimises of the features `[batch, ...]` of its images, if anything.
    pub(crate) fn of_features(self, features: Tensor<4>) -> Option<Tensor<1>> {
        match self {
            Self::Energy(energy) if energy.pulling_away > 0.0 => {
                Some(pulling_away(features.flatten(1, 3)) * energy.pulling_away)
            }
            _ => None,
        }
    }

    /// The logit above which the discriminator takes an image for a real one; none for losses under which logits only
    /// compare images.
    pub fn threshold(self) -> Option<f32> {
        match self {
            Self::Minimax {} | Self::NonSaturating {} | Self::Hinge {} => Some(0.0),
            Self::LeastSquares {} => Some(0.5),
            Self::Wasserstein {}
            | Self::Relativistic {}
            | Self::RelativisticAverage {}
            | Self::Softmax {}
            | Self::Energy(_)
            | Self::BoundaryEquilibrium(_) => None,
        }
    }

    /// Whether logits must be energies.
    pub(crate) fn is_of_energies(self) -> bool {
        matches!(self, Self::Energy(_) | Self::BoundaryEquilibrium(_))
    }

    /// What is wrong with the settings.
    pub(crate) fn check(self) -> Vec<String> {
        match self {
            Self::Energy(energy) => energy.check(),
            Self::BoundaryEquilibrium(equilibrium) => equilibrium.check(),
            _ => Vec::new(),
        }
    }

    /// Name, formulas, paper.
    pub fn entry(self) -> Entry {
        match self {
            Self::Minimax {} => minimax::ENTRY,
            Self::NonSaturating {} => non_saturating::ENTRY,
            Self::LeastSquares {} => least_squares::ENTRY,
            Self::Wasserstein {} => wasserstein::ENTRY,
            Self::Hinge {} => hinge::ENTRY,
            Self::Relativistic {} => relativistic::ENTRY,
            Self::RelativisticAverage {} => relativistic_average::ENTRY,
            Self::Softmax {} => softmax::ENTRY,
            Self::Energy(_) => energy::ENTRY,
            Self::BoundaryEquilibrium(_) => boundary_equilibrium::ENTRY,
        }
    }
}

/// ln(1 + e^x), elementwise, finite for every finite x.
fn softplus(x: Tensor<1>) -> Tensor<1> {
    activation::relu(x.clone()) + x.abs().neg().exp().log1p()
}
