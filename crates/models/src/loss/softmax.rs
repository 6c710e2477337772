//! Softmax GAN (Lin 2017, arXiv 1704.06191): one softmax over the logits of the whole batch. The discriminator gives the
//! real images all of the probability, the generator spreads it evenly over all images. The paper's outputs are energies,
//! low for what is real; these are logits, high for it.

use super::{Entry, Loss};
use crate::Variables;
use burn::tensor::Tensor;
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lin 2017.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Softmax {}

impl Settings for Softmax {
    const NAME: &'static str = "softmax";
}

impl Loss for Softmax {
    fn entry() -> Entry {
        Entry {
            discriminator: "ln Z - mean r, Z = sum e^r + sum e^f",
            generator: "ln Z - mean of all r and f",
            paper: "Lin 2017, arXiv 1704.06191",
        }
    }

    fn discriminator(&self, real: Tensor<1>, fake: Tensor<1>, _: &Variables) -> Tensor<1> {
        log_partition(Tensor::cat(vec![real.clone(), fake], 0)) - real.mean()
    }

    fn generator(&self, fake: Tensor<1>, real: &dyn Fn() -> Tensor<1>) -> Tensor<1> {
        let all = Tensor::cat(vec![real(), fake], 0);
        log_partition(all.clone()) - all.mean()
    }
}

/// ln Σ e^x, finite for every finite x.
fn log_partition(logits: Tensor<1>) -> Tensor<1> {
    let largest = logits.clone().detach().max();
    (logits - largest.clone()).exp().sum().log() + largest
}
