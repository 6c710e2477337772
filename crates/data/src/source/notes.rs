//! Notes of an instrument that does not exist, of which everything is known: pitch, timbre and envelope.
//!
//! A note is `a e(t) Σ w_h sin(2π h f t) / Σ w_h` with `f` the pitch, one of the eight of C major from C4 to C5 in equal
//! temperament (A4 = 440 Hz), `w_h` the weights of its timbre, of harmonics below half the rate, `a` uniform in [0.4, 0.9], and
//! an envelope `e` that rises evenly within 5 to 30 ms and then falls as `exp(-t / d)` with `d` uniform in 80 to 250 ms. No
//! published set has these constants.

use std::f64::consts::TAU;

use family::{Problem, Settings};
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::sound::clip::{self, sixteen_bits};
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "notes";

/// Names and MIDI numbers.
const PITCHES: [(&str, f64); 8] =
    [("C4", 60.0), ("D4", 62.0), ("E4", 64.0), ("F4", 65.0), ("G4", 67.0), ("A4", 69.0), ("B4", 71.0), ("C5", 72.0)];

/// Weights of harmonics: nearly a sine, odd ones as of a closed pipe, all as of a string.
const TIMBRES: [&[f64]; 3] = [
    &[1.0, 0.2, 0.05],
    &[1.0, 0.0, 1.0 / 3.0, 0.0, 1.0 / 5.0],
    &[1.0, 1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0, 1.0 / 6.0],
];

const MAX_NOTES: usize = 100_000;

/// Synthesised notes of eight known pitches, which are the classes, three timbres and many envelopes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// Notes to train on, up to 100,000; a tenth as many are held out.
    #[serde(default = "default_count")]
    pub count: usize,
    /// Samples a second.
    #[serde(default = "default_rate")]
    pub rate: u32,
    /// Samples of each note.
    #[serde(default = "default_length")]
    pub length: usize,
}

fn default_count() -> usize {
    2_000
}

fn default_rate() -> u32 {
    8_000
}

fn default_length() -> usize {
    4_096
}

impl Settings for Notes {
    const NAME: &'static str = NAME;
}

impl Source for Notes {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "synthesised notes of eight known pitches, the classes, with three timbres and many envelopes; half a second at 8 kHz",
            licence: "none needed: they are computed",
            how_to_get: "nothing to do: it is made by this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        let Self { count, rate, length } = *self;
        let message = format!("{count} notes are not within 1 and {MAX_NOTES}");
        let count = Problem::unless((1..=MAX_NOTES).contains(&count), "count", message);
        count.into_iter().chain(clip::check(rate, length)).collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        Ok(self.notes(split))
    }
}

impl Notes {
    /// The same notes for every `count`, fewer or more of them.
    fn notes(&self, split: Split) -> Dataset {
        let Self { count, rate, length } = *self;
        let (purpose, count) = match split {
            Split::Train => ("train", count),
            Split::Test => ("test", count / 10),
        };
        let notes: Vec<Note> = (0..count).map(|number| Note::draw(purpose, number)).collect();
        let mut values = vec![0.0; count * length];
        values.par_chunks_mut(length).zip(&notes).for_each(|(out, note)| note.play(rate, out));
        let names = PITCHES.iter().map(|(name, _)| (*name).to_owned()).collect();
        let labels = Labels { of_samples: notes.iter().map(|note| note.pitch).collect(), names };
        let format = Format::Audio { channels: 1, length, rate };
        Dataset::new(NAME, format, Values::Numbers(values), Some(labels))
    }
}

struct Note {
    pitch: u16,
    timbre: usize,
    loudness: f64,
    /// Seconds.
    attack: f64,
    /// Seconds.
    decay: f64,
}

