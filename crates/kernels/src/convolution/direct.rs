//! A product for each pair of pixels that a tap connects.

use super::links::Link;
use super::{End, Shape, Way};
use crate::fresh::in_chunks;
use crate::product::{Into, Matrix, fresh_product, product};
use crate::transpose::{transpose, transposed};

/// Rows of a tap's gradient that one task makes, where all tasks can have as many.
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
    let image = |link: &Link| Matrix::new(&from[link.pixel * size..][..size], [from_channels, batch]);
    in_chunks(links.len() * to_channels * batch, to_channels * batch, |pixel, to| {
        let to = match links[pixel].split_first() {
            None => to.zeros(),
            Some((first, others)) => {
                let to = fresh_product(to, weight(first.tap), image(first));
                others.iter().for_each(|link| product(to, weight(link.tap), image(link), Into::Add));
                to
            }
        };
        end.apply(to, 0, batch);
        to
    })
}

/// The gradient at the weights `[small channel][large channel][tap]`, from both images.
pub(super) fn by_weight(shape: &Shape, small: &[f32], large: &[f32]) -> Vec<f32> {
    let ([a, b], batch, taps) = (shape.channels, shape.batch, shape.window.taps());
    // The products' right-hand sides have their rows together then.
    let large = turned(large, b, batch);
    let pairs = shape.window.by_tap();
    let rows = if a.is_multiple_of(ROWS) { ROWS } else { a };
    let sums = in_chunks(taps * a * b, rows * b, |task, sum| {
        let (tap, row) = (task * rows / a, task * rows % a);
        let small = |pixel: usize| Matrix::new(&small[(pixel * a + row) * batch..], [rows, batch]);
        let large = |pixel: usize| Matrix::new(&large[pixel * b * batch..], [batch, b]);
        match pairs[tap].split_first() {
            None => sum.zeros(),
            Some((&[of_small, of_large], others)) => {
                let sum = fresh_product(sum, small(of_small), large(of_large));
                let mut add = |[s, l]: [usize; 2]| product(sum, small(s), large(l), Into::Add);
                others.iter().for_each(|&pair| add(pair));
                sum
            }
        }
    });
    transposed(&sums, [taps, a * b])
}

/// `[pixel][batch][channel]`.
fn turned(image: &[f32], channels: usize, batch: usize) -> Vec<f32> {
    let size = channels * batch;
    in_chunks(image.len(), size, |pixel, turned| {
        let turned = turned.zeros();
        transpose(&image[pixel * size..], [channels, batch], batch, turned, channels);
        turned
    })
}
