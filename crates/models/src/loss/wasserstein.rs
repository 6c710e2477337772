//! Difference of means (Arjovsky et al. 2017, arXiv 1701.07875, eq. 2). Means something only for a critic whose slope
//! is bounded.

use super::Entry;
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "wasserstein",
    discriminator: "mean f - mean r",
    generator: "-mean f",
    paper: "Arjovsky et al. 2017, arXiv 1701.07875",
};

pub(super) fn discriminator(real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    fake.mean() - real.mean()
}

pub(super) fn generator(fake: Tensor<1>) -> Tensor<1> {
    fake.mean().neg()
}
