//! Hinge (Lim and Ye 2017, arXiv 1705.02894; Miyato et al. 2018, arXiv 1802.05957, eq. 16 and 17).

use super::Entry;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;

pub(super) const ENTRY: Entry = Entry {
    name: "hinge",
    discriminator: "mean max(0, 1 - r) + mean max(0, 1 + f)",
    generator: "-mean f",
    paper: "Lim and Ye 2017, arXiv 1705.02894",
};

pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    relu(real.neg() + 1.0).mean() + relu(fake + 1.0).mean()
}

pub(super) fn generator(fake: Tensor<1>) -> Tensor<1> {
    fake.mean().neg()
}
