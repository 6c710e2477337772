//! Convolutions of stride 1 by the discrete Fourier transform: few products for each frequency instead of one for each tap
//! of each pixel.
//!
//! The circle is as large as the image and its padding, so what wraps around is zero or cut off. Images and weights are
//! real: of each pair of conjugate frequencies one is kept. All transforms are products with small matrices, over pieces of
//! the numbers that stay in the cache.

use super::{Epilogue, Geometry, Shape, Way, Window};
use crate::fresh::{Unset, vector};
use crate::product::{Matrix, Products, product};
use crate::transpose::transposed;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Numbers of each plane that one task transforms.
const PIECE: usize = 512;

/// Between planes, so that those of one place do not share a set of the cache.
const GAP: usize = 80;

/// Largest circle.
const MAX_SIZE: usize = 16;

/// Channels from which on the transforms cost less than they save, and how many times fewer products there have to be.
const CHANNELS: usize = 32;
const GAIN: usize = 2;

/// The planes of a frequency.
enum Parts<'a> {
    /// Of one that is its own conjugate.
    Whole(Unset<'a>),
    /// Real and imaginary.
    Both([Unset<'a>; 2]),
}

/// A window's circle: the images' and the weights' places on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circle {
    geometry: Geometry,
    /// Height and width.
    size: [usize; 2],
}

/// What is transformed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Face {
    Small,
    Large,
    Weights,
}

impl Way {
    /// Where it starts.
    pub(super) fn from(self) -> Face {
        match self {
            Self::Down => Face::Large,
            Self::Up => Face::Small,
        }
    }
}

/// A transformed image, `[plane][channel][batch]`, or transformed weights, `[plane][small channel][large channel]`.
#[derive(Debug)]
pub(crate) struct Planes {
    numbers: Vec<f32>,
    /// Numbers of a plane.
    size: usize,
}

impl Planes {
    /// So many planes of as many numbers, from what writes all their memory.
    fn new(count: usize, size: usize, write: impl for<'a> FnOnce(Vec<Unset<'a>>) -> Vec<&'a mut [f32]>) -> Self {
        let numbers = vector(count * (size + GAP), |memory| {
            let rows = memory.chunks(size + GAP).into_iter().map(|row| row.split_at(size));
            let (planes, gaps): (Vec<_>, Vec<_>) = rows.map(|[plane, gap]| (plane, gap)).unzip();
            let mut written = write(planes);
            written.extend(gaps.into_iter().map(Unset::zeros));
            written
        });
        Self { numbers, size }
    }

    fn stride(&self) -> usize {
        self.size + GAP
    }

    fn plane(&self, plane: usize) -> &[f32] {
        &self.numbers[plane * self.stride()..][..self.size]
    }

    fn matrix(&self, plane: usize, shape: [usize; 2]) -> Matrix<'_> {
        Matrix::new(self.plane(plane), shape)
    }
}

impl Circle {
    /// The circle of a window through which the transform pays.
    pub(crate) fn of(geometry: Geometry, channels: [usize; 2]) -> Option<Self> {
        let Geometry { window: Window { kernel, stride, before, .. }, small, large } = geometry;
        let size = [0, 1].map(|axis| large[axis] + before[axis]);
        let fits = [0, 1].into_iter().all(|axis| {
            // As many zeros behind the image as before it.
            let same = small[axis] + kernel[axis] == large[axis] + 2 * before[axis] + 1;
            stride[axis] == 1 && same && before[axis] < kernel[axis] && size[axis] <= MAX_SIZE
        });
        // A complex product is four real ones, and half of the frequencies are enough.
        let pays = 2 * size[0] * size[1] * GAIN < geometry.links() && channels.into_iter().all(|n| n >= CHANNELS);
        (fits && pays).then_some(Self { geometry, size })
    }

    /// Of an image `[pixels][channels][batch]`.
    pub(crate) fn image(&self, face: Face, image: &[f32], batch: usize) -> Planes {
        self.forward(face, image, batch)
    }

    /// Of weights `[tap][small channel][large channel]`.
    pub(crate) fn weights(&self, weights: &[f32]) -> Planes {
        self.forward(Face::Weights, weights, 1)
    }

