//! From one rate to another by windowed sincs (Smith and Gossett 1984), with what the lower rate cannot hold filtered out.
//!
//! A sound stays where it is, to a fraction of a sample, and is the same on every machine: sines are those of `libm`.

use std::f64::consts::{PI, TAU};

/// The lower rate's band up to here is kept.
const KEPT: f64 = 0.92;
/// Times that a sinc crosses zero on either side of its middle.
const CROSSINGS: f64 = 32.0;

/// A sound of `from` samples a second as one of `to`, as long: `y(n) = Σ x(k) h(n from / to - k)`, with `h` a sinc of the cutoff
/// under a Blackman window, and silence beyond the ends.
pub(crate) fn resampled(samples: &[f32], from: u32, to: u32) -> Vec<f64> {
    let samples: Vec<f64> = samples.iter().map(|sample| f64::from(*sample)).collect();
    if from == to {
        return samples;
    }
    let common = divisor(from, to);
    let (up, down) = ((to / common) as usize, (from / common) as usize);
    let cutoff = KEPT * (f64::from(to) / f64::from(from)).min(1.0);
    let half = (CROSSINGS / cutoff).ceil() as usize;
    // Sample n lies `phase / up` behind an input sample: as many filters as phases that occur.
    let mut filters: Vec<Option<Vec<f64>>> = vec![None; up];
    let count = (samples.len() * up).div_ceil(down);
    let value = |n: usize| {
        let (place, phase) = (n * down / up, n * down % up);
        let filter = filters[phase].get_or_insert_with(|| filter(phase as f64 / up as f64, cutoff, half));
        // The filter's first weight is of the input sample `half - 1` before the place.
        let first = (place + 1).saturating_sub(half);
        let weights = &filter[(half - 1) - (place - first)..];
        let products = samples.get(first..).unwrap_or_default().iter().zip(weights);
        products.map(|(sample, weight)| sample * weight).sum()
    };
    (0..count).map(value).collect()
}

/// Weights of the input samples around a place that lies `behind` one of them: `half` up to this one, and `half` after it. Their
/// sum is 1, so that a constant stays one.
fn filter(behind: f64, cutoff: f64, half: usize) -> Vec<f64> {
    let weight = |at: usize| {
        let distance = behind - (at as f64 - (half as f64 - 1.0));
        let x = PI * cutoff * distance;
        let sinc = if x == 0.0 { 1.0 } else { libm::sin(x) / x };
        let angle = TAU * (distance / half as f64 + 1.0) / 2.0;
        sinc * (0.42 - 0.5 * libm::cos(angle) + 0.08 * libm::cos(2.0 * angle))
    };
    let weights: Vec<f64> = (0..2 * half).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, rate: u32, count: usize) -> Vec<f32> {
        (0..count).map(|at| (TAU * hertz * at as f64 / f64::from(rate)).sin() as f32).collect()
    }

    /// Tones that both rates hold are the same tones, at the same time; others are gone.
    #[test]
    fn tones_stay_in_their_place_and_what_is_too_high_is_gone() {
        for (from, to) in [(44_100, 8_000), (8_000, 44_100), (48_000, 16_000), (22_050, 16_000), (7_919, 8_000)] {
            let count = from as usize / 4;
            let low = resampled(&tone(1_000.0, from, count), from, to);
            assert_eq!(low.len(), (count * to as usize).div_ceil(from as usize));
            let expected = tone(1_000.0, to, low.len());
            let middle = low.len() / 4..low.len() * 3 / 4;
            let worst = middle.clone().map(|at| (low[at] - f64::from(expected[at])).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-4, "{worst} from {from} to {to}");
            if to < from {
                let high = resampled(&tone(0.54 * f64::from(to), from, count), from, to);
                assert!(middle.into_iter().all(|at| high[at].abs() < 0.02), "from {from} to {to}");
            }
        }
        assert!((resampled(&[0.25; 400], 6_000, 8_000)[200] - 0.25).abs() < 1e-12);
        assert!(resampled(&[], 6_000, 8_000).is_empty());
    }
}
