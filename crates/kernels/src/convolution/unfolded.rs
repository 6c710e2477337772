//! Where batches are small, products run over channels and pixels instead of samples: what the windows of many pixels see is
//! unfolded, piece by piece, into the rows of a matrix. To images of few channels, rows of pixels are the columns of products
//! with one row of taps each, which are then shifted and summed.

mod outputs;
mod weight;

use super::{Epilogue, Shape, Way};
use crate::FULL_BATCH;
use crate::activation::{add, finish};
use crate::fresh::in_chunks;
use crate::product::{Matrix, product};
use crate::transpose::{transpose, transposed};
use outputs::Outputs;

pub(super) use weight::by_weight;

/// Channels of an image that make no vector.
const FEW: usize = 8;

/// Rows of a piece, at most; at least those of one pixel.
const ROWS: usize = 96;

/// Channels that make a product of one tap long enough; with fewer, all taps are one.
const LONG: usize = 64;

/// Weights `[tap][small channel][large channel]`, and how each way goes.
#[derive(Debug)]
pub(super) struct Unfolded {
    taps: Vec<f32>,
    down: Vec<Phase>,
    up: Vec<Phase>,
}

/// Outputs that see their inputs through the same taps.
#[derive(Debug)]
struct Phase {
    outputs: Outputs,
    weight: Weight,
}

/// The weights of a phase's taps, in the order of the inputs that they meet.
#[derive(Debug)]
enum Weight {
    /// `[taps][input channel][output channel]`.
    All(Vec<f32>),
    /// One after another, where they stand.
    Each,
    /// `[row of taps][column of taps][output channel][input channel]`.
    Few(Vec<f32>),
}

/// Whether products over channels pay.
pub(super) fn is_small(batch: usize) -> bool {
    batch < FULL_BATCH
}

impl Unfolded {
    /// From weights `[small channel][large channel][tap]`.
    pub(super) fn new(shape: &Shape, weight: &[f32]) -> Self {
        let [a, b] = shape.channels;
        let taps = transposed(weight, [a * b, shape.geometry.window.taps()]);
        let phases = |way: Way| {
            let phase = |outputs| Phase { outputs, weight: Weight::new(way, &outputs, [a, b], &taps) };
            Outputs::of(way, &shape.geometry).into_iter().map(phase).collect()
        };
        Self { down: phases(Way::Down), up: phases(Way::Up), taps }
    }

    /// Of images `[pixels][channels][batch]`.
    pub(super) fn convolve(&self, way: Way, shape: &Shape, from: &[f32], epilogue: Epilogue) -> Vec<f32> {
        match self.phases(way).first() {
            Some(Phase { weight: Weight::Few(_), .. }) => self.line_by_line(way, shape, from, epilogue),
            _ => self.piece_by_piece(way, shape, from, epilogue),
        }
    }

    fn phases(&self, way: Way) -> &[Phase] {
        match way {
            Way::Down => &self.down,
            Way::Up => &self.up,
        }
    }

    fn line_by_line(&self, way: Way, shape: &Shape, from: &[f32], epilogue: Epilogue) -> Vec<f32> {
        let (batch, ends) = (shape.batch, Ends::of(way, shape));
        let image = Lines::new(from, ends.from_size, ends.from, batch);
        let (pixel, line) = (ends.to * batch, ends.to_size[1] * ends.to * batch);
        in_chunks(ends.to_size[0] * line, line, |row, to| {
            let to = to.zeros();
            for Phase { outputs, weight } in self.phases(way) {
                let (Weight::Few(weight), Some(number)) = (weight, outputs.number_of_row(row)) else { continue };
                let sums = image.sums(outputs, number, weight, ends.to, epilogue);
                for column in 0..outputs.count[1] {
                    let [_, x] = outputs.pixel([number, column]);
                    let rows = to[x * pixel..][..pixel].chunks_exact_mut(batch);
                    for (to, sums) in rows.zip(sums.chunks_exact(outputs.count[1] * batch)) {
                        to.copy_from_slice(&sums[column * batch..][..batch]);
                    }
                }
            }
            to
        })
    }

