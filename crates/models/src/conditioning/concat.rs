//! Classes as further inputs (Mirza and Osindero 2014, arXiv 1411.1784): the discriminator sees a plane for each class
//! behind the image's channels, 1 throughout for its class and 0 for the others.

use super::Entry;
use crate::Samples;
use burn::tensor::Tensor;

pub(super) const ENTRY: Entry = Entry {
    name: "concat",
    about: "the discriminator sees a plane for each class behind the image's channels",
    settings: "",
    paper: "Mirza and Osindero 2014, arXiv 1411.1784",
};

/// Images with their planes, `[batch, channels + classes, height, width]`.
pub(crate) fn planes(examples: Samples) -> Tensor<4> {
    let Samples { images, labels } = examples;
    let [batch, _, height, width] = images.dims();
    let labels = labels.expect("examples for a discriminator that sees classes have them");
    let classes = labels.dims()[1];
    let planes = labels.reshape([batch, classes, 1, 1]).expand([batch, classes, height, width]);
    Tensor::cat(vec![images, planes], 1)
}
