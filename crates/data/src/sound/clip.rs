//! From a recording of any length to samples of one.

use std::ops::RangeInclusive;

use family::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Samples a second: from where speech is not understood any more to the highest rate that recordings have.
const RATES: RangeInclusive<u32> = 1_000..=192_000;
/// Samples of a clip: from one window of a spectrogram to 22 seconds at 48 kHz.
pub(crate) const LENGTHS: RangeInclusive<usize> = 256..=1 << 20;
/// Numbers of all samples together: 4 GiB.
pub(crate) const MOST_NUMBERS: usize = 1 << 30;

/// Which part of a recording that is too long becomes a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Crop {
    /// Its beginning.
    #[default]
    First,
    /// One from anywhere: where, follows from the recording.
    Random,
    /// That with the most energy.
    Loud,
}

/// How a recording becomes samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClipOptions {
    /// Samples a second.
    pub(crate) rate: u32,
    /// Of each sample.
    pub(crate) length: usize,
    pub(crate) crop: Crop,
    /// Samples of each recording that is too long.
    pub(crate) pieces: usize,
}

/// Settings out of range.
pub(crate) fn check(rate: u32, length: usize) -> impl Iterator<Item = Problem> {
    let (least, most) = (RATES.start(), RATES.end());
    let message = format!("{rate} samples a second are not within {least} and {most}");
    let rate = Problem::unless(RATES.contains(&rate), "rate", message);
    let (least, most) = (LENGTHS.start(), LENGTHS.end());
    let message = format!("a length of {length} samples is not within {least} and {most}");
    rate.into_iter().chain(Problem::unless(LENGTHS.contains(&length), "length", message))
}

/// The number of a sample of 16 bits, so that what is written as a WAV and read again is the same, and what other machines
/// round otherwise in the last bit of a double is the same there.
pub(crate) fn sixteen_bits(value: f64) -> f32 {
    let full = f64::from(i16::MAX);
    ((value.clamp(-1.0, 1.0) * full).round() / full) as f32
}

impl ClipOptions {
    /// Where its samples begin in a sound. `hash` is the sound's.
    pub(crate) fn places(&self, sound: &[f32], hash: &blake3::Hash) -> Vec<usize> {
        let Some(last) = sound.len().checked_sub(self.length).filter(|last| *last > 0) else { return vec![0] };
        match self.crop {
            Crop::First => vec![0],
            Crop::Loud => vec![loudest(sound, self.length)],
            Crop::Random => {
                let mut words = blake3::Hasher::new().update(hash.as_bytes()).finalize_xof();
                let mut place = || {
                    let mut word = [0; 8];
                    words.fill(&mut word);
                    // Of 2^64 values the rest of the division favours none by more than 1e-12.
                    (u64::from_le_bytes(word) % (last as u64 + 1)) as usize
                };
                (0..self.pieces).map(|_| place()).collect()
            }
        }
    }

    /// The sample that begins there, with silence behind its end.
    pub(crate) fn cut(&self, sound: &[f32], place: usize, out: &mut Vec<f32>) {
        let end = sound.len().min(place + self.length);
        let filled = out.len() + self.length;
        out.extend_from_slice(&sound[place..end]);
        out.resize(filled, 0.0);
    }
}

/// Where so many samples have the most energy; the first such place.
fn loudest(sound: &[f32], length: usize) -> usize {
    // Whole numbers, as sums of rounded ones would depend on where they began.
    let energy = |sample: &f32| {
        let sample = i64::from((sample * f32::from(i16::MAX)).round() as i32);
        sample * sample
    };
    let mut sum: i64 = sound[..length].iter().map(energy).sum();
    let (mut best, mut most) = (0, sum);
    for (place, (gone, come)) in sound.iter().zip(&sound[length..]).enumerate() {
        sum += energy(come) - energy(gone);
        if sum > most {
            (best, most) = (place + 1, sum);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(crop: Crop, pieces: usize) -> ClipOptions {
        ClipOptions { rate: 8_000, length: 4, crop, pieces }
    }

    fn samples(sound: &[f32], crop: Crop, pieces: usize) -> Vec<Vec<f32>> {
        let (options, hash) = (options(crop, pieces), blake3::hash(b"this recording"));
        let cut = |place| {
            let mut out = vec![7.0];
            options.cut(sound, place, &mut out);
            out[1..].to_vec()
        };
        options.places(sound, &hash).into_iter().map(cut).collect()
    }

    #[test]
    fn a_long_sound_is_cut_where_the_setting_says() {
        let sound = [0.1, 0.0, 0.0, 0.5, -0.9, 0.5, 0.2, 0.0, 0.0];
        assert_eq!(samples(&sound, Crop::First, 1), [[0.1, 0.0, 0.0, 0.5]]);
        assert_eq!(samples(&sound, Crop::Loud, 1), [[0.5, -0.9, 0.5, 0.2]]);
        let long: Vec<f32> = (0..1000u16).map(f32::from).collect();
        let pieces = samples(&long, Crop::Random, 50);
        assert!(pieces.iter().all(|piece| piece.windows(2).all(|pair| pair[1] == pair[0] + 1.0)));
        let starts: std::collections::BTreeSet<u32> = pieces.iter().map(|piece| piece[0] as u32).collect();
        assert!(starts.len() > 40 && starts.iter().any(|start| *start > 500), "{starts:?}");
        assert_eq!(samples(&long, Crop::Random, 1)[0], pieces[0], "fewer are the first of more");
    }

    #[test]
    fn a_short_sound_is_one_sample_with_silence_behind_it() {
        for crop in [Crop::First, Crop::Random, Crop::Loud] {
            assert_eq!(samples(&[0.5, 0.25], crop, 9), [[0.5, 0.25, 0.0, 0.0]]);
            assert_eq!(samples(&[0.5, 0.25, 1.0, -1.0], crop, 9), [[0.5, 0.25, 1.0, -1.0]]);
        }
    }

    #[test]
    fn sixteen_bits_are_what_a_wav_holds() {
        for whole in [-32_767, -1, 0, 1, 12_345, 32_767] {
            let value = sixteen_bits(f64::from(whole) / 32_767.0);
            assert_eq!((value * 32_767.0).round() as i32, whole);
            assert_eq!(sixteen_bits(f64::from(value)), value);
        }
        assert_eq!([sixteen_bits(1.7), sixteen_bits(-9.0)], [1.0, -1.0]);
    }
}
