//! Convolutions of every stride and their transposes, on pixel-major images.
//!
//! Both go over the links of a [`Window`]: a product for each pair of pixels that a tap connects, so what a border cuts off
//! is never computed, and nothing is unfolded in memory. Where one image has few channels, such products would be too thin:
//! there, all taps of a pixel are one product.

use crate::Activation;
use crate::activation::{add, finish, row_sums};
use crate::links::{Link, Window};
use crate::product::{Matrix, product};
use crate::transpose::transpose;
use rayon::prelude::*;

/// Up to so many channels an image is thin.
const THIN: usize = 8;

/// Pixels that one task sums a thin weight's gradient over, and rows of a gradient that one task makes.
const PIXELS: usize = 8;
const ROWS: usize = 64;

/// A kernel `[small channels][large channels][taps]` between two images, for a batch: weights of a convolution
/// `[out, in, height, width]`, of a transposed convolution `[in, out, height, width]`.
#[derive(Debug)]
pub struct Kernel {
    window: Window,
    /// Of the small image, of the large image.
    channels: [usize; 2],
    batch: usize,
    form: Form,
    weight: Vec<f32>,
}

/// How a kernel's weights stand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// `[tap][small][large]`.
    Taps,
    /// The large image is thin: `[small][large][tap]`.
    ThinLarge,
    /// The small image is thin: `[large][small][tap]`.
    ThinSmall,
}

impl Form {
    fn of([small, large]: [usize; 2]) -> Self {
        match () {
            () if large <= THIN && large <= small => Self::ThinLarge,
            () if small <= THIN => Self::ThinSmall,
            () => Self::Taps,
        }
    }
}

impl Kernel {
    /// `weight` is `[small channels][large channels][taps]`, row after row.
    pub fn new(window: Window, channels: [usize; 2], batch: usize, weight: &[f32]) -> Self {
        let ([small, large], taps) = (channels, window.taps());
        assert_eq!(weight.len(), small * large * taps, "size of a kernel");
        let form = Form::of(channels);
        let weight = match form {
            Form::ThinLarge => weight.to_vec(),
            Form::ThinSmall => {
                let mut turned = vec![0.0; weight.len()];
                for (b, row) in turned.chunks_exact_mut(small * taps).enumerate() {
                    for (a, row) in row.chunks_exact_mut(taps).enumerate() {
                        row.copy_from_slice(&weight[(a * large + b) * taps..][..taps]);
                    }
                }
                turned
            }
            Form::Taps => {
                let (pairs, mut turned) = (small * large, vec![0.0; weight.len()]);
                transpose(weight, [pairs, taps], taps, &mut turned, pairs);
                turned
            }
        };
        Self { window, channels, batch, form, weight }
    }

    /// Channels of the small image and of the large one.
    pub fn channels(&self) -> [usize; 2] {
        self.channels
    }

    /// From the large image to the small one: a convolution, or the gradient at the input of a transposed one.
    pub fn down(&self, large: &[f32], bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let ([a, b], taps) = (self.channels, self.window.taps());
        let links = || self.window.from_small();
        match self.form {
            Form::Taps => self.direct(&links(), large, [a, b], |tap| self.tap(tap), bias, activation),
            Form::ThinLarge => {
                self.gathered(&links(), large, [a, b], Matrix::new(&self.weight, [a, b * taps]), bias, activation)
            }
            Form::ThinSmall => self.scattered(&links(), large, [a, b], bias, activation),
        }
    }

    /// From the small image to the large one: a transposed convolution, or the gradient at the input of a convolution.
    pub fn up(&self, small: &[f32], bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let ([a, b], taps) = (self.channels, self.window.taps());
        let links = || self.window.from_large();
        match self.form {
            Form::Taps => self.direct(&links(), small, [b, a], |tap| self.tap(tap).transposed(), bias, activation),
            Form::ThinSmall => {
                self.gathered(&links(), small, [b, a], Matrix::new(&self.weight, [b, a * taps]), bias, activation)
            }
            Form::ThinLarge => self.scattered(&links(), small, [b, a], bias, activation),
        }
    }

