//! Dense layers on `[length][batch]`.

use crate::Activation;
use crate::activation::{finish, row_sums};
use crate::fresh::in_chunks;
use crate::product::{Matrix, Products};

/// A dense layer y = f(x W + b) for a batch.
#[derive(Clone, Copy, Debug)]
pub struct Dense {
    /// Numbers of a sample before the layer.
    pub inputs: usize,
    /// Numbers of a sample behind it.
    pub outputs: usize,
    /// Samples.
    pub batch: usize,
}

/// Rows of a result, or of a weight's gradient, that one task makes.
const ROWS: usize = 64;

impl Dense {
    /// y `[outputs][batch]`, from `weight` `[inputs][outputs]` and x `[inputs][batch]`.
    pub fn forward(&self, weight: &[f32], x: &[f32], bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let Self { inputs, outputs, batch } = *self;
        let products = Products::of([outputs, inputs, batch]);
        let x = products.right(Matrix::new(x, [inputs, batch]));
        in_chunks(outputs * batch, ROWS * batch, |task, y| {
            let (first, rows) = (task * ROWS, y.len() / batch);
            let columns = Matrix::strided(&weight[first..], [rows, inputs], [1, outputs]);
            let y = products.once(y, columns, &x);
            finish(y, batch, bias.map(|bias| &bias[first..]), activation);
            y
        })
    }

    /// The gradient at x `[inputs][batch]`, from the one at the sum `[outputs][batch]`.
    pub fn by_input(&self, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
        let Self { inputs, outputs, batch } = *self;
        let products = Products::of([inputs, outputs, batch]);
        let gradient = products.right(Matrix::new(gradient, [outputs, batch]));
        in_chunks(inputs * batch, ROWS * batch, |task, x| {
            let rows = Matrix::new(&weight[task * ROWS * outputs..], [x.len() / batch, outputs]);
            products.once(x, rows, &gradient)
        })
    }

    /// The gradient at the weight `[inputs][outputs]`.
    pub fn by_weight(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let Self { inputs, outputs, batch } = *self;
        let products = Products::of([inputs, batch, outputs]);
        let gradient = products.right(Matrix::new(gradient, [outputs, batch]).transposed());
        in_chunks(inputs * outputs, ROWS * outputs, |task, weight| {
            // As deep as the batch: too little to make ready in between.
            let rows = Matrix::new(&x[task * ROWS * batch..], [weight.len() / outputs, batch]);
            products.sum(weight, &[[&products.left(rows), &gradient]])
        })
    }

    /// The gradient at the bias.
    pub fn by_bias(&self, gradient: &[f32]) -> Vec<f32> {
        let mut bias = vec![0.0; self.outputs];
        row_sums(gradient, self.batch, &mut bias);
        bias
    }
}
