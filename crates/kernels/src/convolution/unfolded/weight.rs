//! The gradient at the weights.

use super::super::{Shape, Way};
use super::outputs::Outputs;
use super::{Ends, FEW, Image, ROWS};
use crate::activation::add;
use crate::fresh::in_chunks;
use crate::product::{Matrix, product};
use crate::transpose::transpose;
use rayon::prelude::*;

/// Columns that a task sums for, at most; at least those of a row of taps.
const COLUMNS: usize = 512;

/// Parts of the pixels that tasks sum over, at most.
const PARTS: usize = 8;

/// Sums `[output channel][tap][input channel]` of some taps.
struct Sums {
    /// The kernel's numbers of the taps.
    taps: Vec<usize>,
    numbers: Vec<f32>,
}

/// `[small channel][large channel][tap]`, from both images. The image that is unfolded is the large one, unless the small one has
/// few channels.
pub(in super::super) fn by_weight(shape: &Shape, small: &[f32], large: &[f32]) -> Vec<f32> {
    let ([a, b], taps) = (shape.channels, shape.geometry.window.taps());
    let way = if a <= FEW && a < b { Way::Up } else { Way::Down };
    let (ends, [from, to]) = (Ends::of(way, shape), if way == Way::Down { [large, small] } else { [small, large] });
    let image = Image::new(from, ends.from_size, ends.from, shape.batch);
    let outputs = Outputs::of(way, &shape.geometry);
    let sums: Vec<Sums> = outputs.iter().flat_map(|outputs| of_outputs(&image, outputs, to, &ends)).collect();
    in_chunks(a * b * taps, b * taps, |channel, to| {
        let to = to.zeros();
        for Sums { taps: numbers, numbers: sums } in &sums {
            let count = numbers.len();
            match way {
                Way::Down => {
                    // These taps follow one another.
                    let row = &sums[channel * count * b..][..count * b];
                    transpose(row, [count, b], b, &mut to[numbers[0]..], taps);
                }
                Way::Up => {
                    for (place, tap) in numbers.iter().enumerate() {
                        (0..b).for_each(|large| to[large * taps + tap] = sums[(large * count + place) * a + channel]);
                    }
                }
            }
        }
        to
    })
}

/// From the image that is unfolded, and the numbers of the other one `[pixel][channel][batch]`.
fn of_outputs(image: &Image, outputs: &Outputs, to: &[f32], ends: &Ends) -> Vec<Sums> {
    let (batch, channels, width) = (image.batch, ends.to, ends.to_size[1]);
    let places = outputs.within(0, usize::MAX);
    if outputs.taps() == 0 || places.is_empty() {
        return Vec::new();
    }
    // `[place][batch][channel]`
    let seen_from = in_chunks(places.len() * batch * channels, batch * channels, |place, sample| {
        let [y, x] = outputs.pixel(places[place]);
        let (pixel, sample) = (&to[(y * width + x) * channels * batch..][..channels * batch], sample.zeros());
        transpose(pixel, [channels, batch], batch, sample, channels);
        sample
    });
    let piece = (ROWS / batch).max(1);
    let pieces: Vec<_> = places.chunks(piece).zip(seen_from.chunks(piece * batch * channels)).collect();
    let part = pieces.len().div_ceil(PARTS);
    let parts: Vec<_> = pieces.chunks(part).collect();
    let rows = if outputs.taps() * image.channels <= COLUMNS { outputs.taps[0] } else { 1 };
    let columns = rows * outputs.taps[1] * image.channels;
    let groups: Vec<_> = (0..outputs.taps[0]).step_by(rows).map(|first| outputs.of_rows(first, rows)).collect();
    let sum_of = |task: usize| {
        let outputs = &groups[task / parts.len()];
        let mut sum = vec![0.0; channels * columns];
        for (number, (places, seen_from)) in parts[task % parts.len()].iter().enumerate() {
            let (unfolded, count) = (image.unfolded(outputs, places), places.len() * batch);
            let [left, right] = [Matrix::new(seen_from, [count, channels]), Matrix::new(&unfolded, [count, columns])];
            product(&mut sum, left.transposed(), right, number > 0);
        }
        sum
    };
    let mut sums: Vec<Vec<f32>> = (0..groups.len() * parts.len()).into_par_iter().map(sum_of).collect();
    let mut of_group = |(group, sums): (&Outputs, &mut [Vec<f32>])| {
        let (total, others) = sums.split_first_mut().expect("an image has pixels");
        others.iter().for_each(|sum| add(total, sum));
        Sums { taps: (0..group.taps()).map(|place| group.tap(place)).collect(), numbers: std::mem::take(total) }
    };
    groups.iter().zip(sums.chunks_mut(parts.len())).map(&mut of_group).collect()
}
