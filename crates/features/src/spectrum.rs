//! The loudness of bands of frequencies over time: what an ear hears of a sound, without its phases.

use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use burn::tensor::Tensor;
use rayon::prelude::*;
use samples::Format;
use samples::spectrogram::{BINS, RANGE, Spectrogram};

const DEFINITION: &str = "spectrum 1: mean power of spectrograms (Hann window of 256, hop 128) in 16 bands, equally wide in mel \
    of bins, times 4 parts of the time, in decibels; 0 is -80 dB and 1 is a sine of amplitude 1";

/// Bands of frequencies.
const BANDS: usize = 16;
/// Parts of the time.
const PARTS: usize = 4;

pub(crate) struct Spectrum;

impl Extractor for Spectrum {
    fn name(&self) -> &'static str {
        "spectrum"
    }

    fn about(&self) -> &'static str {
        "sounds: loudness of 16 bands of frequencies in 4 parts of the time, in decibels"
    }

    fn hash(&self) -> String {
        format!("blake3:{}", blake3::hash(DEFINITION.as_bytes()).to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        match format {
            Format::Audio { channels: 1, .. } => Ok(BANDS * PARTS),
            found => Err(FeatureError::Format { extractor: self.name(), wanted: "sounds of one channel", found }),
        }
    }

    fn extract(&self, sounds: Tensor<4>, _: Format) -> Extracted {
        let [_, channels, height, length] = sounds.dims();
        let values: Vec<f32> = sounds.into_data().iter().collect();
        let values = loudness(&values, channels * height * length, BANDS, PARTS);
        Extracted { features: Rows { values, width: BANDS * PARTS }, ..Extracted::default() }
    }
}

/// The loudness of sounds of `length` numbers, `[sound][part][band]`: 0 is -80 dB, 1 a sine of amplitude 1.
pub(crate) fn loudness(sounds: &[f32], length: usize, bands: usize, parts: usize) -> Vec<f32> {
    let edges = edges(bands);
    let rows: Vec<Vec<f32>> = sounds.par_chunks(length).map(|sound| of_sound(sound, &edges, parts)).collect();
    rows.concat()
}

/// `[part][band]`.
fn of_sound(sound: &[f32], edges: &[usize], parts: usize) -> Vec<f32> {
    let spectrogram = Spectrogram::of(sound);
    let columns = spectrogram.decibels().chunks_exact(BINS);
    let columns: Vec<Vec<f64>> =
        columns.map(|column| column.iter().map(|bin| libm::pow(10.0, f64::from(*bin) / 10.0)).collect()).collect();
    let part = |part: usize| {
        // Sounds of fewer columns than parts have some column in every part.
        let first = part * columns.len() / parts;
        let last = ((part + 1) * columns.len() / parts).max(first + 1).min(columns.len());
        let columns = &columns[first.min(last - 1)..last];
        edges.windows(2).map(move |band| {
            let bins = columns.iter().flat_map(|column| &column[band[0]..band[1]]);
            let power = bins.sum::<f64>() / (columns.len() * (band[1] - band[0])) as f64;
            (10.0 * libm::log10(power) / f64::from(RANGE) + 1.0).max(0.0) as f32
        })
    };
    (0..parts).flat_map(part).collect()
}

/// The first bin of each band, and the end of the last: equally far from each other in mel (O'Shaughnessy 1987) of bins as
/// they are at 8 kHz, at least one bin apart. The constant part of a sound is in no band.
fn edges(bands: usize) -> Vec<usize> {
    let hertz_of_bin = 4_000.0 / (BINS - 1) as f64;
    let mel = |hertz: f64| 2595.0 * libm::log10(1.0 + hertz / 700.0);
    let hertz = |mel: f64| 700.0 * (libm::pow(10.0, mel / 2595.0) - 1.0);
    let (from, to) = (mel(hertz_of_bin), mel(4_000.0 + hertz_of_bin));
    let edge = |band: usize| (hertz(from + (to - from) * band as f64 / bands as f64) / hertz_of_bin).round() as usize;
    (0..=bands).map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn of(sounds: &[f32], length: usize) -> Vec<f32> {
        let shape = [sounds.len() / length, 1, 1, length];
        let sounds = Tensor::from_data(TensorData::new(sounds.to_vec(), shape), &Device::flex());
        Spectrum.extract(sounds, Format::Audio { channels: 1, length, rate: 8000 }).features.values
    }

    #[test]
    fn bands_hold_all_bins_and_none_is_empty() {
        for bands in [BANDS, crate::network_input::SIDE] {
            let edges = edges(bands);
            assert_eq!((edges[0], edges[bands]), (1, BINS));
            assert!(edges.windows(2).all(|band| band[0] < band[1]), "{edges:?}");
        }
    }

    /// A sine of amplitude 1 is 0 dB at its bin and -6 dB at both beside it: 1.5 times its power over the bins of the band.
    #[test]
    fn a_sine_is_loud_in_its_band_while_it_lasts() {
        let (length, edges) = (2048, edges(BANDS));
        let (band, width) = (10, (edges[11] - edges[10]) as f64);
        let bin = (edges[band] + edges[band + 1]) / 2;
        let sine = |at: usize| (std::f64::consts::TAU * bin as f64 * at as f64 / 256.0).sin() as f32;
        let half: Vec<f32> = (0..length).map(|at| if at < length / 2 { sine(at) } else { 0.0 }).collect();
        let found = of(&[half, vec![0.0; length]].concat(), length);
        assert_eq!(found.len(), 2 * BANDS * PARTS);
        let expected = 1.0 + 10.0 * (1.5 / width).log10() / 80.0;
        // The first window of the first part sees silence before the sound: a quarter of the part is half as loud.
        let second = f64::from(found[BANDS + band]);
        assert!((second - expected).abs() < 0.005, "{second} is not {expected}");
        assert!(found[..BANDS].iter().enumerate().all(|(at, value)| *value < found[band] || at == band));
        // Of the fourth part nothing is heard, and of silence.
        assert!(found[3 * BANDS..].iter().all(|value| *value == 0.0), "{found:?}");
    }

    #[test]
    fn only_mono_sounds_are_heard() {
        let audio = |channels| Format::Audio { channels, length: 300, rate: 8000 };
        assert_eq!(Spectrum.width(audio(1)), Ok(64));
        let error = Spectrum.width(audio(2)).unwrap_err().to_string();
        assert!(error.contains("`spectrum` features are of sounds of one channel, not of"), "{error}");
        assert!(Spectrum.width(Format::Image([1, 28, 28])).is_err());
        assert_eq!(of(&[0.5; 256], 256).len(), 64, "the shortest sound");
    }
}
