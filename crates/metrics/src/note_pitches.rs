//! Pitches of notes: is each generated one a note of the data set `notes`, and are all of them played?

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// MIDI numbers of the eight notes of C major from C4 to C5; the data set has the same.
const KEYS: [f64; 8] = [60.0, 62.0, 64.0, 65.0, 67.0, 69.0, 71.0, 72.0];
/// Cents on either side that are in tune: a third of the way to the middle between two keys of a piano.
const TUNED: f64 = 20.0;
/// Of a sound with a pitch: its likeness to itself a period later.
const CLARITY: f64 = 0.8;
/// A peak is a period's if it is so near to the highest: the same sound is like itself two periods later, too.
const NEAR: f64 = 0.9;
/// Hertz of pitches that are looked for: two octaves around the scale.
const RANGE: [f64; 2] = [130.0, 1_050.0];
/// Seconds around the loudest moment that are listened to.
const LISTENED: f64 = 0.128;
const NOTHING: &str = "there is nothing to listen to";
/// The least number that is heard at all: 60 dB below a full scale.
const SILENCE: f64 = 0.001;

/// Share of sounds in tune with a note of the data set `notes`, and notes that are played.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotePitches {}

impl Settings for NotePitches {
    const NAME: &'static str = "note_pitches";
}

impl Metric for NotePitches {
    fn entry() -> Entry {
        Entry {
            about: "sounds in tune with a note of the data set `notes`, and how many of its notes are played",
            paper: "McLeod and Wyvill 2005",
            samples: "sounds of one channel, of the fake samples",
            view: View::Samples,
            smallest: Smallest::Samples(1),
            settings: "20 cents, clarity 0.8",
            quantities: vec![
                Quantity::higher("in_tune", "share").in_tables(),
                Quantity::higher("notes_played", "notes").in_tables(),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Audio { channels: 1, .. })
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        check_one("note_pitches", Side::Fake, input.fake, 1, NOTHING)?;
        let needed = || MetricError::Kind { metric: "note_pitches", needed: "sounds whose rate is known" };
        let Some(Format::Audio { rate, .. }) = input.format else { return Err(needed()) };
        let found = note_pitches(input.fake, f64::from(rate))?;
        Ok(vec![found.in_tune.into(), (found.played as f64).into()])
    }
}

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    /// Share of sounds with a pitch within 20 cents of a note of the data set. Higher is better; of pitches evenly spread over
    /// the octave a quarter are.
    pub in_tune: f64,
    /// Notes with at least one sound in tune, of eight. Higher is better.
    pub played: usize,
}

/// By the pitch of each sound, where it has one.
///
/// Units: share, notes. Cost: `samples · (0.128 rate)²`.
///
/// # Errors
/// No sounds.
pub fn note_pitches(sounds: Features, rate: f64) -> Result<Played, MetricError> {
    check_one("note_pitches", Side::Fake, sounds, 1, NOTHING)?;
    let matrix = sounds.matrix();
    let rows: Vec<Vec<f64>> = matrix.rows().into_iter().map(|row| row.to_vec()).collect();
    let key = |hertz: f64| 69.0 + 12.0 * libm::log2(hertz / 440.0);
    let note = |sound: &Vec<f64>| {
        let found = key(pitch(sound, rate)?);
        KEYS.iter().position(|key| (found - key).abs() * 100.0 <= TUNED)
    };
    let notes: Vec<Option<usize>> = rows.par_iter().map(note).collect();
    let in_tune = notes.iter().flatten().count() as f64 / notes.len() as f64;
    let played = (0..KEYS.len()).filter(|note| notes.contains(&Some(*note))).count();
    Ok(Played { in_tune, played })
}

/// Hertz of a sound of so many numbers a second, by the first high peak of its normalised square difference: McLeod and Wyvill
/// 2005, sections 3 to 6, with a parabola through the peak. Nothing if it has no pitch between 130 and 1,050.
pub fn pitch(sound: &[f64], rate: f64) -> Option<f64> {
    let sound = loudest(sound, (LISTENED * rate) as usize);
    if sound.iter().all(|number| number.abs() < SILENCE) {
        return None;
    }
    let [least, most] = [rate / RANGE[1], rate / RANGE[0]].map(|lag| lag.ceil() as usize);
    let most = most.min(sound.len() / 2);
    // n(τ) = 2 Σ x(j) x(j + τ) / Σ (x(j)² + x(j + τ)²).
    let likeness = |lag: usize| {
        let pairs = sound.iter().zip(&sound[lag..]);
        let (products, squares) = pairs.fold((0.0, 0.0), |(a, b), (x, y)| (a + x * y, b + x * x + y * y));
        if squares > 0.0 { 2.0 * products / squares } else { 0.0 }
    };
    let curve: Vec<f64> = (0..=most + 1).map(likeness).collect();
    // Peaks behind the first fall below zero: around no shift at all everything is like itself.
    let first = curve.iter().position(|value| *value < 0.0)?.max(least).max(1);
    let is_peak = |lag: &usize| curve[*lag] > curve[*lag - 1] && curve[*lag] >= curve[*lag + 1];
    let peaks: Vec<usize> = (first..=most).filter(is_peak).collect();
    let highest = peaks.iter().map(|lag| curve[*lag]).fold(0.0, f64::max);
    let lag = *peaks.iter().find(|lag| curve[**lag] >= NEAR * highest && curve[**lag] >= CLARITY)?;
    let [before, at, after] = [curve[lag - 1], curve[lag], curve[lag + 1]];
    let bend = before - 2.0 * at + after;
    let shift = if bend < 0.0 { (before - after) / (2.0 * bend) } else { 0.0 };
    Some(rate / (lag as f64 + shift))
}

/// So many numbers with the most energy, of steps of an eighth; all, if there are no more.
fn loudest(sound: &[f64], length: usize) -> &[f64] {
    let length = length.clamp(1, sound.len());
    let energy = |first: &usize| sound[*first..*first + length].iter().map(|number| number * number).sum::<f64>();
    let places = (0..=sound.len() - length).step_by((length / 8).max(1));
    let best = places.max_by(|a, b| energy(a).total_cmp(&energy(b))).unwrap_or(0);
    &sound[best..best + length]
}
