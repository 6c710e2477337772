//! The discrete Fourier transform of as many numbers as a power of two (Cooley and Tukey 1965).
//!
//! Sines are those of `libm`, so that the same numbers have the same transform on every machine.

use std::f64::consts::TAU;

/// A transform of so many numbers.
pub(crate) struct Fourier {
    count: usize,
    /// `e^(-2πi k / count)` for k below `count / 2`.
    turns: Vec<[f64; 2]>,
}

impl Fourier {
    /// # Panics
    /// If `count` is no power of two.
    pub(crate) fn new(count: usize) -> Self {
        assert!(count.is_power_of_two(), "{count} is no power of two");
        let turn = |k: usize| {
            let (sin, cos) = libm::sincos(TAU * k as f64 / count as f64);
            [cos, -sin]
        };
        Self { count, turns: (0..count / 2).map(turn).collect() }
    }

    /// Magnitudes of the frequencies from 0 to half the rate, both among them: `|Σ x[n] e^(-2πi k n / N)|` for k up to N / 2.
    ///
    /// # Panics
    /// If there are not as many values.
    pub(crate) fn magnitudes(&self, values: &[f64]) -> Vec<f64> {
        assert_eq!(values.len(), self.count, "as many as the transform is of");
        let shift = usize::BITS - self.count.trailing_zeros();
        // Where a number stands when even and odd ones were put apart again and again: its digits in base 2 in reverse.
        let place = |at: usize| if self.count == 1 { 0 } else { at.reverse_bits() >> shift };
        let mut numbers: Vec<[f64; 2]> = (0..self.count).map(|at| [values[place(at)], 0.0]).collect();
        let mut half = 1;
        while half < self.count {
            for part in numbers.chunks_exact_mut(2 * half) {
                let (even, odd) = part.split_at_mut(half);
                for (k, (even, odd)) in even.iter_mut().zip(odd).enumerate() {
                    let ([a, b], [c, d], [cos, sin]) = (*even, *odd, self.turns[k * self.count / (2 * half)]);
                    let turned = [c * cos - d * sin, c * sin + d * cos];
                    *even = [a + turned[0], b + turned[1]];
                    *odd = [a - turned[0], b - turned[1]];
                }
            }
            half *= 2;
        }
        numbers[..=self.count / 2]
            .iter()
            .map(|[real, imaginary]| (real * real + imaginary * imaginary).sqrt())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitudes_are_those_of_the_definition() {
        for count in [1, 2, 8, 64] {
            let values: Vec<f64> = (0..count).map(|at| ((at * at * 31 + at * 7) % 101) as f64 / 50.0 - 1.0).collect();
            let found = Fourier::new(count).magnitudes(&values);
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
