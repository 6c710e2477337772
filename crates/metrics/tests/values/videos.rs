//! Metrics of videos: against SciPy (`tests/fixtures/video.json`, `scripts/video_fixtures.py`) and analytic answers.

use crate::{close, rows};
use metrics::{Moved, digit_kept, motions, permutation, video_frechet};
use serde_json::Value;

/// As in the script: 16 frames of 8 x 8, each with a part of the one before.
fn clips(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = |_| {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        (state >> 16) as f64 / f64::from(1 << 14) - 1.0
    };
    let mut values: Vec<f64> = (0..count * 16 * 64).map(next).collect();
    for at in 0..values.len() {
        if at % (16 * 64) >= 64 {
            values[at] = (seed as f64 * values[at - 64] + values[at]) / (seed + 1) as f64;
        }
    }
    values
}

#[test]
fn distances_are_those_of_scipy() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/video.json")).unwrap();
    let (real, fake) = (clips(150, 1), clips(140, 3));
    let found = video_frechet(rows(&real, 1024), rows(&fake, 1024), 16, [1, 8, 8]).unwrap();
    for (found, name) in [(found.frames, "frames"), (found.differences, "differences"), (found.clips, "clips")] {
        close(found, file[name].as_f64().unwrap(), 1e-5);
    }
    let few = video_frechet(rows(&real[..128 * 1024], 1024), rows(&fake, 1024), 16, [1, 8, 8]).unwrap_err();
    assert!(few.to_string().contains("129"), "{few}");
}

/// A spot of 3 x 3 that begins at the place, moves by the velocity and is thrown back by the borders of 32 x 32.
fn spot(place: [f64; 2], velocity: [f64; 2], frames: usize) -> Vec<f64> {
    let at = |frame: usize, axis: usize| {
        let round = (place[axis] + velocity[axis] * frame as f64).rem_euclid(58.0);
        if round <= 29.0 { round } else { 58.0 - round }
    };
    let pixel = |frame: usize, row: f64, column: f64| {
        let share = |from: f64, pixel: f64| ((from + 3.0).min(pixel + 1.0) - from.max(pixel)).clamp(0.0, 1.0);
        2.0 * share(at(frame, 1), row) * share(at(frame, 0), column) - 1.0
    };
    let pixels = (0..frames).flat_map(|frame| (0..1024).map(move |at| (frame, at / 32, at % 32)));
    pixels.map(|(frame, row, column)| pixel(frame, row as f64, column as f64)).collect()
}

/// 2.5 pixels a frame; to the right border 4.6 frames.
#[test]
fn a_spot_moves_as_it_was_made_to() {
    let found = motions(rows(&spot([20.0, 9.0], [2.0, 1.5], 12), 12 * 1024), 12, [1, 32, 32]);
    close(found[0].speed, 2.5, 0.02);
    assert_eq!(found[0].turns, [1, 1], "{found:?}");
    assert!(found[0].steady[0] >= 10 && found[0].steady[1] == 11, "{found:?}");
    let still = motions(rows(&spot([5.0, 5.0], [0.0, 0.0], 8), 8 * 1024), 8, [1, 32, 32]);
    assert_eq!((still[0].speed, still[0].turns), (0.0, [0, 0]));
    let dark = motions(rows(&[-1.0; 8 * 1024], 8 * 1024), 8, [1, 32, 32]);
    assert_eq!((dark[0].speed, dark[0].turns), (0.0, [0, 0]));
}

/// The same frames in another order are neither steady nor do they turn at borders alone.
#[test]
fn shuffled_frames_break_the_laws() {
    let starts = (0..40).map(|at| [3.0 + 0.6 * f64::from(at), 25.0 - 0.5 * f64::from(at)]);
    let clips: Vec<f64> = starts.flat_map(|start| spot(start, [1.7, -1.1], 16)).collect();
    let shuffled: Vec<f64> = clips
        .chunks(16 * 1024)
        .enumerate()
        .flat_map(|(clip, frames)| {
            let order = permutation(16, clip as u64);
            order.into_iter().flat_map(|at| frames[at * 1024..(at + 1) * 1024].to_vec()).collect::<Vec<_>>()
        })
        .collect();
    let [real, control] = [&clips, &shuffled].map(|clips| Moved::of(&motions(rows(clips, 16 * 1024), 16, [1, 32, 32])));
    assert!(real.steady > 0.9 && real.at_borders == 1.0, "{real:?}");
    assert!(control.steady < 0.5 && control.at_borders < 0.7 && control.turns > 3.0 * real.turns, "{control:?}");
}

#[test]
fn a_digit_is_kept_where_most_frames_show_it() {
    let kept = [[3.0; 4], [3.0, 3.0, 8.0, 3.0], [0.0, 1.0, 2.0, 3.0]].concat();
    close(digit_kept(rows(&kept, 4)).unwrap(), 2.0 / 3.0, 1e-12);
    assert!(digit_kept(rows(&[], 4)).is_err());
}
