//! Metrics of sounds: against SciPy (`tests/fixtures/sounds.json`, `scripts/sound_fixtures.py`) and analytic answers.

use crate::{close, rows};
use metrics::{note_pitches, pitch, sound_faults, spectral_distance};
use serde_json::Value;
use std::f64::consts::TAU;

/// Of a linear congruential generator, in [-1, 1).
fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed;
    let next = |_| {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        (state >> 16) as f64 / f64::from(1 << 14) - 1.0
    };
    (0..count).map(next).collect()
}

fn tone(hertz: f64, rate: f64, count: usize) -> Vec<f64> {
    (0..count).map(|at| (TAU * hertz * at as f64 / rate).sin()).collect()
}

#[test]
fn spectral_distances_are_those_of_scipy() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/sounds.json")).unwrap();
    let (length, rate) = (1024, 8_000.0);
    let real: Vec<f64> = (1..7).flat_map(|seed| noise(seed, length)).map(|value| value * 0.5).collect();
    let fake = (7..12).flat_map(|seed| {
        let tone = tone(500.0 + 40.0 * seed as f64, rate, length);
        let sound = noise(seed, length).into_iter().zip(tone).enumerate();
        sound.map(|(at, (noise, tone))| 0.2 * noise * (-(at as f64) / 200.0).exp() + 0.3 * tone).collect::<Vec<_>>()
    });
    let fake: Vec<f64> = fake.collect();
    let found = spectral_distance(rows(&real, length), rows(&fake, length)).unwrap();
    // Sounds are numbers of 32 bits here, and so are decibels.
    close(found.mean, file["spectral_mean"].as_f64().unwrap(), 1e-5);
    close(found.deviation, file["spectral_deviation"].as_f64().unwrap(), 1e-5);
    let same = spectral_distance(rows(&real, length), rows(&real, length)).unwrap();
    assert_eq!((same.mean, same.deviation), (0.0, 0.0));
}

/// Half as loud is 6.02 dB less at every frequency, and as spread.
#[test]
fn a_softer_set_is_as_far_as_its_decibels() {
    let real: Vec<f64> = (1..5).flat_map(|seed| noise(seed, 1024)).collect();
    let half: Vec<f64> = real.iter().map(|value| value / 2.0).collect();
    let found = spectral_distance(rows(&real, 1024), rows(&half, 1024)).unwrap();
    close(found.mean, 20.0 * 2f64.log10(), 1e-5);
    assert!(found.deviation < 1e-4, "{found:?}");
}

#[test]
fn faults_are_counted_by_sound() {
    let length = 400;
    let quiet: Vec<f64> = noise(1, length).iter().map(|value| value * 0.0009).collect();
    let fine: Vec<f64> = tone(300.0, 8_000.0, length).iter().map(|value| value * 0.9).collect();
    let mut clipped: Vec<f64> = tone(300.0, 8_000.0, length);
    clipped.iter_mut().for_each(|value| *value = (*value * 3.0).clamp(-1.0, 1.0));
    // Of a full sine no three numbers in a row are full.
    let full: Vec<f64> = tone(1_000.0, 8_000.0, length);
    let mut click: Vec<f64> = fine.iter().map(|value| value * 0.1).collect();
    click[200..].iter_mut().for_each(|value| *value -= 0.4);
    let all = [quiet.clone(), fine.clone(), clipped, full, click].concat();
    let found = sound_faults(rows(&all, length)).unwrap();
    assert_eq!((found.silent, found.clipped, found.clicking), (0.2, 0.2, 0.2));
    let found = sound_faults(rows(&fine, length)).unwrap();
    assert_eq!((found.silent, found.clipped, found.clicking), (0.0, 0.0, 0.0));
}

#[test]
fn pitches_are_those_of_tones_with_and_without_harmonics() {
    for rate in [8_000.0, 16_000.0] {
        for hertz in [150.0, 261.6256, 440.0, 523.2511, 1_000.0] {
            let plain = tone(hertz, rate, 4096);
            // The second harmonic is louder than the first: the pitch stays.
            let rich: Vec<f64> =
                plain.iter().zip(tone(2.0 * hertz, rate, 4096)).map(|(a, b)| 0.3 * a + 0.6 * b).collect();
            for sound in [&plain, &rich] {
                let found = pitch(sound, rate).unwrap();
                let cents = 1200.0 * (found / hertz).log2();
                assert!(cents.abs() < 4.0, "{found} is {cents} cents beside {hertz} at {rate}");
            }
        }
        assert_eq!(pitch(&noise(5, 4096), rate), None, "noise");
        assert_eq!(pitch(&[0.0; 4096], rate), None, "silence");
        assert_eq!(pitch(&tone(50.0, rate, 4096), rate), None, "too low");
    }
}

#[test]
fn notes_are_in_tune_within_twenty_cents() {
    let bent = |hertz: f64, cents: f64| tone(hertz * (cents / 1200.0).exp2(), 8_000.0, 2048);
    let (c4, e4, a4) = (261.6256, 329.6276, 440.0);
    let sounds = [bent(c4, 0.0), bent(c4, -15.0), bent(e4, 15.0), bent(a4, 30.0), noise(3, 2048)].concat();
    let found = note_pitches(rows(&sounds, 2048), 8_000.0).unwrap();
    assert_eq!((found.in_tune, found.played), (0.6, 2));
}
