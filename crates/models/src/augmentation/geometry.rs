//! Images moved and mirrored.

use super::operation::{below, column};
use crate::Stream;
use burn::tensor::{Tensor, TensorData};

pub(super) fn flip(images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
    let numbers = stream.uniforms(images.dims()[0], 0.0, 1.0);
    let chosen = column(numbers.into_iter().map(|number| f32::from(u8::from(number < 0.5))).collect(), &images);
    images.clone() + chosen * (images.clone().flip([3]) - images)
}

pub(super) fn translation(images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
    let [batch, _, height, width] = images.dims();
    let mut shifts = |side: usize| -> Vec<isize> {
        // The eighth is rounded, as in the paper's program.
        let most = (side + 4) / 8;
        (0..batch).map(|_| below(2 * most + 1, stream) as isize - most as isize).collect()
    };
    let (rows, columns) = (shifts(height), shifts(width));
    let rows = shift(&rows, height, &images);
    let columns = shift(&columns, width, &images).swap_dims(2, 3);
    rows.matmul(images).matmul(columns)
}

/// Matrices `[batch, 1, side, side]` that move rows down by so many pixels: a gradient goes through a product.
fn shift(pixels: &[isize], side: usize, like: &Tensor<4>) -> Tensor<4> {
    let mut matrices = vec![0.0f32; pixels.len() * side * side];
    for (matrix, shift) in matrices.chunks_exact_mut(side * side).zip(pixels) {
        for row in 0..side {
            if let Some(from) = row.checked_add_signed(-shift).filter(|from| *from < side) {
                matrix[row * side + from] = 1.0;
            }
        }
    }
    Tensor::from_data(TensorData::new(matrices, [pixels.len(), 1, side, side]), &like.device())
}
