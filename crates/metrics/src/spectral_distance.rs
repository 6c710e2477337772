//! Log-spectral distance: do generated sounds have the timbre of real ones, and as many of it?

use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use rayon::prelude::*;
use samples::Format;
use samples::spectrogram::{BINS, RANGE, Spectrogram};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Distance of the mean spectra, and of how they are spread (Gray and Markel 1976).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpectralDistance {}

impl Settings for SpectralDistance {
    const NAME: &'static str = "spectral_distance";
}

impl Metric for SpectralDistance {
    fn entry() -> Entry {
        Entry {
            about: "distances in decibels between the mean spectra of sounds and between their deviations",
            paper: "Gray and Markel 1976",
            samples: "sounds",
            view: View::Samples,
            smallest: Smallest::Samples(2),
            settings: "Hann window of 256, hop 128, down to -80 dB",
            quantities: vec![
                Quantity::lower("log_spectral_distance", "dB").in_tables(),
                Quantity::lower("log_spectral_spread", "dB").in_tables(),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Audio { channels: 1, .. })
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = spectral_distance(input.real, input.fake)?;
        Ok([found.mean, found.deviation].map(Measured::from).to_vec())
    }
}

/// Distances, each the root of the mean over frequencies of a squared difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectral {
    /// Of the sets' mean spectra: the log-spectral distance d₂ of Gray and Markel 1976 (equation 9) of two sets instead of
    /// two models.
    pub mean: f64,
    /// Of the standard deviations over the sounds of a set: large if all generated sounds have one timbre.
    pub deviation: f64,
}

/// A sound's spectrum is the mean over its spectrogram's columns of their decibels, at least -80, for each of 129 frequencies.
///
/// Unit: decibels. Lower is better, 0 for equal sets. Cost: `samples · length · log window`.
///
/// # Errors
/// Fewer than two sounds in a set, or of two lengths.
pub fn spectral_distance(real: Features, fake: Features) -> Result<Spectral, MetricError> {
    check("spectral_distance", real, fake, 2, "one sound has no deviation")?;
    let ([mean, deviation], [other, others]) = (statistics(real), statistics(fake));
    let distance = |a: &[f64], b: &[f64]| {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
        (squares.sum::<f64>() / BINS as f64).sqrt()
    };
    Ok(Spectral { mean: distance(&mean, &other), deviation: distance(&deviation, &others) })
}

/// Means and standard deviations, by frequency.
fn statistics(sounds: Features) -> [Vec<f64>; 2] {
    let (values, width) = (sounds.to_single(), sounds.width());
    let spectra: Vec<Vec<f64>> = values.par_chunks_exact(width).map(spectrum).collect();
    let count = spectra.len() as f64;
    let over = |of: &dyn Fn(&[f64], usize) -> f64| {
        (0..BINS).map(|bin| spectra.iter().map(|spectrum| of(spectrum, bin)).sum::<f64>() / count).collect::<Vec<_>>()
    };
    let means = over(&|spectrum, bin| spectrum[bin]);
    let variances = over(&|spectrum, bin| (spectrum[bin] - means[bin]).powi(2));
    [means, variances.into_iter().map(f64::sqrt).collect()]
}

fn spectrum(sound: &[f32]) -> Vec<f64> {
    let spectrogram = Spectrogram::of(sound);
    let columns = spectrogram.decibels().len() / BINS;
    let mut sums = vec![0.0; BINS];
    for column in spectrogram.decibels().chunks_exact(BINS) {
        sums.iter_mut().zip(column).for_each(|(sum, decibels)| *sum += f64::from(decibels.max(-RANGE)));
    }
    sums.into_iter().map(|sum| sum / columns as f64).collect()
}
