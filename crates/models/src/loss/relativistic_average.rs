//! Relativistic average loss (Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.3): how much more real an image looks
//! than the average one of the other kind.

use super::{Entry, softplus};
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "relativistic_average",
    discriminator: "mean softplus(mean f - r) + mean softplus(f - mean r)",
    generator: "mean softplus(mean r - f) + mean softplus(r - mean f)",
    paper: "Jolicoeur-Martineau 2018, arXiv 1807.00734",
};

pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    let (mean_real, mean_fake) = (real.clone().mean(), fake.clone().mean());
    softplus(mean_fake - real).mean() + softplus(fake - mean_real).mean()
}

pub(super) fn generator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    discriminator(fake, real)
}
