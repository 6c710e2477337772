//! A sound's spectrogram: the magnitudes of its short-time Fourier transform, and their picture on a fixed scale of
//! decibels.

use crate::Picture;
use crate::fourier::Fourier;
use std::f64::consts::TAU;

/// Samples under a window, and from window to window: those of SpecGAN (Donahue et al. 2019, arXiv 1802.04208, section
/// 3.3).
pub const WINDOW: usize = 256;
/// Samples from one column to the next.
pub const HOP: usize = 128;
/// Frequencies, from 0 to half the rate.
pub const BINS: usize = WINDOW / 2 + 1;
/// Decibels below a sine of amplitude 1 that are black: what is fainter is not heard beside the rest.
pub const RANGE: f32 = 80.0;

/// Magnitudes of one channel's windows.
pub struct Spectrogram {
    /// `[column][bin]`: 0 for a sine of amplitude 1 at the bin's frequency, minus infinity for silence.
    decibels: Vec<f32>,
}

impl Spectrogram {
    /// A column for each [`HOP`] samples. Column i is centred on sample `i * HOP`, under a Hann window; beyond its ends the
    /// sound is silent.
    pub fn of(samples: &[f32]) -> Self {
        let hann: Vec<f64> = (0..WINDOW).map(|at| 0.5 - 0.5 * libm::cos(TAU * at as f64 / WINDOW as f64)).collect();
        let fourier = Fourier::new(WINDOW);
        // The window's sum is half its length, and a sine has half its magnitude at the negative frequency.
        let full_scale = WINDOW as f64 / 4.0;
        let mut decibels = Vec::new();
        for column in 0..samples.len().div_ceil(HOP) {
            let windowed = hann.iter().enumerate().map(|(at, weight)| {
                let place = (column * HOP + at).checked_sub(WINDOW / 2);
                place.and_then(|place| samples.get(place)).map_or(0.0, |sample| f64::from(*sample) * weight)
            });
            let magnitudes = fourier.magnitudes(&windowed.collect::<Vec<_>>());
            decibels
                .extend(magnitudes.into_iter().map(|magnitude| (20.0 * libm::log10(magnitude / full_scale)) as f32));
        }
        Self { decibels }
    }

    /// Magnitudes in decibels, `[column][bin]`: 0 for a sine of amplitude 1 at the bin's frequency, minus infinity for silence.
    pub fn decibels(&self) -> &[f32] {
        &self.decibels
    }

    /// Low frequencies at the bottom; 0 dB is white, 80 dB less black.
    pub fn picture(&self) -> Picture {
        let width = self.decibels.len() / BINS;
        let tone = |decibels: f32| ((1.0 + decibels / RANGE) * 255.0).round() as u8;
        let rows = (0..BINS).rev().flat_map(|bin| (0..width).map(move |column| column * BINS + bin));
        let pixels = rows.map(|at| tone(self.decibels[at])).collect();
        Picture { width, height: BINS, channels: 1, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(bin: f32, amplitude: f32) -> Vec<f32> {
        (0..2048).map(|at| amplitude * (TAU as f32 * bin * at as f32 / WINDOW as f32).sin()).collect()
    }

    /// A sine of amplitude a at a bin has 20 log a there, 6 dB less beside it (the Hann window's first coefficient is half
    /// the middle one), and nothing else.
    #[test]
    fn a_sine_peaks_at_its_bin() {
        for (bin, amplitude) in [(16, 1.0f32), (100, 0.1)] {
            let spectrogram = Spectrogram::of(&sine(bin as f32, amplitude));
            assert_eq!(spectrogram.decibels.len(), 16 * BINS);
            // The first column sees silence before the sound.
            for column in spectrogram.decibels.chunks(BINS).skip(1) {
                let peak = 20.0 * amplitude.log10();
                assert!((column[bin] - peak).abs() < 0.01, "{} at bin {bin}", column[bin]);
                assert!([bin - 1, bin + 1].iter().all(|beside| (column[*beside] - peak + 6.0206).abs() < 0.01));
                let far = (0..BINS).filter(|other| other.abs_diff(bin) > 1);
                assert!(far.into_iter().all(|other| column[other] < peak - 80.0), "{column:?}");
            }
        }
    }

    /// The definition of the transform, in 64 bits.
    #[test]
    fn magnitudes_are_those_of_the_definition() {
        let noise = |at: usize| ((at * at * 31 + at * 7) % 101) as f64 / 50.0 - 1.0;
        let samples: Vec<f32> = (0..500).map(|at| noise(at) as f32).collect();
        let found = Spectrogram::of(&samples);
        assert_eq!(found.decibels.len(), 4 * BINS);
        for (column, bin) in [(0, 0), (0, 77), (1, 1), (2, 64), (3, 128), (3, 5)] {
            let (mut real, mut imaginary) = (0.0f64, 0.0f64);
            for at in 0..WINDOW {
                let place = (column * HOP + at) as i64 - 128;
                let sample = if (0..500).contains(&place) { noise(place as usize) } else { 0.0 };
                let angle = TAU * at as f64 / WINDOW as f64;
                let weighted = sample * (0.5 - 0.5 * angle.cos());
                real += weighted * (angle * bin as f64).cos();
                imaginary -= weighted * (angle * bin as f64).sin();
            }
            let expected = 20.0 * (real.hypot(imaginary) / 64.0).log10();
            let found = f64::from(found.decibels[column * BINS + bin]);
            assert!((found - expected).abs() < 0.01, "{found} is not {expected} at {column} {bin}");
        }
    }

    #[test]
    fn silence_is_black_and_low_frequencies_are_at_the_bottom() {
        let silence = Spectrogram::of(&[0.0; 300]).picture();
        assert_eq!((silence.width, silence.height), (3, BINS));
        assert!(silence.pixels.iter().all(|pixel| *pixel == 0));
        let picture = Spectrogram::of(&sine(2.0, 1.0)).picture();
        let brightest = (0..BINS).max_by_key(|row| picture.pixels[row * picture.width + 8]).unwrap();
        assert_eq!(brightest, BINS - 1 - 2);
    }
}