    /// A convolution, or a transposed one, from the image where the way starts.
    pub(crate) fn convolve(
        &self,
        way: Way,
        shape: &Shape,
        weights: &Planes,
        from: &Planes,
        epilogue: Epilogue,
    ) -> Vec<f32> {
        let ([a, b], batch) = (shape.channels, shape.batch);
        let (to_channels, from_channels, face) = match way {
            Way::Down => (a, b, Face::Small),
            Way::Up => (b, a, Face::Large),
        };
        let products = Products::of([to_channels, from_channels, batch]);
        let to = self.each(to_channels * batch, |plane, out| {
            let x = |part: usize| products.right(from.matrix(plane + part, [from_channels, batch]));
            let w = |part: usize| {
                let weight = weights.matrix(plane + part, [a, b]);
                products.left(if way == Way::Down { weight } else { weight.transposed() })
            };
            match out {
                Parts::Whole(whole) => vec![products.sum(whole, &[[&w(0), &x(0)]])],
                Parts::Both([real, imaginary]) => {
                    let ([w, v], [x, y]) = ([w(0), w(1)], [x(0), x(1)]);
                    let minus = v.negative();
                    // (w + i v) (x + i y); down, the weights are conjugate.
                    let [v, minus] = if way == Way::Down { [&minus, &v] } else { [&v, &minus] };
                    let real = products.sum(real, &[[&w, &x], [minus, &y]]);
                    let imaginary = products.sum(imaginary, &[[&w, &y], [v, &x]]);
                    vec![real, imaginary]
                }
            }
        });
        self.back(face, to, batch, |numbers, channel| epilogue.apply(numbers, channel, batch))
    }

    /// The gradient at the weights, `[small channel][large channel][tap]`. What is no longer needed is freed on the way.
    pub(crate) fn by_weight(&self, shape: &Shape, small: Planes, large: Planes) -> Vec<f32> {
        let ([a, b], batch) = (shape.channels, shape.batch);
        let products = Products::of([a, batch, b]);
        let weights = self.each(a * b, |plane, out| {
            let s = |part: usize| products.left(small.matrix(plane + part, [a, batch]));
            let l = |part: usize| products.right(large.matrix(plane + part, [b, batch]).transposed());
            match out {
                Parts::Whole(whole) => vec![products.sum(whole, &[[&s(0), &l(0)]])],
                Parts::Both([real, imaginary]) => {
                    let ([s, t], [l, m]) = ([s(0), s(1)], [l(0), l(1)]);
                    let minus = l.negative();
                    let real = products.sum(real, &[[&s, &l], [&t, &m]]);
                    let imaginary = products.sum(imaginary, &[[&s, &m], [&t, &minus]]);
                    vec![real, imaginary]
                }
            }
        });
        drop([small, large]);
        transposed(&self.back(Face::Weights, weights, 1, |_, _| {}), [shape.geometry.window.taps(), a * b])
    }

    fn planes(&self) -> usize {
        self.size.iter().product()
    }

