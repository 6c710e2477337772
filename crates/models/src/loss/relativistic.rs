//! Relativistic paired loss (Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2): how much more real the i-th real
//! image looks than the i-th generated one.

use super::{Entry, softplus};
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "relativistic",
    discriminator: "mean softplus(f - r)",
    generator: "mean softplus(r - f)",
    paper: "Jolicoeur-Martineau 2018, arXiv 1807.00734",
};

/// Needs as many real logits as generated ones.
pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    softplus(fake - real).mean()
}

/// Needs as many real logits as generated ones.
pub(super) fn generator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    softplus(real - fake).mean()
}
