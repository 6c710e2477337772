//! A product for each pair of pixels that a tap connects.

use super::{Epilogue, Shape, Way};
use crate::fresh::in_chunks;
use crate::product::{Matrix, Products};
use crate::transpose::transposed;
use rayon::prelude::*;

/// Rows of a tap's gradient that one task makes, where all tasks can have as many.
const ROWS: usize = 64;

/// Weights `[tap][small channel][large channel]`.
#[derive(Debug)]
pub(super) struct Direct {
    weight: Vec<f32>,
}

impl Direct {
    pub(crate) fn new(weight: Vec<f32>) -> Self {
        Self { weight }
    }

    pub(crate) fn convolve(&self, way: Way, shape: &Shape, from: &[f32], epilogue: Epilogue) -> Vec<f32> {
        let ([a, b], batch) = (shape.channels, shape.batch);
        let (links, [to_channels, from_channels]) = match way {
            Way::Down => (shape.geometry.links_of_small(), [a, b]),
            Way::Up => (shape.geometry.links_of_large(), [b, a]),
        };
        let products = Products::of([to_channels, from_channels, batch]);
        let tap = |weight| {
            let weight = Matrix::new(weight, [a, b]);
            products.left(if way == Way::Down { weight } else { weight.transposed() })
        };
        let taps: Vec<_> = self.weight.par_chunks(a * b).map(tap).collect();
        let pixel = |numbers| products.right(Matrix::new(numbers, [from_channels, batch]));
        let pixels: Vec<_> = from.par_chunks(from_channels * batch).map(pixel).collect();
        in_chunks(links.len() * to_channels * batch, to_channels * batch, |place, to| {
            let pairs: Vec<_> = links[place].iter().map(|link| [&taps[link.tap], &pixels[link.pixel]]).collect();
            let to = products.sum(to, &pairs);
            epilogue.apply(to, 0, batch);
            to
        })
    }
}

/// The gradient at the weights `[small channel][large channel][tap]`, from both images.
pub(super) fn by_weight(shape: &Shape, small: &[f32], large: &[f32]) -> Vec<f32> {
    let ([a, b], batch, taps) = (shape.channels, shape.batch, shape.geometry.window.taps());
    let rows = if a.is_multiple_of(ROWS) { ROWS } else { a };
    let products = Products::of([a, batch, b]);
    let small =
        small.par_chunks(rows * batch).map(|rows| products.left(Matrix::new(rows, [rows.len() / batch, batch])));
    let small: Vec<_> = small.collect();
    let large = large.par_chunks(b * batch).map(|pixel| products.right(Matrix::new(pixel, [b, batch]).transposed()));
    let large: Vec<_> = large.collect();
    let (blocks, by_tap) = (a / rows, shape.geometry.by_tap());
    let sums = in_chunks(taps * a * b, rows * b, |task, sum| {
        let (tap, block) = (task / blocks, task % blocks);
        let pairs: Vec<_> = by_tap[tap].iter().map(|[s, l]| [&small[s * blocks + block], &large[*l]]).collect();
        products.sum(sum, &pairs)
    });
    transposed(&sums, [taps, a * b])
}
