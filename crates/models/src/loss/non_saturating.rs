//! Binary cross-entropy with the generator's labels flipped (Goodfellow et al. 2014, arXiv 1406.2661, section 3).

use super::{Entry, softplus};
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "non_saturating",
    discriminator: "mean softplus(-r) + mean softplus(f)",
    generator: "mean softplus(-f)",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
};

pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    softplus(real.neg()).mean() + softplus(fake).mean()
}

pub(super) fn generator(fake: Tensor<1>) -> Tensor<1> {
    softplus(fake.neg()).mean()
}
