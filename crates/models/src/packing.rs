//! Packing: the discriminator sees several images at once, all real or all generated, so that it notices when they are too
//! much alike (PacGAN: Lin et al. 2018, arXiv 1712.04086, section 3).

use crate::ImageShape;
use burn::tensor::Tensor;

/// Images next to each other in the batch become channels of one: `[batch, channels, height, width]` to
/// `[batch / packing, packing * channels, height, width]`.
pub(crate) fn pack(images: Tensor<4>, packing: usize) -> Tensor<4> {
    let [batch, channels, height, width] = images.dims();
    images.reshape([batch / packing, packing * channels, height, width])
}

/// Shape of a pack of such images.
pub(crate) fn packed_shape([channels, height, width]: ImageShape, packing: usize) -> ImageShape {
    [packing * channels, height, width]
}
