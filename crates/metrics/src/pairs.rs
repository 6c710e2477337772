//! How far what was made of an input is from what it should have become, pixel by pixel and window by window.

use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::ms_ssim::Similarity;
use crate::{Features, MetricError};
use family::Settings;
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NEEDED: &str = "images of 11 pixels a side or more that were made of the inputs of a data set of pairs";

/// Distances of translated images to their targets: absolute difference, PSNR, SSIM (Wang et al. 2004) and MS-SSIM (2003).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pairs {}

impl Settings for Pairs {
    const NAME: &'static str = "pairs";
}

impl Metric for Pairs {
    fn entry() -> Entry {
        Entry {
            about: "distance of translated images to their targets, pixel by pixel and window by window",
            paper: "Wang et al. 2004, Wang et al. 2003",
            samples: NEEDED,
            view: View::Pairs,
            smallest: Smallest::Samples(1),
            settings: "",
            quantities: vec![
                Quantity::lower("pair_l1", "of white - black").in_tables(),
                Quantity::higher("pair_psnr", "dB").in_tables(),
                Quantity::higher("pair_ssim", "").in_tables(),
                Quantity::higher("pair_ms_ssim", ""),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Image(shape) if Similarity::fitting(shape, 2.0).is_some())
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let needed = || MetricError::Kind { metric: Self::NAME, needed: NEEDED };
        let Some(Format::Image(shape)) = input.format else { return Err(needed()) };
        let found = pairs(input.real, input.fake, shape)?;
        let scales = Similarity::fitting(shape, 2.0).ok_or_else(needed)?.weights.len();
        let settings = (scales < 5).then(|| format!("{scales} of 5 scales"));
        let values = [found.l1, found.psnr, found.ssim].map(Measured::from);
        Ok(values.into_iter().chain([Measured { settings, ..found.ms_ssim.into() }]).collect())
    }
}

/// Means over the pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairDistances {
    /// Mean absolute difference of pixels, as a share of white minus black. Lower is better.
    pub l1: f64,
    /// Peak signal-to-noise ratio in decibels, mean of the images' own. An error below that of rounding to 8 bits counts as
    /// that, so it is at most 58.92. Higher is better.
    pub psnr: f64,
    /// Structural similarity (Wang et al. 2004) with the published window, inside the image only, mean over channels. At most 1.
    pub ssim: f64,
    /// The same over several scales (Wang et al. 2003), as many as fit: see [`Similarity::fitting`]. At most 1.
    pub ms_ssim: f64,
}

/// The mean squared error of rounding to 256 steps between -1 and 1.
const ROUNDING: f64 = (2.0 / 255.0) * (2.0 / 255.0) / 12.0;

/// Compares image i of `made` with image i of `targets`, `[channels, height, width]` with pixels in `[-1, 1]`; pixels beyond are
/// taken for black and white.
///
/// Cost: `pairs · pixels · 11`.
///
/// # Errors
/// Sets of different sizes, no pair, or images smaller than the window of 11 pixels.
pub fn pairs(targets: Features, made: Features, shape: [usize; 3]) -> Result<PairDistances, MetricError> {
    check(Pairs::NAME, targets, made, 1, "there is no pair")?;
    let many = Similarity::fitting(shape, 2.0).filter(|_| targets.len() == made.len());
    let many = many.ok_or(MetricError::Kind { metric: Pairs::NAME, needed: NEEDED })?;
    let one = Similarity { weights: vec![1.0], ..many.clone() };
    let of_pair = |index: usize| {
        // From 0 on, as the published formulas have it.
        let pixels = |images: Features| images.row(index).into_iter().map(|pixel| pixel.clamp(-1.0, 1.0) + 1.0);
        let (target, made) = (Vec::from_iter(pixels(targets)), Vec::from_iter(pixels(made)));
        let count = target.len() as f64;
        let differences = || target.iter().zip(&made).map(|(target, made)| target - made);
        let squared = differences().map(|difference| difference * difference).sum::<f64>() / count;
        [
            differences().map(f64::abs).sum::<f64>() / count / 2.0,
            10.0 * libm::log10(4.0 / squared.max(ROUNDING)),
            one.of(&target, &made, shape),
            many.of(&target, &made, shape),
        ]
    };
    let found: Vec<[f64; 4]> = (0..targets.len()).into_par_iter().map(of_pair).collect();
    let [l1, psnr, ssim, ms_ssim] =
        [0, 1, 2, 3].map(|at| found.iter().map(|values| values[at]).sum::<f64>() / found.len() as f64);
    Ok(PairDistances { l1, psnr, ssim, ms_ssim })
}
