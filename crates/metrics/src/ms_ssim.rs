//! Multi-scale structural similarity: how alike two images look, and so how alike the images of a set are.

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::random::Random;
use crate::{Features, MetricError, Side};
use family::Settings;
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The weights of five scales, finest first (Wang et al. 2003, section 3.2).
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const WINDOW: usize = 11;
const DEVIATION: f64 = 1.5;
const PAIRS: usize = 500;
const PAIRS_OF_CLASS: usize = 100;
const NEEDED: &str = "images of 11 pixels a side or more";

/// Similarity of the fake images among themselves (Odena et al. 2017, Wang et al. 2003).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MsSsim {}

impl Settings for MsSsim {
    const NAME: &'static str = "ms_ssim";
}

impl Metric for MsSsim {
    fn entry() -> Entry {
        Entry {
            about: "likeness of the fake images among themselves",
            paper: "Odena et al. 2017, Wang et al. 2003",
            samples: NEEDED,
            view: View::Samples,
            smallest: Smallest::Samples(2),
            settings: "500 pairs",
            quantities: vec![Quantity::floor("ms_ssim", "")],
        }
    }

    fn takes(&self, format: Format) -> bool {
        image(format).is_some()
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let needed = MetricError::Kind { metric: Self::NAME, needed: NEEDED };
        let shape = input.format.and_then(image).ok_or(needed)?;
        let value = diversity(input.fake, shape, PAIRS, input.seed, Side::Fake)?;
        Ok(vec![Measured { settings: fewer_scales(shape), ..value.into() }])
    }
}

/// Similarity of the fake images of each class among themselves, mean over the classes (Odena et al. 2017).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MsSsimByClass {}

impl Settings for MsSsimByClass {
    const NAME: &'static str = "ms_ssim_by_class";
}

impl Metric for MsSsimByClass {
    fn entry() -> Entry {
        Entry {
            about: "likeness of the fake images of each class, mean over the classes",
            paper: "Odena et al. 2017",
            samples: "images of 11 pixels a side or more with their classes",
            view: View::LabelledSamples,
            smallest: Smallest::OfEachClass(2),
            settings: "100 pairs a class",
            quantities: vec![Quantity::floor("ms_ssim_by_class", "")],
        }
    }

    fn takes(&self, format: Format) -> bool {
        image(format).is_some()
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let needed = MetricError::Kind { metric: Self::NAME, needed: NEEDED };
        let shape = input.format.and_then(image).ok_or(needed)?;
        let by_class = diversity_by_class(input.fake, shape, PAIRS_OF_CLASS, input.seed, Side::Fake)?;
        let values: Vec<f64> = by_class.iter().copied().flatten().collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Ok(vec![Measured { by_class, settings: fewer_scales(shape), ..mean.into() }])
    }
}

/// How images are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarity {
    /// Rows and columns of the Gaussian window.
    pub window: usize,
    /// The window's standard deviation in pixels.
    pub deviation: f64,
    /// The power of each scale, finest first; one scale with 1 is plain SSIM (Wang et al. 2004).
    pub weights: Vec<f64>,
    /// White minus black; black is 0.
    pub range: f64,
}

impl Similarity {
    /// The published window of 11 pixels with the five published scales and weights, which sum to 1.0001, or with as many of
    /// the scales as fit an image, their weights scaled to the sum 1: five from 176 pixels a side on, 4 from 88, 3 from 44, 2
    /// from 22. None if not even the image, `[channels, height, width]`, fits the window.
    pub fn fitting([_, height, width]: [usize; 3], range: f64) -> Option<Self> {
        let side = height.min(width);
        let scales = (0..WEIGHTS.len()).take_while(|scale| side >> scale >= WINDOW).count();
        let sum = if scales < WEIGHTS.len() { WEIGHTS[..scales].iter().sum() } else { 1.0 };
        let weights = WEIGHTS[..scales].iter().map(|weight| weight / sum).collect();
        (scales > 0).then_some(Self { window: WINDOW, deviation: DEVIATION, weights, range })
    }

