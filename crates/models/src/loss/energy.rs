//! Energy-based loss (Zhao et al. 2017, arXiv 1609.03126): the energy of real images down, that of generated ones up to a
//! margin. A logit is minus an energy.

use super::Entry;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "energy",
    discriminator: "mean -r + mean max(0, margin + f)",
    generator: "mean -f + pulling_away * mean cos^2 of pairs of features",
    paper: "Zhao et al. 2017, arXiv 1609.03126",
};

/// `{ kind: energy }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Energy {
    /// Energy of generated images above which the discriminator leaves them alone; the paper's m.
    pub margin: f64,
    /// Weight of the pulling-away term in the generator's loss (section 2.4); 0: none.
    pub pulling_away: f64,
}

impl Energy {
    pub(super) const DEFAULT: Self = Self { margin: 1.0, pulling_away: 0.1 };

    pub(super) fn discriminator(self, real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
        real.mean().neg() + relu(fake + self.margin).mean()
    }

    pub(super) fn check(self) -> Vec<String> {
        let margin = !(self.margin.is_finite() && self.margin > 0.0);
        let weight = !(self.pulling_away.is_finite() && self.pulling_away >= 0.0);
        let told = [(margin, "`margin` must be above 0"), (weight, "`pulling_away` must be at least 0")];
        told.into_iter().filter(|(wrong, _)| *wrong).map(|(_, message)| message.to_owned()).collect()
    }
}

impl Default for Energy {
    fn default() -> Self {
        Self::DEFAULT
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