    /// Planes of so many numbers, frequency by frequency: from the number of its first plane what is written to its parts.
    fn each(&self, size: usize, make: impl for<'a> Fn(usize, Parts<'a>) -> Vec<&'a mut [f32]> + Sync) -> Planes {
        let [vertical, horizontal] = self.size;
        let is_whole = |plane: usize| plane < whole(horizontal) * vertical && plane % vertical < whole(vertical);
        Planes::new(self.planes(), size, |planes| {
            let mut planes = planes.into_iter().enumerate().peekable();
            let mut frequencies = Vec::new();
            while let Some((plane, real)) = planes.next() {
                let parts = match planes.next_if(|_| !is_whole(plane)) {
                    Some((_, imaginary)) => Parts::Both([real, imaginary]),
                    None => Parts::Whole(real),
                };
                frequencies.push((plane, parts));
            }
            frequencies.into_par_iter().flat_map_iter(|(plane, parts)| make(plane, parts)).collect()
        })
    }

    fn axes(&self, face: Face) -> [Axis; 2] {
        [0, 1].map(|axis| {
            let size = self.size[axis];
            let Geometry { window, small, large } = self.geometry;
            let places = match face {
                Face::Small => (0..small[axis]).collect(),
                Face::Large => (0..large[axis]).collect(),
                // The tap that looks at its own pixel is at 0.
                Face::Weights => {
                    (0..window.kernel[axis]).map(|tap| (tap + size - window.before[axis]) % size).collect()
                }
            };
            Axis { size, places }
        })
    }

    /// `[vertical place][horizontal place][size]` to planes.
    fn forward(&self, face: Face, numbers: &[f32], unit: usize) -> Planes {
        let axes = self.axes(face);
        let [height, width] = axes.each_ref().map(|axis| axis.places.len());
        let size = numbers.len() / (height * width);
        let [vertical, horizontal] = self.size;
        let across = axes[1].real();
        let (down, [of_real, of_imaginary]) = (axes[0].real(), axes[0].complex());
        let piece = piece(unit);
        let write = |task: usize, length: usize, put: &mut Put| {
            // `[vertical place][horizontal frequency][number]`
            let mut lines = vec![0.0; height * horizontal * length];
            for (row, lines) in lines.chunks_exact_mut(horizontal * length).enumerate() {
                let from = &numbers[row * width * size + task * piece..];
                product(lines, across.matrix(), Matrix::strided(from, [width, length], [size, 1]), false);
            }
            let column =
                |part: usize| Matrix::strided(&lines[part * length..], [height, length], [horizontal * length, 1]);
            let mut rows = vec![0.0; vertical * length];
            for part in 0..whole(horizontal) {
                product(&mut rows, down.matrix(), column(part), false);
                put(&rows);
            }
            let mut rows = vec![0.0; 2 * vertical * length];
            for part in (whole(horizontal)..horizontal).step_by(2) {
                product(&mut rows, of_real.matrix(), column(part), false);
                product(&mut rows, of_imaginary.matrix(), column(part + 1), true);
                put(&rows);
            }
        };
        Planes::new(self.planes(), size, |planes| by_pieces(planes, piece, write))
    }

    /// Planes to `[vertical place][horizontal place][size]`, with what `finish` makes of the numbers of some channels at a
    /// pixel, from a channel on.
    fn back(&self, face: Face, planes: Planes, unit: usize, finish: impl Fn(&mut [f32], usize) + Sync) -> Vec<f32> {
        let axes = self.axes(face);
        let [height, width] = axes.each_ref().map(|axis| axis.places.len());
        let [vertical, horizontal] = self.size;
        let (size, stride) = (planes.size, planes.stride());
        let (up, complex_up, across) = (axes[0].real_back(), axes[0].complex_back(), axes[1].real_back());
        let piece = piece(unit);
        let write = |task: usize, length: usize, put: &mut Put| {
            let first = task * piece;
            // `[vertical place][horizontal frequency][number]`
            let mut lines = vec![0.0; height * horizontal * length];
            let mut put_line = |rows: &[f32], part: usize, parts: usize| {
                for (row, numbers) in rows.chunks_exact(parts * length).enumerate() {
                    lines[(row * horizontal + part) * length..][..parts * length].copy_from_slice(numbers);
                }
            };
            let from = |plane: usize, count: usize| {
                Matrix::strided(&planes.numbers[plane * stride + first..], [count, length], [stride, 1])
            };
            let mut rows = vec![0.0; height * length];
            for part in 0..whole(horizontal) {
                product(&mut rows, up.matrix(), from(part * vertical, vertical), false);
                put_line(&rows, part, 1);
            }
            let mut rows = vec![0.0; 2 * height * length];
            for part in (whole(horizontal)..horizontal).step_by(2) {
                product(&mut rows, complex_up.matrix(), from(part * vertical, 2 * vertical), false);
                put_line(&rows, part, 2);
            }
            let mut image = vec![0.0; width * length];
            for lines in lines.chunks_exact(horizontal * length) {
                product(&mut image, across.matrix(), Matrix::new(lines, [horizontal, length]), false);
                image.chunks_exact_mut(length).for_each(|row| finish(row, first / unit));
                put(&image);
            }
        };
        vector(height * width * size, |image| by_pieces(image.chunks(size), piece, write))
    }
}

/// Frequencies that are their own conjugate, on a circle of this size.
fn whole(size: usize) -> usize {
    if size.is_multiple_of(2) { 2 } else { 1 }
}

/// Numbers of a task, in whole units.
fn piece(unit: usize) -> usize {
    (PIECE / unit).max(1) * unit
}

/// Takes one row of numbers after another, some at once.
type Put<'a> = dyn FnMut(&[f32]) + 'a;

