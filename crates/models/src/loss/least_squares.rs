//! Least squares (Mao et al. 2017, arXiv 1611.04076, eq. 9, with a = 0 and b = c = 1).

use super::Entry;
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "least_squares",
    discriminator: "(mean (r - 1)^2 + mean f^2) / 2",
    generator: "mean (f - 1)^2 / 2",
    paper: "Mao et al. 2017, arXiv 1611.04076",
};

pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    ((real - 1.0).square().mean() + fake.square().mean()) / 2.0
}

pub(super) fn generator(fake: Tensor<1>) -> Tensor<1> {
    (fake - 1.0).square().mean() / 2.0
}