    fn piece_by_piece(&self, way: Way, shape: &Shape, from: &[f32], epilogue: Epilogue) -> Vec<f32> {
        let (batch, ends) = (shape.batch, Ends::of(way, shape));
        let image = Image::new(from, ends.from_size, ends.from, batch);
        let (pixel, line) = (ends.to * batch, ends.to_size[1] * ends.to * batch);
        let lines = (ROWS / (ends.to_size[1] * batch)).max(1);
        in_chunks(ends.to_size[0] * line, lines * line, |task, to| {
            let first = task * lines;
            let end = first + to.len() / line;
            let to = to.zeros();
            for Phase { outputs, weight } in self.phases(way) {
                for places in outputs.within(first, end).chunks((ROWS / batch).max(1)) {
                    let unfolded = image.unfolded(outputs, places);
                    let mut sums = vec![0.0; places.len() * pixel];
                    self.multiply(way, shape, outputs, weight, &unfolded, &mut sums);
                    if let Some(bias) = epilogue.bias {
                        sums.chunks_exact_mut(ends.to).for_each(|row| add(row, bias));
                    }
                    finish(&mut sums, 1, None, epilogue.activation);
                    for (place, sums) in places.iter().zip(sums.chunks_exact(pixel)) {
                        let [y, x] = outputs.pixel(*place);
                        let to = &mut to[(y - first) * line + x * pixel..][..pixel];
                        transpose(sums, [batch, ends.to], ends.to, to, batch);
                    }
                }
            }
            to
        })
    }

    /// sums `[place][output channel]` = unfolded `[place][taps][input channel]` times the weight.
    fn multiply(
        &self,
        way: Way,
        shape: &Shape,
        outputs: &Outputs,
        weight: &Weight,
        unfolded: &[f32],
        sums: &mut [f32],
    ) {
        let ([a, b], Ends { from, to, .. }) = (shape.channels, Ends::of(way, shape));
        let (rows, taps) = (sums.len() / to, outputs.taps());
        match weight {
            _ if taps == 0 => {}
            Weight::All(weight) => {
                let depth = taps * from;
                product(sums, Matrix::new(unfolded, [rows, depth]), Matrix::new(weight, [depth, to]), false);
            }
            Weight::Each => {
                for place in 0..taps {
                    let tap = Matrix::new(&self.taps[outputs.tap(place) * a * b..][..a * b], [a, b]);
                    let tap = if way == Way::Down { tap.transposed() } else { tap };
                    let seen = Matrix::strided(&unfolded[place * from..], [rows, from], [taps * from, 1]);
                    product(sums, seen, tap, place > 0);
                }
            }
            Weight::Few(_) => unreachable!("images of few channels are made line by line"),
        }
    }
}

impl Weight {
    /// From weights `[tap][small channel][large channel]`.
    fn new(way: Way, outputs: &Outputs, [a, b]: [usize; 2], taps: &[f32]) -> Self {
        let [from, to] = if way == Way::Down { [b, a] } else { [a, b] };
        let in_order = |is_turned: bool| {
            let mut weight = Vec::with_capacity(outputs.taps() * a * b);
            for place in 0..outputs.taps() {
                let tap = &taps[outputs.tap(place) * a * b..][..a * b];
                if is_turned {
                    weight.extend(transposed(tap, [a, b]));
                } else {
                    weight.extend_from_slice(tap);
                }
            }
            weight
        };
        if to <= FEW && outputs.step == [1; 2] {
            Self::Few(in_order(way == Way::Up))
        } else if from >= LONG {
            Self::Each
        } else {
            Self::All(in_order(way == Way::Down))
        }
    }
}

/// Height, width and channels of the images at both ends of a way.
struct Ends {
    from_size: [usize; 2],
    to_size: [usize; 2],
    from: usize,
    to: usize,
}

impl Ends {
    fn of(way: Way, Shape { geometry, channels: [a, b], .. }: &Shape) -> Self {
        match way {
            Way::Down => Self { from_size: geometry.large, to_size: geometry.small, from: *b, to: *a },
            Way::Up => Self { from_size: geometry.small, to_size: geometry.large, from: *a, to: *b },
        }
    }
}

/// Samples `[row][batch][column][channel]`.
struct Image {
    numbers: Vec<f32>,
    size: [usize; 2],
    channels: usize,
    batch: usize,
}