/// Rows of one length, written in pieces: from the number of a task and the length of its pieces what it puts into its piece
/// of each row.
fn by_pieces<'a>(
    rows: Vec<Unset<'a>>,
    piece: usize,
    write: impl Fn(usize, usize, &mut Put) + Sync,
) -> Vec<&'a mut [f32]> {
    let mut tasks: Vec<Vec<Unset>> = Vec::new();
    for row in rows {
        for (task, piece) in row.chunks(piece).into_iter().enumerate() {
            if task == tasks.len() {
                tasks.push(Vec::new());
            }
            tasks[task].push(piece);
        }
    }
    let written = tasks.into_par_iter().enumerate().flat_map_iter(|(task, pieces)| {
        let (count, length) = (pieces.len(), pieces[0].len());
        let (mut pieces, mut written) = (pieces.into_iter(), Vec::with_capacity(count));
        write(task, length, &mut |rows| {
            written.extend(rows.chunks_exact(length).zip(&mut pieces).map(|(row, piece)| piece.copy(row)));
        });
        written
    });
    written.collect()
}

/// A matrix of coefficients, row after row.
struct Coefficients {
    numbers: Vec<f32>,
    shape: [usize; 2],
}

impl Coefficients {
    fn new(shape: [usize; 2], at: impl Fn(usize, usize) -> f64) -> Self {
        let [rows, columns] = shape;
        let numbers = (0..rows * columns).map(|place| at(place / columns, place % columns) as f32).collect();
        Self { numbers, shape }
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix::new(&self.numbers, self.shape)
    }
}

/// One axis of a circle, and the places on it where numbers are.
struct Axis {
    size: usize,
    places: Vec<usize>,
}

/// A part of a frequency of real numbers.
#[derive(Clone, Copy)]
enum Part {
    /// Of one that is its own conjugate.
    Whole(usize),
    Real(usize),
    Imaginary(usize),
}

impl Axis {
    fn angle(&self, frequency: usize, place: usize) -> f64 {
        TAU * (frequency * self.places[place] % self.size) as f64 / self.size as f64
    }

    /// The planes of real numbers.
    fn parts(&self) -> Vec<Part> {
        let whole = (0..self.size).filter(|frequency| (2 * frequency).is_multiple_of(self.size)).map(Part::Whole);
        let pairs =
            (1..self.size.div_ceil(2)).flat_map(|frequency| [Part::Real(frequency), Part::Imaginary(frequency)]);
        whole.chain(pairs).collect()
    }

    /// `[part][place]`
    fn real(&self) -> Coefficients {
        let parts = self.parts();
        Coefficients::new([self.size, self.places.len()], |row, place| match parts[row] {
            Part::Whole(frequency) | Part::Real(frequency) => self.angle(frequency, place).cos(),
            Part::Imaginary(frequency) => -self.angle(frequency, place).sin(),
        })
    }

    /// `[place][part]`
    fn real_back(&self) -> Coefficients {
        let (parts, size) = (self.parts(), self.size as f64);
        Coefficients::new([self.places.len(), self.size], |place, column| match parts[column] {
            Part::Whole(frequency) => self.angle(frequency, place).cos() / size,
            Part::Real(frequency) => 2.0 * self.angle(frequency, place).cos() / size,
            Part::Imaginary(frequency) => -2.0 * self.angle(frequency, place).sin() / size,
        })
    }

    /// `[frequency: real, imaginary][place]` of the real part of numbers, and of the imaginary part.
    fn complex(&self) -> [Coefficients; 2] {
        // (x + i y) (cos - i sin) = x cos + y sin + i (y cos - x sin)
        let part = |row: usize, place: usize, [of_real, of_imaginary]: [fn(f64) -> f64; 2]| match row % 2 {
            0 => of_real(self.angle(row / 2, place)),
            _ => of_imaginary(self.angle(row / 2, place)),
        };
        let shape = [2 * self.size, self.places.len()];
        [
            Coefficients::new(shape, |row, place| part(row, place, [f64::cos, |angle| -angle.sin()])),
            Coefficients::new(shape, |row, place| part(row, place, [f64::sin, f64::cos])),
        ]
    }

    /// `[place: real, imaginary][frequency: real, imaginary]`
    fn complex_back(&self) -> Coefficients {
        Coefficients::new([2 * self.places.len(), 2 * self.size], |row, column| {
            let angle = self.angle(column / 2, row / 2);
            let part = match (row % 2, column % 2) {
                (0, 0) | (1, 1) => angle.cos(),
                (0, _) => -angle.sin(),
                _ => angle.sin(),
            };
            part / self.size as f64
        })
    }
}