    /// `[small][large]` of a tap.
    fn tap(&self, tap: usize) -> Matrix<'_> {
        let [a, b] = self.channels;
        Matrix::new(&self.weight[tap * a * b..], [a, b])
    }

    /// A product for each link.
    fn direct<'a>(
        &'a self,
        links: &[Vec<Link>],
        from: &[f32],
        [to_channels, from_channels]: [usize; 2],
        weight: impl Fn(usize) -> Matrix<'a> + Sync,
        bias: Option<&[f32]>,
        activation: Activation,
    ) -> Vec<f32> {
        let (size, batch) = (from_channels * self.batch, self.batch);
        let mut to = vec![0.0; links.len() * to_channels * batch];
        to.par_chunks_mut(to_channels * batch).zip(links).for_each(|(to, links)| {
            for (index, link) in links.iter().enumerate() {
                let from = Matrix::new(&from[link.pixel * size..][..size], [from_channels, batch]);
                product(to, weight(link.tap), from, index > 0);
            }
            finish(to, batch, bias, activation);
        });
        to
    }

    /// From a thin image: all that a pixel sees as one column.
    fn gathered(
        &self,
        links: &[Vec<Link>],
        thin: &[f32],
        [to_channels, thin_channels]: [usize; 2],
        weight: Matrix,
        bias: Option<&[f32]>,
        activation: Activation,
    ) -> Vec<f32> {
        let (batch, rows) = (self.batch, thin_channels * self.window.taps());
        let mut to = vec![0.0; links.len() * to_channels * batch];
        to.par_chunks_mut(to_channels * batch).zip(links).for_each(|(to, links)| {
            let column = self.column(links, thin, thin_channels);
            product(to, weight, Matrix::new(&column, [rows, batch]), false);
            finish(to, batch, bias, activation);
        });
        to
    }

    /// What a pixel sees of a thin image, `[channel][tap][batch]`.
    fn column(&self, links: &[Link], thin: &[f32], channels: usize) -> Vec<f32> {
        let (batch, taps) = (self.batch, self.window.taps());
        let mut column = vec![0.0; channels * taps * batch];
        for link in links {
            for channel in 0..channels {
                let from = &thin[(link.pixel * channels + channel) * batch..][..batch];
                column[(channel * taps + link.tap) * batch..][..batch].copy_from_slice(from);
            }
        }
        column
    }

    /// To a thin image: the products of all taps of a pixel at once, then each pixel's sum.
    fn scattered(
        &self,
        links: &[Vec<Link>],
        from: &[f32],
        [thin_channels, from_channels]: [usize; 2],
        bias: Option<&[f32]>,
        activation: Activation,
    ) -> Vec<f32> {
        let (batch, taps) = (self.batch, self.window.taps());
        let rows = thin_channels * taps;
        let weight = Matrix::new(&self.weight, [from_channels, rows]).transposed();
        let pixels = from.len() / (from_channels * batch);
        let mut products = vec![0.0; pixels * rows * batch];
        products.par_chunks_mut(rows * batch).zip(from.par_chunks(from_channels * batch)).for_each(
            |(products, from)| {
                product(products, weight, Matrix::new(from, [from_channels, batch]), false);
            },
        );
        let mut thin = vec![0.0; links.len() * thin_channels * batch];
        thin.par_chunks_mut(thin_channels * batch).zip(links).for_each(|(thin, links)| {
            for (channel, row) in thin.chunks_exact_mut(batch).enumerate() {
                for link in links {
                    add(row, &products[(link.pixel * rows + channel * taps + link.tap) * batch..][..batch]);
                }
            }
            finish(thin, batch, bias, activation);
        });
        thin
    }
}

