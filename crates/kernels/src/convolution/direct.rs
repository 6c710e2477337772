//! A product for each pair of pixels that a tap connects.

use super::links::Link;
use super::{End, Shape, Way, taps_last};
use crate::product::{Into, Matrix, product};
use crate::transpose::transpose;
use rayon::prelude::*;

/// Rows of a weight's gradient that one task makes.
const ROWS: usize = 64;

/// Weights `[tap][small channel][large channel]`.
#[derive(Debug)]
pub(super) struct Direct {
    weight: Vec<f32>,
}

impl Direct {
    pub fn new(weight: Vec<f32>) -> Self {
        Self { weight }
    }

    pub fn go(&self, way: Way, shape: &Shape, from: &[f32], end: End) -> Vec<f32> {
        let [a, b] = shape.channels;
        let tap = |tap: usize| Matrix::new(&self.weight[tap * a * b..], [a, b]);
        match way {
            Way::Down => along(&shape.window.links_of_small(), from, [a, b], shape.batch, tap, end),
            Way::Up => along(&shape.window.links_of_large(), from, [b, a], shape.batch, |t| tap(t).transposed(), end),
        }
    }
}

fn along<'a>(
    links: &[Vec<Link>],
    from: &[f32],
    [to_channels, from_channels]: [usize; 2],
    batch: usize,
    weight: impl Fn(usize) -> Matrix<'a> + Sync,
    end: End,
) -> Vec<f32> {
    let size = from_channels * batch;
    let mut to = vec![0.0; links.len() * to_channels * batch];
    to.par_chunks_mut(to_channels * batch).zip(links).for_each(|(to, links)| {
        for (index, link) in links.iter().enumerate() {
            let from = Matrix::new(&from[link.pixel * size..][..size], [from_channels, batch]);
            product(to, weight(link.tap), from, if index == 0 { Into::Set } else { Into::Add });
        }
        end.apply(to, 0, batch);
    });
    to
}

/// The gradient at the weights `[small channel][large channel][tap]`, from both images.
pub(super) fn by_weight(shape: &Shape, small: &[f32], large: &[f32]) -> Vec<f32> {
    let ([a, b], batch, taps) = (shape.channels, shape.batch, shape.window.taps());
    // The products' right-hand sides have their rows together then.
    let large = turned(large, b, batch);
    let pairs = shape.window.by_tap();
    let mut sums = vec![0.0; taps * a * b];
    let of_tap = |(tap, sum): (usize, &mut [f32])| {
        sum.par_chunks_mut(ROWS * b).enumerate().for_each(|(task, sum)| {
            let rows = sum.len() / b;
            for (index, &[of_small, of_large]) in pairs[tap].iter().enumerate() {
                let small = Matrix::new(&small[(of_small * a + task * ROWS) * batch..], [rows, batch]);
                let large = Matrix::new(&large[of_large * b * batch..], [batch, b]);
                product(sum, small, large, if index == 0 { Into::Set } else { Into::Add });
            }
        });
    };
    sums.par_chunks_mut(a * b).enumerate().for_each(of_tap);
    taps_last(&sums, taps)
}

/// `[pixel][batch][channel]`.
fn turned(image: &[f32], channels: usize, batch: usize) -> Vec<f32> {
    let mut turned = vec![0.0; image.len()];
    let size = channels * batch;
    turned.par_chunks_mut(size).zip(image.par_chunks(size)).for_each(|(turned, pixel)| {
        transpose(pixel, [channels, batch], batch, turned, channels);
    });
    turned
}
