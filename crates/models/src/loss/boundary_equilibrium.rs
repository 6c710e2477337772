//! Boundary equilibrium loss (Berthelot et al. 2017, arXiv 1703.10717, section 3.4): a discriminator that counts the energy
//! of generated images as much as keeps both energies in a ratio. A logit is minus an energy.

use super::Entry;
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "boundary_equilibrium",
    discriminator: "mean -r + k mean f; then k = clip(k + rate (gamma mean -r + mean f), 0, 1)",
    generator: "mean -f",
    paper: "Berthelot et al. 2017, arXiv 1703.10717",
};

/// `{ kind: boundary_equilibrium }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BoundaryEquilibrium {
    /// Energy of generated images over that of real ones in equilibrium, in `[0, 1]`: low is typical, high is varied.
    pub gamma: f64,
    /// How fast k moves; the paper's λ_k.
    pub rate: f64,
}

impl BoundaryEquilibrium {
    pub(super) const DEFAULT: Self = Self { gamma: 0.5, rate: 0.001 };

    pub(super) fn check(self) -> Vec<String> {
        let gamma = !(0.0..=1.0).contains(&self.gamma);
        let rate = !(self.rate.is_finite() && self.rate > 0.0);
        let told = [(gamma, "`gamma` must be in [0, 1]"), (rate, "`rate` must be above 0")];
        told.into_iter().filter(|(wrong, _)| *wrong).map(|(_, message)| message.to_owned()).collect()
    }
}

impl Default for BoundaryEquilibrium {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// k, state of the game.
#[derive(Module, Debug)]
pub struct Balance {
    /// `[1]`, off the tape.
    k: Param<Tensor<1>>,
}

impl Balance {
    /// k starts at 0.
    pub fn new(device: &Device) -> Self {
        Self::at(0.0, device)
    }

    /// In the middle of a game.
    pub fn at(k: f32, device: &Device) -> Self {
        Self { k: Param::initialized(ParamId::new(), Tensor::full([1], k, device)) }
    }

    /// A scalar `[1]`.
    pub fn k(&self) -> Tensor<1> {
        self.k.val().detach()
    }

    pub(super) fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
        real.mean().neg() + self.k() * fake.mean()
    }

    /// The balance after a turn of the discriminator with these logits, and the convergence measure M (eq. 6) of the turn,
    /// `[1]`. The paper takes the generator's energies of its own turn; they are of the same distribution.
    pub fn after(&self, real: &Tensor<1>, fake: &Tensor<1>, settings: BoundaryEquilibrium) -> (Self, Tensor<1>) {
        let [real, fake] = [real, fake].map(|logits| logits.clone().detach().mean().neg());
        let balance = real.clone() * settings.gamma - fake;
        let next = (self.k() + balance.clone() * settings.rate).clamp(0.0, 1.0);
        (Self { k: self.k.clone().map(|_| next.detach()) }, real + balance.abs())
    }
}