    /// MS-SSIM of two images, mean over the channels: Wang et al. 2003, eq. 7, with the luminance of the last scale
    /// only, windows inside the image only, and factors below 0 taken for 0. At most 1, for equal images.
    ///
    /// # Panics
    /// If the images are not of `shape`, `[channels, height, width]`, or smaller than the window at the last scale.
    pub fn of(&self, left: &[f64], right: &[f64], shape: [usize; 3]) -> f64 {
        let [channels, height, width] = shape;
        let area = height * width;
        let taps = self.taps();
        let of_channel = |channel: usize| {
            let plane = |image: &[f64]| {
                let values = image[channel * area..(channel + 1) * area].to_vec();
                Plane { values, height, width }
            };
            let (mut left, mut right) = (plane(left), plane(right));
            let mut product = 1.0;
            for (scale, weight) in self.weights.iter().enumerate() {
                if scale > 0 {
                    (left, right) = (left.halved(), right.halved());
                }
                let (whole, contrast) = similarity(&left, &right, &taps, self.range);
                let factor = if scale + 1 == self.weights.len() { whole } else { contrast };
                product *= libm::pow(factor.max(0.0), *weight);
            }
            product
        };
        (0..channels).map(of_channel).sum::<f64>() / channels as f64
    }

    fn taps(&self) -> Vec<f64> {
        let middle = (self.window / 2) as f64;
        let tap = |index: usize| libm::exp(-(index as f64 - middle).powi(2) / (2.0 * self.deviation * self.deviation));
        let taps: Vec<f64> = (0..self.window).map(tap).collect();
        let sum: f64 = taps.iter().sum();
        taps.into_iter().map(|tap| tap / sum).collect()
    }
}

/// Mean MS-SSIM of `pairs` random pairs of different images of one set, `[channels, height, width]` with pixels in
/// `[-1, 1]`: Odena et al. 2017,
/// section 4.2. High where all images look alike.
///
/// No unit, at most 1. Neither high nor low is good: compare with real images. Cost: `pairs · pixels`.
///
/// # Errors
/// Fewer than two images, or images smaller than the window.
pub fn diversity(images: Features, shape: [usize; 3], pairs: usize, seed: u64, side: Side) -> Result<f64, MetricError> {
    check_one("ms_ssim", side, images, 2, "a pair is compared")?;
    let similarity = fitting("ms_ssim", shape)?;
    Ok(likeness(images, &Vec::from_iter(0..images.len()), &similarity, shape, 0..pairs.max(1) as u64, seed))
}

/// [`diversity`] within each class, from class 0 on, of `pairs` pairs a class: Odena et al. 2017, section 4.2. `None` for a
/// class of fewer than two images.
///
/// Cost: `classes · pairs · pixels`.
///
/// # Errors
/// Classes that are not known, no class with two images, or images smaller than the window.
pub fn diversity_by_class(
    images: Features,
    shape: [usize; 3],
    pairs: usize,
    seed: u64,
    side: Side,
) -> Result<Vec<Option<f64>>, MetricError> {
    const NAME: &str = "ms_ssim_by_class";
    check_one(NAME, side, images, 2, "a pair is compared")?;
    let similarity = fitting(NAME, shape)?;
    let classes = images.classes().ok_or(MetricError::Kind { metric: NAME, needed: "images with their classes" })?;
    let mut members = vec![Vec::new(); classes.iter().max().map_or(0, |last| usize::from(*last) + 1)];
    classes.iter().enumerate().for_each(|(image, class)| members[usize::from(*class)].push(image));
    let of_class = |(class, members): (usize, &Vec<usize>)| {
        let own = (class * pairs) as u64..((class + 1) * pairs) as u64;
        (members.len() > 1).then(|| likeness(images, members, &similarity, shape, own, seed))
    };
    let found: Vec<Option<f64>> = members.iter().enumerate().map(of_class).collect();
    match found.iter().any(Option::is_some) {
        true => Ok(found),
        false => {
            let (needed, found) = (members.len() + 1, images.len());
            Err(MetricError::TooFew { metric: NAME, side, needed, found, because: "a pair of one class is compared" })
        }
    }
}

/// What there is to say of images that are too small for all scales: their values compare with those of the same size.
fn fewer_scales(shape: [usize; 3]) -> Option<String> {
    let scales = Similarity::fitting(shape, 2.0)?.weights.len();
    (scales < WEIGHTS.len()).then(|| format!("{scales} of {} scales", WEIGHTS.len()))
}

