//! What follows a layer's sum: bias and a function of each number, and the way back.

use crate::fresh::in_chunks;
use crate::simd::{simd, sum};

/// A function of each number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// x
    Identity,
    /// max(0, x)
    Relu,
    /// x times the gain, and times the slope where x is negative.
    LeakyRelu {
        /// Below 0.
        slope: f32,
        /// Everywhere.
        gain: f32,
    },
    /// tanh(x), within 3e-7 of itself.
    Tanh,
    /// 1 / (1 + exp(-x)), within 3e-7.
    Sigmoid,
}

impl Activation {
    /// y = f(x).
    pub fn forward(self, x: &[f32]) -> Vec<f32> {
        in_chunks(x.len(), TASK, |task, y| {
            let y = y.copy(part(x, task));
            finish(y, TASK, None, self);
            y
        })
    }

    /// The gradient before the function, from the one behind it and from y.
    pub fn backward(self, gradient: &[f32], y: &[f32]) -> Vec<f32> {
        in_chunks(gradient.len(), TASK, |task, d| {
            let d = d.copy(part(gradient, task));
            back(d, part(y, task), self);
            d
        })
    }
}

/// Numbers that one task goes over: few enough to stay in the cache between two passes, too many to do by the way.
const TASK: usize = 1 << 14;

fn part(numbers: &[f32], task: usize) -> &[f32] {
    &numbers[task * TASK..numbers.len().min((task + 1) * TASK)]
}

simd! {
    /// Rows of `batch` numbers: y = f(x + the row's bias), in place.
    pub(crate) fn finish(rows: &mut [f32], batch: usize, bias: Option<&[f32]>, activation: Activation) {
        if let Some(bias) = bias {
            for (row, bias) in rows.chunks_exact_mut(batch).zip(bias) {
                for x in row {
                    *x += bias;
                }
            }
        }
        match activation {
            Activation::Identity => {}
            Activation::Relu => {
                for x in rows {
                    *x = if *x < 0.0 { 0.0 } else { *x }; // NaN stays.
                }
            }
            Activation::LeakyRelu { slope, gain } => {
                let below = slope * gain;
                for x in rows {
                    *x *= if *x >= 0.0 { gain } else { below };
                }
            }
            Activation::Tanh => {
                for x in rows {
                    *x = tanh(*x);
                }
            }
            Activation::Sigmoid => {
                for x in rows {
                    *x = 0.5 * tanh(0.5 * *x) + 0.5;
                }
            }
        }
    }

    /// The gradient before the function, from the one behind it and the function's value y.
    pub(crate) fn back(gradient: &mut [f32], y: &[f32], activation: Activation) {
        match activation {
            Activation::Identity => {}
            // The slopes at 0 are Burn's.
            Activation::Relu => {
                for (d, y) in gradient.iter_mut().zip(y) {
                    *d = if *y > 0.0 { *d } else { 0.0 };
                }
            }
            Activation::LeakyRelu { slope, gain } => {
                let below = slope * gain;
                for (d, y) in gradient.iter_mut().zip(y) {
                    *d *= if *y >= 0.0 { gain } else { below };
                }
            }
            Activation::Tanh => {
                for (d, y) in gradient.iter_mut().zip(y) {
                    *d *= 1.0 - y * y;
                }
            }
            Activation::Sigmoid => {
                for (d, y) in gradient.iter_mut().zip(y) {
                    *d *= y - y * y;
                }
            }
        }
    }

    /// The sum of each row of `batch` numbers.
    pub(crate) fn row_sums(rows: &[f32], batch: usize, sums: &mut [f32]) {
        for (row, total) in rows.chunks_exact(batch).zip(sums) {
            *total = sum(row);
        }
    }

    /// to += from
    pub(crate) fn add(to: &mut [f32], from: &[f32]) {
        for (to, from) in to.iter_mut().zip(from) {
            *to += from;
        }
    }
}