/// The gradient at a kernel, `[small channels][large channels][taps]`, from both images: one is what went in, the other the
/// gradient at what came out.
pub fn by_weight(window: &Window, channels: [usize; 2], batch: usize, small: &[f32], large: &[f32]) -> Vec<f32> {
    let shape = Gradient { channels, batch, taps: window.taps() };
    match Form::of(channels) {
        Form::Taps => shape.of_taps(window, small, large),
        Form::ThinLarge => shape.of_thin(&window.from_small(), small, large, channels),
        Form::ThinSmall => {
            let [a, b] = channels;
            let turned = shape.of_thin(&window.from_large(), large, small, [b, a]);
            let mut weight = vec![0.0; turned.len()];
            for (a, rows) in weight.chunks_exact_mut(b * shape.taps).enumerate() {
                for (b, row) in rows.chunks_exact_mut(shape.taps).enumerate() {
                    row.copy_from_slice(&turned[(b * channels[0] + a) * shape.taps..][..shape.taps]);
                }
            }
            weight
        }
    }
}

/// The gradient at a bias: of each channel the sum over pixels and samples.
pub fn by_bias(gradient: &[f32], channels: usize, batch: usize) -> Vec<f32> {
    let mut bias = vec![0.0; channels];
    let mut of_pixel = vec![0.0; channels];
    for pixel in gradient.chunks_exact(channels * batch) {
        row_sums(pixel, batch, &mut of_pixel);
        add(&mut bias, &of_pixel);
    }
    bias
}

struct Gradient {
    channels: [usize; 2],
    batch: usize,
    taps: usize,
}

impl Gradient {
    /// A product for each pair of pixels that a tap connects.
    fn of_taps(&self, window: &Window, small: &[f32], large: &[f32]) -> Vec<f32> {
        let Self { channels: [a, b], batch, taps } = *self;
        // The products' right-hand sides have their rows together then.
        let turned = turned(large, b, batch);
        let by_tap = window.by_tap();
        let tasks = a.div_ceil(ROWS);
        let mut sums = vec![0.0; taps * a * b];
        let blocks: Vec<(usize, usize, &mut [f32])> = sums
            .chunks_exact_mut(a * b)
            .enumerate()
            .flat_map(|(tap, sum)| sum.chunks_mut(ROWS * b).enumerate().map(move |(task, sum)| (tap, task, sum)))
            .collect();
        debug_assert_eq!(blocks.len(), taps * tasks);
        blocks.into_par_iter().for_each(|(tap, task, sum)| {
            let rows = sum.len() / b;
            for (index, &[of_small, of_large]) in by_tap[tap].iter().enumerate() {
                let small = Matrix::new(&small[(of_small * a + task * ROWS) * batch..], [rows, batch]);
                let large = Matrix::new(&turned[of_large * b * batch..], [batch, b]);
                product(sum, small, large, index > 0);
            }
        });
        let mut weight = vec![0.0; sums.len()];
        transpose(&sums, [taps, a * b], a * b, &mut weight, taps);
        weight
    }

    /// All taps of a pixel at once: `[thick channels][thin channels][taps]`.
    fn of_thin(
        &self,
        links: &[Vec<Link>],
        thick: &[f32],
        thin: &[f32],
        [thick_channels, thin_channels]: [usize; 2],
    ) -> Vec<f32> {
        let Self { batch, taps, .. } = *self;
        let (columns, size) = (thin_channels * taps, thick_channels * batch);
        let parts: Vec<Vec<f32>> = links
            .par_chunks(PIXELS)
            .zip(thick.par_chunks(PIXELS * size))
            .map(|(links, thick)| {
                let mut sum = vec![0.0; thick_channels * columns];
                let mut seen = vec![0.0; batch * columns];
                for (index, (links, thick)) in links.iter().zip(thick.chunks_exact(size)).enumerate() {
                    seen.fill(0.0);
                    for link in links {
                        for channel in 0..thin_channels {
                            let row = &thin[(link.pixel * thin_channels + channel) * batch..][..batch];
                            for (sample, value) in row.iter().enumerate() {
                                seen[sample * columns + channel * taps + link.tap] = *value;
                            }
                        }
                    }
                    product(
                        &mut sum,
                        Matrix::new(thick, [thick_channels, batch]),
                        Matrix::new(&seen, [batch, columns]),
                        index > 0,
                    );
                }
                sum
            })
            .collect();
        parts
            .into_iter()
            .reduce(|mut sum, part| {
                add(&mut sum, &part);
                sum
            })
            .expect("an image has pixels")
    }
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
