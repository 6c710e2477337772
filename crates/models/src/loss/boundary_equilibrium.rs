//! Boundary equilibrium loss (Berthelot et al. 2017, arXiv 1703.10717, section 3.4): a discriminator that counts the energy
//! of generated images as much as keeps both energies in a ratio. A logit is minus an energy.

use super::{Entry, Loss};
use crate::check::above_zero;
use crate::{Adaptation, Variables};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The variable that weighs generated images, from 0 on.
const K: &str = "k";

/// Berthelot et al. 2017, section 3.4.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BoundaryEquilibrium {
    /// Energy of generated images over that of real ones in equilibrium, in `[0, 1]`: low is typical, high is varied.
    pub gamma: f64,
    /// How fast k moves; the paper's λ_k.
    pub rate: f64,
}

impl Default for BoundaryEquilibrium {
    fn default() -> Self {
        Self { gamma: 0.5, rate: 0.001 }
    }
}

impl Settings for BoundaryEquilibrium {
    const NAME: &'static str = "boundary_equilibrium";
}

impl Loss for BoundaryEquilibrium {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean -r + k mean f; then k = clip(k + rate (gamma mean -r + mean f), 0, 1)",
            generator: "mean -f",
            paper: "Berthelot et al. 2017, arXiv 1703.10717",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, variables: &Variables) -> Tensor<1> {
        real.mean().neg() + variables.get(K) * fake.mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        fake.mean().neg()
    }

    fn least(&self) -> [f64; 2] {
        [f64::NEG_INFINITY, 0.0]
    }

    fn needs_energies(&self) -> bool {
        true
    }

    fn variables(&self) -> Vec<(&'static str, f32)> {
        vec![(K, 0.0)]
    }

    /// Records k and the convergence measure M (eq. 6) of the update. The paper takes the generator's energies of its own
    /// update; they are of the same distribution.
    fn adapt(&self, real: &Tensor<1>, fake: &Tensor<1>, variables: &Variables) -> Adaptation {
        let [real, fake] = [real, fake].map(|logits| logits.clone().detach().mean().neg());
        let (k, balance) = (variables.get(K), real.clone() * self.gamma - fake);
        let next = (k.clone() + balance.clone() * self.rate).clamp(0.0, 1.0);
        let convergence = real + balance.abs();
        Adaptation { values: vec![(K, next)], scalars: vec![("balance/k", k), ("balance/convergence", convergence)] }
    }

    fn check(&self) -> Vec<Problem> {
        let gamma = Problem::unless((0.0..=1.0).contains(&self.gamma), "gamma", "must be in [0, 1]");
        gamma.into_iter().chain(above_zero("rate", self.rate)).collect()
    }
}
