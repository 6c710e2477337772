//! The discrete Fourier transform of as many numbers as a power of two (Cooley and Tukey 1965).

use std::f64::consts::TAU;

/// Magnitudes of the frequencies from 0 to half the rate, both among them: `|Σ x[n] e^(-2πi k n / N)|` for k up to N / 2.
///
/// # Panics
/// If `values` are not as many as a power of two.
pub(crate) fn magnitudes(values: &[f64]) -> Vec<f64> {
    let count = values.len();
    assert!(count.is_power_of_two(), "{count} is no power of two");
    let mut numbers: Vec<[f64; 2]> = values.iter().map(|value| [*value, 0.0]).collect();
    transform(&mut numbers);
    numbers[..=count / 2].iter().map(|[real, imaginary]| real.hypot(*imaginary)).collect()
}

/// In place: the even ones and the odd ones by themselves, then each pair turned into a sum and a difference.
fn transform(numbers: &mut [[f64; 2]]) {
    let count = numbers.len();
    if count == 1 {
        return;
    }
    let part = |first: usize| numbers.iter().skip(first).step_by(2).copied().collect::<Vec<_>>();
    let (mut even, mut odd) = (part(0), part(1));
    transform(&mut even);
    transform(&mut odd);
    for (k, ([a, b], [c, d])) in even.into_iter().zip(odd).enumerate() {
        let (sin, cos) = (TAU * k as f64 / count as f64).sin_cos();
        let turned = [c * cos + d * sin, d * cos - c * sin];
        numbers[k] = [a + turned[0], b + turned[1]];
        numbers[k + count / 2] = [a - turned[0], b - turned[1]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitudes_are_those_of_the_definition() {
        for count in [1, 2, 8, 64] {
            let values: Vec<f64> = (0..count).map(|at| ((at * at * 31 + at * 7) % 101) as f64 / 50.0 - 1.0).collect();
            let found = magnitudes(&values);
            assert_eq!(found.len(), count / 2 + 1);
            for (k, found) in found.iter().enumerate() {
                let angle = |at: usize| TAU * (k * at) as f64 / count as f64;
                let sum = |part: fn(f64) -> f64| values.iter().enumerate().map(|(at, x)| x * part(angle(at))).sum();
                let (real, imaginary): (f64, f64) = (sum(f64::cos), sum(f64::sin));
                assert!((found - real.hypot(imaginary)).abs() < 1e-10, "{found} at {k} of {count}");
            }
        }
    }
}