impl Note {
    /// Numbers come from a hash of what they are for.
    fn draw(purpose: &str, number: usize) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(NAME.as_bytes()).update(purpose.as_bytes()).update(&(number as u64).to_le_bytes());
        let mut bytes = [0; 40];
        hasher.finalize_xof().fill(&mut bytes);
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * at + byte]));
        let within = |at: usize, from: f64, to: f64| from + (to - from) * (word(at) >> 11) as f64 / (1u64 << 53) as f64;
        Self {
            pitch: (word(0) % PITCHES.len() as u64) as u16,
            timbre: (word(1) % TIMBRES.len() as u64) as usize,
            loudness: within(2, 0.4, 0.9),
            attack: within(3, 0.005, 0.03),
            decay: within(4, 0.08, 0.25),
        }
    }

    fn hertz(&self) -> f64 {
        440.0 * libm::exp2((PITCHES[usize::from(self.pitch)].1 - 69.0) / 12.0)
    }

    fn play(&self, rate: u32, out: &mut [f32]) {
        let (rate, hertz) = (f64::from(rate), self.hertz());
        let weights = TIMBRES[self.timbre];
        let audible =
            weights.iter().enumerate().take_while(|(harmonic, _)| (*harmonic + 1) as f64 * hertz < rate / 2.0);
        let weights: Vec<f64> = audible.map(|(_, weight)| weight / weights.iter().sum::<f64>()).collect();
        let fall = libm::exp(-1.0 / (self.decay * rate));
        let mut fallen = 1.0;
        for (at, out) in out.iter_mut().enumerate() {
            let time = at as f64 / rate;
            let (sin, cos) = libm::sincos(TAU * (hertz * time).fract());
            // sin((h + 1) x) = 2 cos(x) sin(h x) - sin((h - 1) x).
            let (mut before, mut harmonic, mut sum) = (0.0, sin, 0.0);
            for weight in &weights {
                sum += weight * harmonic;
                (before, harmonic) = (harmonic, 2.0 * cos * harmonic - before);
            }
            let envelope = if time < self.attack { time / self.attack } else { fallen };
            if time >= self.attack {
                fallen *= fall;
            }
            *out = sixteen_bits(self.loudness * envelope * sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Notes = Notes { count: 300, rate: 8_000, length: 4_096 };

    fn read(dataset: &Dataset) -> Vec<f32> {
        let mut values = Vec::new();
        dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
        values
    }

    /// Of the definition of the Fourier transform at one frequency.
    fn power(sound: &[f32], hertz: f64, rate: f64) -> f64 {
        let part = |wave: fn(f64) -> f64| {
            let waves = sound.iter().enumerate().map(|(at, x)| f64::from(*x) * wave(TAU * hertz * at as f64 / rate));
            waves.sum::<f64>()
        };
        part(f64::sin).hypot(part(f64::cos))
    }

    #[test]
    fn a_note_sounds_at_the_pitch_of_its_class() {
        let notes = FEW.notes(Split::Train);
        let values = read(&notes);
        for (note, label) in values.chunks(FEW.length).zip(notes.labels().unwrap()).take(60) {
            let powers: Vec<f64> =
                PITCHES.iter().map(|(_, key)| power(note, 440.0 * 2f64.powf((key - 69.0) / 12.0), 8_000.0)).collect();
            let loudest = (0..8).max_by(|a, b| powers[*a].total_cmp(&powers[*b])).unwrap();
            assert_eq!(loudest, usize::from(*label), "{powers:?}");
        }
        assert!(values.iter().all(|value| value.abs() <= 0.9));
        assert!(values.chunks(FEW.length).all(|note| note.iter().any(|value| value.abs() > 0.2)), "none is silent");
    }

    #[test]
    fn fewer_notes_are_the_first_of_more_and_none_is_held_out_twice() {
        let (many, few, test) =
            (FEW.notes(Split::Train), Notes { count: 9, ..FEW }.notes(Split::Train), FEW.notes(Split::Test));
        let (all, some, held_out) = (read(&many), read(&few), read(&test));
        assert_eq!((some.len(), test.len()), (9 * 4096, 30));
        assert_eq!(some, all[..some.len()]);
        assert!(held_out.chunks(4096).all(|note| all.chunks(4096).all(|other| note != other)));
    }

    /// Harmonics at or above half the rate would be heard as others.
    #[test]
    fn a_low_rate_has_fewer_harmonics() {
        let low = Notes { rate: 1_000, count: 50, ..FEW }.notes(Split::Train);
        let values = read(&low);
        for (note, label) in values.chunks(FEW.length).zip(low.labels().unwrap()) {
            let hertz = 440.0 * 2f64.powf((PITCHES[usize::from(*label)].1 - 69.0) / 12.0);
            // Of the second harmonic, which there is none of, the mirror image.
            let mirrored = 1_000.0 - 2.0 * hertz;
            assert!(hertz > 500.0 || power(note, mirrored, 1e3) < 0.2 * power(note, hertz, 1e3));
        }
    }

    /// Runs' ids hold them: another machine must not draw others.
    #[test]
    fn the_notes_are_pinned() {
        insta::assert_snapshot!(Notes { count: 100, ..FEW }.notes(Split::Train).fingerprint(), @"blake3:1052036431dfaafe942ab4e79bf440ac3f6265c42d0f494ae7587735bb74328b");
    }
}