fn fitting(metric: &'static str, shape: [usize; 3]) -> Result<Similarity, MetricError> {
    Similarity::fitting(shape, 2.0).ok_or(MetricError::Kind { metric, needed: NEEDED })
}

/// The shape of images that are not smaller than the window.
fn image(format: Format) -> Option<[usize; 3]> {
    match format {
        Format::Image(shape) => Similarity::fitting(shape, 2.0).map(|_| shape),
        _ => None,
    }
}

/// Mean over a random pair of `members`, two or more, for each of these `pairs`.
fn likeness(
    images: Features,
    members: &[usize],
    similarity: &Similarity,
    shape: [usize; 3],
    pairs: Range<u64>,
    seed: u64,
) -> f64 {
    let of_pair = |pair: u64| {
        let mut random = Random::new(seed, pair);
        let first = random.below(members.len());
        let second = (first + 1 + random.below(members.len() - 1)) % members.len();
        let image =
            |member: usize| images.row(members[member]).into_iter().map(|pixel| pixel + 1.0).collect::<Vec<_>>();
        similarity.of(&image(first), &image(second), shape)
    };
    let values: Vec<f64> = pairs.into_par_iter().map(of_pair).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

struct Plane {
    values: Vec<f64>,
    height: usize,
    width: usize,
}

impl Plane {
    /// Means of 2 × 2 pixels. An odd side gets a line of zeros at both ends first, as PyTorch's pooling with padding.
    fn halved(&self) -> Self {
        let (pad_rows, pad_columns) = (self.height % 2, self.width % 2);
        let (height, width) = ((self.height + pad_rows) / 2, (self.width + pad_columns) / 2);
        let mut values = Vec::with_capacity(height * width);
        for row in 0..height {
            for column in 0..width {
                let mut sum = 0.0;
                for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    // Before the first line comes the padding, at an index that wraps around and is not there.
                    let y = (2 * row + i).wrapping_sub(pad_rows);
                    let x = (2 * column + j).wrapping_sub(pad_columns);
                    if y < self.height && x < self.width {
                        sum += self.values[y * self.width + x];
                    }
                }
                values.push(sum / 4.0);
            }
        }
        Self { values, height, width }
    }

    /// Weighted means under the window wherever it fits.
    fn filtered(&self, taps: &[f64]) -> Vec<f64> {
        let (height, width) = (self.height + 1 - taps.len(), self.width + 1 - taps.len());
        let rows = self.values.chunks(self.width);
        let across: Vec<f64> = rows
            .flat_map(|row| {
                row.windows(taps.len()).map(|some| some.iter().zip(taps).map(|(x, tap)| x * tap).sum::<f64>())
            })
            .collect();
        let mut values = vec![0.0; height * width];
        for (row, line) in values.chunks_mut(width).enumerate() {
            for (offset, tap) in taps.iter().enumerate() {
                let from = &across[(row + offset) * width..(row + offset + 1) * width];
                line.iter_mut().zip(from).for_each(|(value, x)| *value += tap * x);
            }
        }
        values
    }
}

/// SSIM and its contrast-structure factor, means over the windows (Wang et al. 2004, eqs. 6 and 13).
fn similarity(left: &Plane, right: &Plane, taps: &[f64], range: f64) -> (f64, f64) {
    let (c1, c2) = ((0.01 * range).powi(2), (0.03 * range).powi(2));
    let product = |a: &Plane, b: &Plane| {
        let values = a.values.iter().zip(&b.values).map(|(x, y)| x * y).collect();
        Plane { values, ..*a }.filtered(taps)
    };
    let (mean, other_mean) = (left.filtered(taps), right.filtered(taps));
    let (square, other_square, cross) = (product(left, left), product(right, right), product(left, right));
    let (mut whole, mut contrast) = (0.0, 0.0);
    for index in 0..mean.len() {
        let (m, n) = (mean[index], other_mean[index]);
        let spread = square[index] - m * m + other_square[index] - n * n;
        let structure = (2.0 * (cross[index] - m * n) + c2) / (spread + c2);
        contrast += structure;
        whole += structure * (2.0 * m * n + c1) / (m * m + n * n + c1);
    }
    (whole / mean.len() as f64, contrast / mean.len() as f64)
}
