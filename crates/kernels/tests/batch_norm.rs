//! Batch normalisation against its formula and against differences of it, in double precision.

use kernels::{Activation, BatchNorm};

const EPSILON: f64 = 1e-3;
const LEAKY: Activation = Activation::LeakyRelu { slope: 0.25, gain: 2.0 };

fn leaky(x: f64) -> f64 {
    2.0 * if x >= 0.0 { x } else { 0.25 * x }
}

/// `[pixels][channels][batch]`
fn formula(x: &[f64], gain: &[f64], shift: &[f64], batch: usize) -> Vec<f64> {
    let channels = gain.len();
    let of = |place: usize| place / batch % channels;
    let count = (x.len() / channels) as f64;
    let total = |f: &dyn Fn(usize) -> f64, c: usize| (0..x.len()).filter(|i| of(*i) == c).map(f).sum::<f64>() / count;
    let mean: Vec<f64> = (0..channels).map(|c| total(&|i| x[i], c)).collect();
    let variance: Vec<f64> = (0..channels).map(|c| total(&|i| (x[i] - mean[c]).powi(2), c)).collect();
    let normal = |i: usize| (x[i] - mean[of(i)]) / (variance[of(i)] + EPSILON).sqrt();
    (0..x.len()).map(|i| leaky(gain[of(i)] * normal(i) + shift[of(i)])).collect()
}

fn wave(count: usize, pace: f64) -> Vec<f64> {
    (0..count).map(|i| (i as f64 * pace).sin() + 0.3).collect()
}

fn single(x: &[f64]) -> Vec<f32> {
    x.iter().map(|x| *x as f32).collect()
}

fn close(what: &str, expected: &[f64], found: &[f32]) {
    let size = expected.iter().fold(1e-3, |size: f64, x| size.max(x.abs()));
    assert_eq!(expected.len(), found.len(), "{what}");
    for (e, f) in expected.iter().zip(found) {
        assert!((e - f64::from(*f)).abs() <= 1e-5 * size, "{what}: expected {expected:?}, found {found:?}");
    }
}

#[test]
fn values_and_gradients() {
    for (pixels, channels, batch) in [(1, 1, 5), (4, 3, 7), (2, 9, 16), (3, 2, 40)] {
        let what = format!("{pixels} {channels} {batch}");
        let x = wave(pixels * channels * batch, 1.7);
        let (gain, shift, gradient) = (wave(channels, 0.9), wave(channels, 2.3), wave(x.len(), 0.37));
        let norm = BatchNorm { channels, batch, epsilon: EPSILON };
        let statistics = norm.statistics(&single(&x));
        let y = norm.forward(&single(&x), &statistics, [&single(&gain), &single(&shift)], LEAKY);
        close(&what, &formula(&x, &gain, &shift, batch), &y);

        let loss = |x: &[f64], gain: &[f64], shift: &[f64]| {
            formula(x, gain, shift, batch).iter().zip(&gradient).map(|(y, d)| y * d).sum::<f64>()
        };
        let slopes = |of: &[f64], loss: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
            const STEP: f64 = 1e-6;
            let moved = |place: usize, by: f64| {
                let mut moved = of.to_vec();
                moved[place] += by;
                loss(&moved)
            };
            (0..of.len()).map(|place| (moved(place, STEP) - moved(place, -STEP)) / (2.0 * STEP)).collect()
        };
        let found = norm.backward(&single(&x), &statistics, &single(&gain), &y, &single(&gradient), LEAKY);
        close(&format!("by x {what}"), &slopes(&x, &|x| loss(x, &gain, &shift)), &found.input);
        close(&format!("by gain {what}"), &slopes(&gain, &|gain| loss(&x, gain, &shift)), &found.gain);
        close(&format!("by shift {what}"), &slopes(&shift, &|shift| loss(&x, &gain, shift)), &found.shift);
    }
}
