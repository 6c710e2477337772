//! Where one image has so few channels that products of single taps would be thin, all taps of a pixel of the other image
//! are one product.

use super::geometry::Link;
use super::{Epilogue, Shape, Way};
use crate::activation::add;
use crate::fresh::in_chunks;
use crate::product::{Matrix, Products};
use rayon::prelude::*;

/// Up to so many channels an image is thin.
const MAX_CHANNELS: usize = 8;

/// Pixels that one task sums a weight's gradient over.
const PIXELS: usize = 8;

/// The image that is thin.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Small,
    Large,
}

/// Weights `[thick channel][thin channel][tap]`.
#[derive(Debug)]
pub(super) struct Thin {
    side: Side,
    weight: Vec<f32>,
}

pub(super) fn is_thin(channels: [usize; 2]) -> bool {
    channels.into_iter().any(|channels| channels <= MAX_CHANNELS)
}

fn side([small, large]: [usize; 2]) -> Side {
    if large <= small { Side::Large } else { Side::Small }
}

impl Thin {
    pub(crate) fn new(shape: &Shape, weight: &[f32]) -> Self {
        let ([small, large], taps) = (shape.channels, shape.geometry.window.taps());
        let side = side(shape.channels);
        let weight = match side {
            Side::Large => weight.to_vec(),
            Side::Small => swapped(weight, [small, large], taps),
        };
        Self { side, weight }
    }

    pub(crate) fn convolve(&self, way: Way, shape: &Shape, from: &[f32], epilogue: Epilogue) -> Vec<f32> {
        let (pixels, links) = match way {
            Way::Down => (shape.geometry.large_pixels(), shape.geometry.links_of_small()),
            Way::Up => (shape.geometry.small_pixels(), shape.geometry.links_of_large()),
        };
        let [thick, thin] = thick_and_thin(self.side, shape.channels);
        let columns = Columns { thin, taps: shape.geometry.window.taps(), batch: shape.batch };
        let weight = Matrix::new(&self.weight, [thick, thin * columns.taps]);
        match (way, self.side) {
            (Way::Down, Side::Large) | (Way::Up, Side::Small) => {
                columns.gathered(&links, from, weight, thick, epilogue)
            }
            (Way::Down, Side::Small) | (Way::Up, Side::Large) => {
                columns.scattered(&links, from, pixels, weight.transposed(), thick, epilogue)
            }
        }
    }
}

fn thick_and_thin(side: Side, [small, large]: [usize; 2]) -> [usize; 2] {
    match side {
        Side::Large => [small, large],
        Side::Small => [large, small],
    }
}

/// `[first][second][tap]` to `[second][first][tap]`.
fn swapped(weight: &[f32], [first, second]: [usize; 2], taps: usize) -> Vec<f32> {
    let mut swapped = Vec::with_capacity(weight.len());
    for j in 0..second {
        for i in 0..first {
            swapped.extend_from_slice(&weight[(i * second + j) * taps..][..taps]);
        }
    }
    swapped
}

/// What pixels of the thick image see of the thin one: a column `[thin channel][tap][batch]` each.
struct Columns {
    thin: usize,
    taps: usize,
    batch: usize,
}

impl Columns {
    fn rows(&self) -> usize {
        self.thin * self.taps
    }

    /// What a pixel of the thick image sees of the thin one.
    fn column(&self, links: &[Link], thin: &[f32]) -> Vec<f32> {
        let batch = self.batch;
        let mut column = vec![0.0; self.rows() * batch];
        for link in links {
            for channel in 0..self.thin {
                let from = &thin[(link.pixel * self.thin + channel) * batch..][..batch];
                column[(channel * self.taps + link.tap) * batch..][..batch].copy_from_slice(from);
            }
        }
        column
    }

    /// From the thin image.
    fn gathered(
        &self,
        links: &[Vec<Link>],
        from: &[f32],
        weight: Matrix,
        thick: usize,
        epilogue: Epilogue,
    ) -> Vec<f32> {
        let (batch, rows) = (self.batch, self.rows());
        let products = Products::plain(batch);
        let weight = products.left(weight);
        in_chunks(links.len() * thick * batch, thick * batch, |pixel, to| {
            let column = self.column(&links[pixel], from);
            let to = products.sum(to, &[[&weight, &products.right(Matrix::new(&column, [rows, batch]))]]);
            epilogue.apply(to, 0, batch);
            to
        })
    }

    /// To the thin image: each pixel's sum over columns.
    fn scattered(
        &self,
        links: &[Vec<Link>],
        from: &[f32],
        pixels: usize,
        weight: Matrix,
        thick: usize,
        epilogue: Epilogue,
    ) -> Vec<f32> {
        let (batch, rows) = (self.batch, self.rows());
        let products = Products::plain(batch);
        let weight = products.left(weight);
        let columns = in_chunks(pixels * rows * batch, rows * batch, |pixel, column| {
            let from = products.right(Matrix::new(&from[pixel * thick * batch..], [thick, batch]));
            products.sum(column, &[[&weight, &from]])
        });
        in_chunks(links.len() * self.thin * batch, self.thin * batch, |pixel, to| {
            let to = to.zeros();
            for (channel, row) in to.chunks_exact_mut(batch).enumerate() {
                for link in &links[pixel] {
                    let place = link.pixel * rows + channel * self.taps + link.tap;
                    add(row, &columns[place * batch..][..batch]);
                }
            }
            epilogue.apply(to, 0, batch);
            to
        })
    }
}

/// The gradient at the weights `[small channel][large channel][tap]`, from both images.
pub(super) fn by_weight(shape: &Shape, small: &[f32], large: &[f32]) -> Vec<f32> {
    let (geometry, side) = (&shape.geometry, side(shape.channels));
    let [thick, thin] = thick_and_thin(side, shape.channels);
    let columns = Columns { thin, taps: geometry.window.taps(), batch: shape.batch };
    match side {
        Side::Large => columns.by_weight(&geometry.links_of_small(), small, large, thick),
        Side::Small => {
            let weight = columns.by_weight(&geometry.links_of_large(), large, small, thick);
            swapped(&weight, [thick, thin], columns.taps)
        }
    }
}

impl Columns {
    /// `[thick channel][thin channel][tap]`.
    fn by_weight(&self, links: &[Vec<Link>], of_thick: &[f32], of_thin: &[f32], thick: usize) -> Vec<f32> {
        let (batch, rows, size) = (self.batch, self.rows(), thick * self.batch);
        let products = Products::plain(rows);
        let of_pixels = |(links, of_thick): (&[Vec<Link>], &[f32])| {
            let columns: Vec<_> = links.iter().map(|links| self.column(links, of_thin)).collect();
            let left = of_thick.chunks_exact(size).map(|pixel| products.left(Matrix::new(pixel, [thick, batch])));
            let right = columns.iter().map(|column| products.right(Matrix::new(column, [rows, batch]).transposed()));
            let (left, right): (Vec<_>, Vec<_>) = (left.collect(), right.collect());
            let pairs: Vec<_> = left.iter().zip(&right).map(|(left, right)| [left, right]).collect();
            in_chunks(thick * rows, thick * rows, |_, sum| products.sum(sum, &pairs))
        };
        let sums: Vec<_> = links.par_chunks(PIXELS).zip(of_thick.par_chunks(PIXELS * size)).map(of_pixels).collect();
        let mut sums = sums.into_iter();
        let first = sums.next().expect("an image has pixels");
        sums.fold(first, |mut total, sum| {
            add(&mut total, &sum);
            total
        })
    }
}
