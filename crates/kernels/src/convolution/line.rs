//! Along one axis what a window sees lies side by side in memory, `[place][channel][batch]`: all its taps are one product.

use super::{Epilogue, Geometry, Shape, Way};
use crate::fresh::in_chunks;
use crate::product::{Matrix, Products};
use crate::transpose::transposed;
use rayon::prelude::*;
use std::ops::Range;

/// Taps, at most, whose gradients one task makes.
const TAPS: usize = 8;

/// Rows of a gradient that one task makes, where all tasks can have as many.
const ROWS: usize = 64;

/// The weights for either way.
#[derive(Debug)]
pub(super) enum Line {
    /// `[small channel][tap][large channel]`.
    Down(Vec<f32>),
    /// Of the taps that a place of the large image has, by the remainder of its place by the stride: `[large channel][tap, the
    /// last one first][small channel]`.
    Up(Vec<Vec<f32>>),
}

/// Whether both images are lines.
pub(super) fn is_line(Geometry { window, small, large }: &Geometry) -> bool {
    small[0] == 1 && large[0] == 1 && window.kernel[0] == 1 && window.before[0] == 0
}

impl Line {
    /// From weights `[small channel][large channel][tap]`, for the way and the way back.
    pub(super) fn new(way: Way, shape: &Shape, weight: &[f32]) -> Self {
        let ([a, b], taps, stride) = (shape.channels, shape.taps(), shape.stride());
        match way {
            Way::Down => {
                let rows = weight.par_chunks_exact(b * taps).flat_map_iter(|row| transposed(row, [b, taps]));
                Self::Down(rows.collect())
            }
            Way::Up => {
                let turned = transposed(weight, [a, b * taps]);
                let of_remainder = |remainder: usize| {
                    let mut rows = Vec::with_capacity(a * b * taps.div_ceil(stride));
                    for large in 0..b {
                        for tap in (remainder..taps).step_by(stride).rev() {
                            rows.extend_from_slice(&turned[(large * taps + tap) * a..][..a]);
                        }
                    }
                    rows
                };
                Self::Up((0..stride).into_par_iter().map(of_remainder).collect())
            }
        }
    }

    pub(super) fn convolve(&self, shape: &Shape, from: &[f32], epilogue: Epilogue) -> Vec<f32> {
        let ([a, b], batch, stride) = (shape.channels, shape.batch, shape.stride());
        let products = Products::plain(batch);
        let (places, to_channels) = match self {
            Self::Down(_) => (shape.geometry.small[1], a),
            Self::Up(_) => (shape.geometry.large[1], b),
        };
        in_chunks(places * to_channels * batch, to_channels * batch, |place, to| {
            // The weights' rows, how long they are, and which part of them meets which places.
            let (rows, taps, part, seen, from_channels) = match self {
                Self::Down(rows) => {
                    let (part, seen) = shape.seen_by_small(place);
                    (rows, shape.taps(), part, seen, b)
                }
                Self::Up(by_remainder) => {
                    let (part, seen) = shape.seen_by_large(place);
                    let remainder = (place + shape.before()) % stride;
                    let taps = shape.taps().saturating_sub(remainder).div_ceil(stride);
                    (&by_remainder[remainder], taps, part, seen, a)
                }
            };
            let depth = seen.len() * from_channels;
            let to = if depth == 0 {
                to.zeros()
            } else {
                let rows = &rows[part * from_channels..];
                let left = products.left(Matrix::strided(rows, [to_channels, depth], [taps * from_channels, 1]));
                let seen = &from[seen.start * from_channels * batch..];
                let right = products.right(Matrix::new(&seen[..depth * batch], [depth, batch]));
                products.sum(to, &[[&left, &right]])
            };
            epilogue.apply(to, 0, batch);
            to
        })
    }
}

/// The gradient at the weights `[small channel][large channel][tap]`, from both images.
pub(super) fn by_weight(shape: &Shape, small: &[f32], large: &[f32]) -> Vec<f32> {
    let ([a, b], batch, taps, stride) = (shape.channels, shape.batch, shape.taps(), shape.stride());
    let places = shape.geometry.small[1];
    // As many places as the windows reach, `[batch][place][channel]`.
    let (before, reach) = (shape.before(), (places - 1) * stride + taps);
    let [before, inside] = [before, shape.geometry.large[1].min(reach - before.min(reach))].map(|count| count * b);
    let (seen, width) = (transposed(&large[..inside * batch], [inside, batch]), reach * b);
    let padded = in_chunks(batch * width, width.max(1), |sample, row| {
        let row = row.zeros();
        row[before..before + inside].copy_from_slice(&seen[sample * inside..][..inside]);
        row
    });

    let rows = if a.is_multiple_of(ROWS) { ROWS } else { a };
    let group = (1..=TAPS).rev().find(|group| taps.is_multiple_of(*group)).unwrap_or(1);
    let (blocks, columns) = (a / rows, group * b);
    let products = Products::plain(columns);
    let sums = in_chunks(taps * a * b, rows * columns, |task, sum| {
        let (first, block) = (task / blocks * columns, task % blocks * rows);
        let sides = |place: usize| {
            let small = Matrix::new(&small[(place * a + block) * batch..][..rows * batch], [rows, batch]);
            let large = Matrix::strided(&padded[place * stride * b + first..], [batch, columns], [width, 1]);
            [products.left(small), products.right(large)]
        };
        let sides: Vec<_> = (0..places).map(sides).collect();
        let pairs: Vec<_> = sides.iter().map(|[small, large]| [small, large]).collect();
        products.sum(sum, &pairs)
    });
    // `[group][small channel][tap of the group][large channel]` so far.
    in_chunks(taps * a * b, taps * b, |row, to| {
        let to = to.zeros();
        for tap in 0..taps {
            let from = &sums[tap / group * a * columns + row * columns + tap % group * b..][..b];
            from.iter().enumerate().for_each(|(channel, number)| to[channel * taps + tap] = *number);
        }
        to
    })
}

impl Shape {
    fn taps(&self) -> usize {
        self.geometry.window.kernel[1]
    }

    fn stride(&self) -> usize {
        self.geometry.window.stride[1]
    }

    fn before(&self) -> usize {
        self.geometry.window.before[1]
    }

    /// The first tap of a place of the small image that lies inside of the large one, and the places of that under it and those
    /// after it.
    fn seen_by_small(&self, place: usize) -> (usize, Range<usize>) {
        let (begin, before) = (place * self.stride(), self.before());
        let end = (begin + self.taps()).saturating_sub(before).min(self.geometry.large[1]);
        let first = begin.saturating_sub(before).min(end);
        (before.saturating_sub(begin).min(self.taps()), first..end)
    }

    /// The places of the small image that see a place of the large one, and before how many others, which are beyond the first,
    /// they stand.
    fn seen_by_large(&self, place: usize) -> (usize, Range<usize>) {
        let (stride, from) = (self.stride(), place + self.before());
        let end = from / stride + 1;
        let taps = self.taps().saturating_sub(from % stride).div_ceil(stride);
        let beyond = taps.saturating_sub(end);
        let first = end.saturating_sub(taps);
        let last = end.min(self.geometry.small[1]);
        (beyond, first.min(last)..last)
    }
}