/// Through the exponential function, whose argument is bounded; near 0, where that would cancel, by the polynomial of the
/// Cephes library (Moshier 1989).
#[inline(always)]
fn tanh(x: f32) -> f32 {
    const POLYNOMIAL_BELOW: f32 = 0.625;
    /// tanh is 1 in single precision from here on.
    const ONE_FROM: f32 = 10.0;
    let (size, square) = (x.abs(), x * x);
    let mut near = -5.704_988_7e-3;
    for coefficient in [2.063_909e-2, -5.373_971_5e-2, 1.333_144_2e-1, -3.333_328e-1] {
        near = near * square + coefficient;
    }
    let near = x + x * square * near;
    let power = -2.0 * std::f32::consts::LOG2_E * if size < ONE_FROM { size } else { ONE_FROM };
    let whole = power.floor();
    let rest = (power - whole) * std::f32::consts::LN_2;
    // exp(rest) by its Taylor series, 2^whole by the exponent's bits.
    let mut exponential = 1.0 / 40320.0;
    for inverse in [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        exponential = exponential * rest + inverse;
    }
    // A number of this size has no digits behind the point: its lowest bits are the sum.
    const BIAS: f32 = (127 + (1 << 23)) as f32;
    exponential *= f32::from_bits((whole + BIAS).to_bits() << 23);
    let far = ((1.0 - exponential) / (1.0 + exponential)).copysign(x);
    let value = if size < POLYNOMIAL_BELOW { near } else { far };
    if x.is_nan() { x } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(activation: Activation, x: f32) -> f32 {
        let mut row = [x];
        finish(&mut row, 1, None, activation);
        row[0]
    }

    fn slope(activation: Activation, x: f32) -> f32 {
        let mut gradient = [1.0];
        back(&mut gradient, &[of(activation, x)], activation);
        gradient[0]
    }

    #[test]
    fn functions_and_slopes_by_hand() {
        let leaky = Activation::LeakyRelu { slope: 0.5, gain: 3.0 };
        let cases = [
            (Activation::Identity, -2.0, -2.0, 1.0),
            (Activation::Relu, 2.0, 2.0, 1.0),
            (Activation::Relu, 0.0, 0.0, 0.0),
            (Activation::Relu, -2.0, 0.0, 0.0),
            (leaky, 2.0, 6.0, 3.0),
            (leaky, 0.0, 0.0, 3.0),
            (leaky, -2.0, -3.0, 1.5),
        ];
        for (activation, x, y, expected) in cases {
            assert_eq!((of(activation, x), slope(activation, x)), (y, expected), "{activation:?} at {x}");
        }
        for activation in [Activation::Relu, leaky, Activation::Tanh, Activation::Sigmoid] {
            assert!(of(activation, f32::NAN).is_nan(), "{activation:?}");
        }
    }

    #[test]
    fn tanh_is_that_of_double_precision() {
        for i in -200_000..=200_000 {
            let x = i as f32 * 1e-4;
            let (expected, found) = (f64::from(x).tanh(), f64::from(of(Activation::Tanh, x)));
            assert!((expected - found).abs() <= 3e-7 * expected.abs().max(1e-3), "tanh({x}): {expected}, {found}");
            assert!((f64::from(slope(Activation::Tanh, x)) - (1.0 - expected * expected)).abs() < 1e-6, "at {x}");
        }
        for (x, y) in [(1e30, 1.0), (f32::INFINITY, 1.0), (f32::NEG_INFINITY, -1.0), (1e-20, 1e-20)] {
            assert_eq!(of(Activation::Tanh, x), y);
        }
    }

    #[test]
    fn sigmoid_is_that_of_double_precision() {
        for i in -200_000..=200_000 {
            let x = i as f32 * 1e-4;
            let expected = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((expected - f64::from(of(Activation::Sigmoid, x))).abs() <= 3e-7, "at {x}");
            let (exact, found) = (expected * (1.0 - expected), f64::from(slope(Activation::Sigmoid, x)));
            assert!((exact - found).abs() <= 1e-6, "at {x}: {exact}, {found}");
        }
        assert_eq!([f32::INFINITY, f32::NEG_INFINITY, 0.0].map(|x| of(Activation::Sigmoid, x)), [1.0, 0.0, 0.5]);
    }

    #[test]
    fn biases_are_of_rows() {
        let mut rows = [1.0, 2.0, 3.0, 4.0];
        finish(&mut rows, 2, Some(&[10.0, -10.0]), Activation::Relu);
        assert_eq!(rows, [11.0, 12.0, 0.0, 0.0]);
    }
}
