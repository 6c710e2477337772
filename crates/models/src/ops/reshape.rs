//! What only moves numbers or adds them.

use super::node::has_kernels;
use burn::tensor::Tensor;

/// Each sample's numbers as `[channels, height, width]`.
pub(crate) fn reshape(x: Tensor<4>, [channels, height, width]: [usize; 3]) -> Tensor<4> {
    let [batch, ..] = x.dims();
    if !has_kernels(&x) {
        return x.reshape([batch, channels, height, width]);
    }
    // Vectors of samples lie with the batch inside, and stay so.
    x.permute([1, 2, 3, 0]).reshape([channels, height, width, batch]).permute([3, 0, 1, 2])
}

/// a + b.
pub(crate) fn add(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    if !has_kernels(&a) {
        return a + b;
    }
    // In the order in which the numbers lie, which Burn's addition asks for.
    let [a, b] = [a, b].map(|x| x.permute([2, 3, 1, 0]));
    (a + b).permute([3, 2, 0, 1])
}