impl Image {
    /// From `[row][column][channel][batch]`.
    fn new(numbers: &[f32], size: [usize; 2], channels: usize, batch: usize) -> Self {
        let line = size[1] * channels * batch;
        let numbers = in_chunks(numbers.len(), line, |row, to| {
            let to = to.zeros();
            transpose(&numbers[row * line..], [line / batch, batch], batch, to, line / batch);
            to
        });
        Self { numbers, size, channels, batch }
    }

    /// What some outputs see of each sample, `[place][batch][taps][channel]`; zeros beyond the image.
    fn unfolded(&self, outputs: &Outputs, places: &[[usize; 2]]) -> Vec<f32> {
        let Self { size: [height, width], channels, batch, .. } = *self;
        let [rows, columns] = outputs.taps;
        let mut unfolded = Vec::with_capacity(places.len() * batch * rows * columns * channels);
        for place in places {
            let [y, x] = outputs.seen_by(*place);
            let inside = |from: isize, size: usize| from.clamp(0, size as isize) as usize;
            let [first, last] = [inside(x, width), inside(x + columns as isize, width)];
            let before = inside(-x, columns) * channels;
            for sample in 0..batch {
                for y in y..y + rows as isize {
                    let end = unfolded.len() + columns * channels;
                    if (0..height as isize).contains(&y) {
                        unfolded.resize(unfolded.len() + before, 0.0);
                        let line = (y as usize * batch + sample) * width;
                        unfolded.extend_from_slice(&self.numbers[(line + first) * channels..(line + last) * channels]);
                    }
                    unfolded.resize(end, 0.0);
                }
            }
        }
        unfolded
    }
}

/// Images `[row][channel][column][batch]`.
struct Lines {
    numbers: Vec<f32>,
    size: [usize; 2],
    channels: usize,
    batch: usize,
}

impl Lines {
    /// From `[row][column][channel][batch]`.
    fn new(numbers: &[f32], size: [usize; 2], channels: usize, batch: usize) -> Self {
        let line = size[1] * channels * batch;
        let numbers = in_chunks(numbers.len(), line, |row, to| {
            let to = to.zeros();
            for (column, pixel) in numbers[row * line..][..line].chunks_exact(channels * batch).enumerate() {
                for (channel, from) in pixel.chunks_exact(batch).enumerate() {
                    to[(channel * size[1] + column) * batch..][..batch].copy_from_slice(from);
                }
            }
            to
        });
        Self { numbers, size, channels, batch }
    }

    /// A row of outputs, f(sum + bias), `[channel][column][batch]`.
    fn sums(&self, outputs: &Outputs, row: usize, weight: &[f32], channels: usize, epilogue: Epilogue) -> Vec<f32> {
        let Self { size: [height, width], channels: from_channels, batch, .. } = *self;
        let ([rows, columns], count) = (outputs.taps, outputs.count[1]);
        let mut sums = vec![0.0; channels * count * batch];
        let mut of_taps = vec![0.0; columns * channels * width * batch];
        let [first, x] = outputs.seen_by([row, 0]);
        for tap in 0..rows {
            let y = first + tap as isize;
            if !(0..height as isize).contains(&y) || columns == 0 {
                continue;
            }
            let taps = columns * channels;
            let weight = Matrix::new(&weight[tap * taps * from_channels..], [taps, from_channels]);
            let line = &self.numbers[y as usize * from_channels * width * batch..];
            product(&mut of_taps, weight, Matrix::new(line, [from_channels, width * batch]), false);
            for (number, of_tap) in of_taps.chunks_exact(width * batch).enumerate() {
                let (column, channel) = (number / channels, number % channels);
                // Outputs from the first that meets the image with this tap to the last.
                let shift = x + column as isize;
                let begin = (-shift).clamp(0, count as isize);
                let end = (width as isize - shift).clamp(begin, count as isize);
                let [begin, end, from] = [begin, end, begin + shift].map(|at| at.max(0) as usize * batch);
                add(&mut sums[channel * count * batch..][begin..end], &of_tap[from.min(of_tap.len())..]);
            }
        }
        finish(&mut sums, count * batch, epilogue.bias, epilogue.activation);
        sums
    }
}
