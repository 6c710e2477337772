//! Standard errors hold by simulation: as large as the scatter over fresh samples.

use crate::rows;
use metrics::{Input, Kid, find, kid};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Normal numbers (Box and Muller 1958) of this mean.
fn normals(count: usize, mean: f64, random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut uniform = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let mut normal = || (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
    (0..count).map(|_| mean + normal()).collect()
}

/// The scatter of the values of `pairs` fresh pairs of sets, and the root of their mean squared error.
fn simulated(pairs: u64, draw: impl Fn(&mut ChaCha8Rng) -> (f64, f64)) -> (f64, f64) {
    let (values, errors): (Vec<f64>, Vec<f64>) =
        (0..pairs).map(|pair| draw(&mut ChaCha8Rng::seed_from_u64(pair))).unzip();
    let mean = values.iter().sum::<f64>() / pairs as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (pairs - 1) as f64;
    (variance.sqrt(), (errors.iter().map(|error| error * error).sum::<f64>() / pairs as f64).sqrt())
}

/// The scatter of 80 pairs is itself known to 8 %.
#[test]
fn the_error_of_the_kernel_distance_is_its_scatter() {
    let check = |what: &str, [real, fake]: [usize; 2], shift: f64, (subsets, subset_size): (usize, usize)| {
        const WIDTH: usize = 8;
        let (scatter, error) = simulated(80, |random| {
            let [real, fake] = [(real, 0.0), (fake, shift)].map(|(count, mean)| normals(count * WIDTH, mean, random));
            let found = kid(rows(&real, WIDTH), rows(&fake, WIDTH), Kid { subsets, subset_size, seed: 0 }).unwrap();
            (found.mean, found.standard_error)
        });
        let share = error / scatter;
        assert!((0.8..1.4).contains(&share), "{what}: {error} is reported, {scatter} found");
    };
    check("equal distributions", [100, 100], 0.0, (20, 50));
    check("unequal numbers", [200, 60], 0.0, (20, 30));
    check("unequal distributions", [100, 100], 0.4, (20, 50));
    check("small subsets", [200, 200], 0.1, (10, 20));
}

/// As metrics are measured by default: forty pairs of 400 samples of 16 numbers.
#[test]
fn the_error_that_is_printed_is_the_scatter() {
    const WIDTH: usize = 16;
    let (scatter, error) = simulated(40, |random| {
        let [real, fake] = [0, 1].map(|_| normals(400 * WIDTH, 0.0, random));
        let (real, fake) = (rows(&real, WIDTH), rows(&fake, WIDTH));
        let input = Input { real, fake, training: real, format: None, predicted: None, seed: 0 };
        let found = find("kid").unwrap().measure(&input).unwrap();
        (found[0].value, found[0].standard_error.unwrap())
    });
    assert!((0.75..1.5).contains(&(error / scatter)), "{error} is reported, {scatter} found");
}
