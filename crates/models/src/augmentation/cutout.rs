//! A part of each image taken away (DeVries and Taylor 2017, arXiv 1708.04552).

use super::operation::below;
use crate::Stream;
use burn::tensor::{Tensor, TensorData};

pub(super) fn cutout(images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
    let [batch, _, height, width] = images.dims();
    let mut kept = vec![1.0f32; batch * height * width];
    for image in kept.chunks_exact_mut(height * width) {
        // The centre is anywhere in the image, so that the part may hang over its border.
        let mut part = |side: usize| {
            let (size, centre) = (side.div_ceil(2), below(side, stream));
            (centre + side - size / 2, centre + side - size / 2 + size)
        };
        let ((top, bottom), (left, right)) = (part(height), part(width));
        for row in (top..bottom).filter_map(|row| row.checked_sub(height).filter(|row| *row < height)) {
            for column in (left..right).filter_map(|column| column.checked_sub(width).filter(|column| *column < width))
            {
                image[row * width + column] = 0.0;
            }
        }
    }
    let kept = Tensor::from_data(TensorData::new(kept, [batch, 1, height, width]), &images.device());
    images * kept
}
