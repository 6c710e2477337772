//! The minimax game (Goodfellow et al. 2014, arXiv 1406.2661, eq. 1). Its generator learns little from a discriminator
//! that is sure of itself.

use super::{Entry, non_saturating, softplus};
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "minimax",
    discriminator: "mean softplus(-r) + mean softplus(f)",
    generator: "-mean softplus(f)",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
};

pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    non_saturating::discriminator(real, fake)
}

pub(super) fn generator(fake: Tensor<1>) -> Tensor<1> {
    softplus(fake).mean().neg()
}
