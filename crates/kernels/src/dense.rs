//! Dense layers on `[length][batch]`.

use crate::Activation;
use crate::activation::{finish, row_sums};
use crate::fresh::in_chunks;
use crate::product::{Matrix, fresh_product};
use crate::transpose::transposed;

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

/// Rows of a result that one task makes.
const ROWS: usize = 64;

/// Rows of a weight's gradient that one task makes.
const WEIGHT_ROWS: usize = 128;

/// From one row of a weight to the next it is too far for the cache from here on: columns are put together first.
const FAR: usize = 1024;

impl Dense {
    /// y `[outputs][batch]`, from `weight` `[inputs][outputs]` and x `[inputs][batch]`.
    pub fn forward(&self, weight: &[f32], x: &[f32], bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let Self { inputs, outputs, batch } = *self;
        let x = Matrix::new(x, [inputs, batch]);
        in_chunks(outputs * batch, ROWS * batch, |task, y| {
            let (first, rows) = (task * ROWS, y.len() / batch);
            let mut block = Vec::new();
            let columns = if outputs < FAR {
                Matrix::strided(&weight[first..], [inputs, rows], [outputs, 1])
            } else {
                block.reserve_exact(inputs * rows);
                weight.chunks_exact(outputs).for_each(|row| block.extend_from_slice(&row[first..first + rows]));
                Matrix::new(&block, [inputs, rows])
            };
            let y = fresh_product(y, columns.transposed(), x);
            finish(y, batch, bias.map(|bias| &bias[first..]), activation);
            y
        })
    }

    /// The gradient at x `[inputs][batch]`, from the one at the sum `[outputs][batch]`.
    pub fn by_input(&self, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
        let Self { inputs, outputs, batch } = *self;
        let gradient = Matrix::new(gradient, [outputs, batch]);
        in_chunks(inputs * batch, ROWS * batch, |task, x| {
            let rows = x.len() / batch;
            fresh_product(x, Matrix::new(&weight[task * ROWS * outputs..], [rows, outputs]), gradient)
        })
    }

    /// The gradient at the weight `[inputs][outputs]`.
    pub fn by_weight(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let Self { inputs, outputs, batch } = *self;
        let turned = transposed(gradient, [outputs, batch]);
        let gradient = Matrix::new(&turned, [batch, outputs]);
        in_chunks(inputs * outputs, WEIGHT_ROWS * outputs, |task, weight| {
            let rows = weight.len() / outputs;
            fresh_product(weight, Matrix::new(&x[task * WEIGHT_ROWS * batch..], [rows, batch]), gradient)
        })
    }

    /// The gradient at the bias.
    pub fn by_bias(&self, gradient: &[f32]) -> Vec<f32> {
        let mut bias = vec![0.0; self.outputs];
        row_sums(gradient, self.batch, &mut bias);
        bias
    }
}
