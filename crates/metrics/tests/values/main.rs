//! The metrics' values: against published implementations, against analytic answers, for any number of threads.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod errors;
mod known;
mod pairs;
mod published;
mod reference;
mod sounds;
mod threads;
mod videos;
mod wrong;

use metrics::Features;

/// Within a share of the expected value.
#[track_caller]
fn close(value: f64, expected: f64, share: f64) {
    assert!((value - expected).abs() <= share * expected.abs().max(1e-3), "{value} is not {expected}");
}

/// Sums of three terms of a linear congruential generator in [-1.5, 1.5), with a slope over the features;
/// `scripts/metric_fixtures.py` has the same.
fn samples(count: usize, width: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut term = || {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        (state >> 16) as f64
    };
    let mut value = |index| {
        let total = term() + term() + term();
        (total / 32768.0 - 1.5) * (1.0 + (index % width) as f64 / width as f64)
    };
    (0..count * width).map(&mut value).collect()
}

fn rows(values: &[f64], width: usize) -> Features<'_> {
    Features::double(values, width)
}
