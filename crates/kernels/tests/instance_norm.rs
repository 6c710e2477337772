//! Instance normalisation against its formula and against differences of it, in double precision.

use kernels::{Activation, InstanceNorm};

const EPSILON: f64 = 1e-3;
const LEAKY: Activation = Activation::LeakyRelu { slope: 0.25, gain: 2.0 };

/// `[pixels][instances]`
fn formula(x: &[f64], instances: usize) -> Vec<f64> {
    let count = (x.len() / instances) as f64;
    let of = |instance: usize, f: &dyn Fn(f64) -> f64| {
        x.iter().skip(instance).step_by(instances).map(|x| f(*x)).sum::<f64>() / count
    };
    let mean: Vec<f64> = (0..instances).map(|at| of(at, &|x| x)).collect();
    let root: Vec<f64> = (0..instances).map(|at| (of(at, &|x| (x - mean[at]).powi(2)) + EPSILON).sqrt()).collect();
    let normal = |(at, x): (usize, &f64)| (x - mean[at % instances]) / root[at % instances];
    x.iter().enumerate().map(normal).map(|x| 2.0 * if x >= 0.0 { x } else { 0.25 * x }).collect()
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

/// One pixel has no deviation: it becomes 0.
#[test]
fn values_and_gradients() {
    for (pixels, instances) in [(1, 5), (6, 3), (4, 70), (9, 130)] {
        let what = format!("{pixels} {instances}");
        let (x, gradient) = (wave(pixels * instances, 1.7), wave(pixels * instances, 0.37));
        let norm = InstanceNorm { instances, epsilon: EPSILON };
        let moments = norm.moments(&single(&x));
        let y = norm.forward(&single(&x), &moments, LEAKY);
        close(&what, &formula(&x, instances), &y);
        let loss = |x: &[f64]| formula(x, instances).iter().zip(&gradient).map(|(y, d)| y * d).sum::<f64>();
        const STEP: f64 = 1e-6;
        let slope = |place: usize| {
            let moved = |by: f64| {
                let mut moved = x.clone();
                moved[place] += by;
                loss(&moved)
            };
            (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
        };
        let slopes: Vec<f64> = (0..x.len()).map(slope).collect();
        let found = norm.backward(&single(&x), &moments, &y, &single(&gradient), LEAKY);
        if pixels > 1 {
            close(&format!("by x {what}"), &slopes, &found);
        } else {
            assert!(found.iter().all(|slope| slope.abs() < 1e-3), "{found:?}");
        }
    }
}
