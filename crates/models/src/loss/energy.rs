//! Energy-based loss (Zhao et al. 2017, arXiv 1609.03126): the energy of real images down, that of generated ones up to a
//! margin. A logit is minus an energy.

use super::{Entry, Loss};
use crate::Variables;
use crate::check::{above_zero, at_least_zero};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Zhao et al. 2017, eqs. 1 and 2.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Energy {
    /// Energy of generated images above which the discriminator leaves them alone; the paper's m.
    pub margin: f64,
    /// Weight of the pulling-away term in the generator's loss (section 2.4); 0: none.
    pub pulling_away: f64,
}

impl Default for Energy {
    fn default() -> Self {
        Self { margin: 1.0, pulling_away: 0.1 }
    }
}

impl Settings for Energy {
    const NAME: &'static str = "energy";
}

impl Loss for Energy {
    fn entry() -> Entry {
        Entry {
            discriminator: "mean -r + mean max(0, margin + f)",
            generator: "mean -f + pulling_away * mean cos^2 of pairs of features",
            paper: "Zhao et al. 2017, arXiv 1609.03126",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        real.mean().neg() + relu(fake + self.margin).mean()
    }

    fn generator(&self, fake: Tensor<1>, _: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        fake.mean().neg()
    }

    fn least(&self) -> [f64; 2] {
        [0.0, 0.0]
    }

    fn of_features(&self, features: Tensor<4>) -> Option<(&'static str, Tensor<1>)> {
        (self.pulling_away > 0.0)
            .then(|| ("loss/pulling_away", pulling_away(features.flatten(1, 3)) * self.pulling_away))
    }

    fn needs_energies(&self) -> bool {
        true
    }

    fn check(&self) -> Vec<Problem> {
        let problems = [above_zero("margin", self.margin), at_least_zero("pulling_away", self.pulling_away)];
        problems.into_iter().flatten().collect()
    }
}

/// Mean squared cosine of all pairs of different rows of `features` `[batch, numbers]`: how much alike generated images are
/// to the encoder. 0 for a single row.
pub fn pulling_away(features: Tensor<2>) -> Tensor<1> {
    let [batch, _] = features.dims();
    let lengths = features.clone().square().sum_dim(1).clamp_min(1e-24).sqrt();
    let directions = features / lengths;
    let cosines = directions.clone().matmul(directions.transpose());
    // Each row with itself has the cosine 1.
    (cosines.square().sum() - batch as f64) / (batch * (batch - 1).max(1)) as f64
}
