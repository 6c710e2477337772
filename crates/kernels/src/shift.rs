//! Samples moved along their last axis, each by a separate distance; what moves in at an end is the mirror image of what
//! stands there (phase shuffle: Donahue et al. 2019, arXiv 1802.04208, section 3.2).

use crate::fresh::in_chunks;
use crate::simd::simd;
use std::collections::BTreeSet;

/// Samples `[height][width][channels][batch]`, and what they are moved by.
#[derive(Clone, Copy, Debug)]
pub struct Shift<'a> {
    /// Height, width, channels.
    pub shape: [usize; 3],
    /// Of each sample, to the right; the magnitude is below the width.
    pub distances: &'a [isize],
}

impl Shift<'_> {
    /// `y[w] = x[|w - d|]`, where places beyond the far end are mirrored there, as numpy's `reflect` does.
    pub fn forward(&self, x: &[f32]) -> Vec<f32> {
        self.gathered(x, |width, place, distance| [Some(mirrored(width, place, -distance)), None])
    }

    /// The gradient at x, from the one at y.
    pub fn backward(&self, gradient: &[f32]) -> Vec<f32> {
        self.gathered(gradient, |width, place, distance| {
            let [width, place] = [width, place].map(usize::cast_signed);
            // Where a number went to, and where its mirror image went to, if it did.
            let mirror = if distance > 0 { -place } else { 2 * (width - 1) - place } + distance;
            let is_moved_in = if distance > 0 { mirror < distance } else { mirror >= width + distance };
            let inside = |place: isize| usize::try_from(place).ok().filter(|place| place.cast_signed() < width);
            [inside(place + distance), inside(mirror).filter(|_| is_moved_in)]
        })
    }

    /// At each place the sum of the numbers at those that `from` says for it, of a width, the place and a distance.
    fn gathered(&self, x: &[f32], from: impl Fn(usize, usize, isize) -> [Option<usize>; 2] + Sync) -> Vec<f32> {
        let ([_, width, channels], batch) = (self.shape, self.distances.len());
        let pixel = channels * batch;
        // Few distances for many samples: all numbers of a place are taken at once for each, where its samples are.
        let distances: Vec<_> = BTreeSet::from_iter(self.distances).into_iter().copied().collect();
        let is_of = |distance| self.distances.iter().map(|own| u32::from(*own == distance)).collect::<Vec<_>>();
        let chosen: Vec<_> = distances.iter().map(|distance| is_of(*distance)).collect();
        in_chunks(x.len(), pixel, |task, y| {
            let (row, place) = (&x[task / width * width * pixel..][..width * pixel], task % width);
            let y = y.zeros();
            for (distance, chosen) in distances.iter().zip(&chosen) {
                for from in from(width, place, *distance).into_iter().flatten() {
                    add_where(y, &row[from * pixel..][..pixel], chosen);
                }
            }
            y
        })
    }
}

simd! {
    /// Adds rows of x to those of y in the columns that are chosen.
    fn add_where(y: &mut [f32], x: &[f32], chosen: &[u32]) {
        let columns = chosen.len();
        for (y, x) in y.chunks_exact_mut(columns).zip(x.chunks_exact(columns)) {
            for ((y, x), chosen) in y.iter_mut().zip(x).zip(chosen) {
                *y += if *chosen == 0 { 0.0 } else { *x };
            }
        }
    }
}

/// The place so far from another one, mirrored at the ends.
fn mirrored(width: usize, place: usize, distance: isize) -> usize {
    let to = (place.cast_signed() + distance).unsigned_abs();
    if to < width { to } else { 2 * (width - 1) - to }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.pad(x, ..., mode="reflect")`, cut to the old length: the definition.
    #[test]
    fn by_hand() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        for (distance, expected) in [
            (0, [1.0, 2.0, 3.0, 4.0, 5.0]),
            (1, [2.0, 1.0, 2.0, 3.0, 4.0]),
            (2, [3.0, 2.0, 1.0, 2.0, 3.0]),
            (-1, [2.0, 3.0, 4.0, 5.0, 4.0]),
            (-2, [3.0, 4.0, 5.0, 4.0, 3.0]),
            (4, [5.0, 4.0, 3.0, 2.0, 1.0]),
            (-4, [5.0, 4.0, 3.0, 2.0, 1.0]),
        ] {
            let shift = Shift { shape: [1, 5, 1], distances: &[distance] };
            assert_eq!(shift.forward(&x), expected, "{distance}");
        }
    }

    /// Rows, channels and samples are moved each by itself.
    #[test]
    fn each_sample_has_its_own_distance() {
        // [row][place][channel][sample]: the number says where it is.
        let (height, width, channels, distances) = (2, 4, 3, [1, -2]);
        let at = |row: usize, place: usize, channel: usize, sample: usize| {
            (1000 * row + 100 * place + 10 * channel + sample) as f32
        };
        let all = |from: &dyn Fn(usize, usize) -> usize| {
            let mut numbers = Vec::new();
            for row in 0..height {
                for place in 0..width {
                    for channel in 0..channels {
                        numbers.extend((0..2).map(|sample| at(row, from(place, sample), channel, sample)));
                    }
                }
            }
            numbers
        };
        let shift = Shift { shape: [height, width, channels], distances: &distances };
        let from = [[1, 0, 1, 2], [2, 3, 2, 1]];
        assert_eq!(shift.forward(&all(&|place, _| place)), all(&|place, sample| from[sample][place]));
    }

    /// y · (S x) = x · (Sᵀ y), for every distance: the sums are of whole numbers, so exact.
    #[test]
    fn the_way_back_is_the_transpose() {
        let width = 6;
        let row = |factor: usize| (0..width).map(|at| (at * at * factor % 17) as f32).collect::<Vec<_>>();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (x, y) = (row(3), row(5));
        for distance in -5..=5 {
            let shift = Shift { shape: [1, width, 1], distances: &[distance] };
            assert_eq!(dot(&y, &shift.forward(&x)), dot(&x, &shift.backward(&y)), "{distance}");
        }
    }
}
