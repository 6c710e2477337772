//! Rows and columns added or cut off.

use super::Layer;
use burn::module::Module;
use burn::tensor::Tensor;

/// Another height and width: zeros are added, or pixels cut off, at the far borders.
#[derive(Module, Debug)]
pub struct Fit {
    pub(crate) size: [usize; 2],
}

/// To that height and width.
pub fn fit(size: [usize; 2]) -> Layer {
    Layer::Fit(Fit { size })
}

impl Fit {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        to(x, self.size)
    }

    pub fn pullback(&self, [.., height, width]: [usize; 4], gradient: Tensor<4>) -> Tensor<4> {
        to(gradient, [height, width])
    }
}

fn to(x: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    [2, 3].into_iter().zip(size).fold(x, |x, (axis, size)| {
        let mut shape = x.dims();
        match size.checked_sub(shape[axis]) {
            Some(0) => x,
            Some(missing) => {
                shape[axis] = missing;
                let zeros = Tensor::zeros(shape, &x.device());
                Tensor::cat(vec![x, zeros], axis)
            }
            None => x.narrow(axis, 0, size),
        }
    })
}
