//! The largest of several numbers.

use super::node::{Operation, apply, dims, has_kernels, input, strided, upright, vectors};
use burn::tensor::Tensor;
use burn_flex::FlexTensor;

/// Of each `pieces` numbers that follow one another in a vector `[batch, length, 1, 1]` the largest.
pub(crate) fn maxout(x: Tensor<4>, pieces: usize) -> Tensor<4> {
    if has_kernels(&x) {
        return apply(Maxout { pieces }, [input(x)]);
    }
    let [batch, length, ..] = x.dims();
    x.reshape([batch, length / pieces, pieces, 1]).max_dim(2)
}

#[derive(Clone, Copy, Debug)]
struct Maxout {
    pieces: usize,
}

impl Operation<1> for Maxout {
    /// x and the result.
    type Saved = [FlexTensor; 2];

    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, [FlexTensor; 2]) {
        let x = upright(x);
        let [batch, length, ..] = dims::<4>(&x);
        let y = kernels::maxout(&strided(&x).vectors(), batch, self.pieces);
        let y = vectors(y, [batch, length / self.pieces, 1, 1]);
        (y.clone(), [x, y])
    }

    fn backward(self, [x, y]: [FlexTensor; 2], gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let (gradient, shape) = (upright(gradient), dims::<4>(&x));
        let [x, y, gradient] = [&x, &y, &gradient].map(|numbers| strided(numbers).vectors());
        [Some(vectors(kernels::maxout_back(&x, &y, &gradient, shape[0], self.pieces), shape))]
    }
}
