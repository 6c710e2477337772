//! The largest of several numbers (Goodfellow et al. 2013, arXiv 1302.4389), on `[length][batch]`.

use crate::fresh::in_chunks;
use crate::simd::simd;

/// Results that one task makes.
const ROWS: usize = 64;

/// Of each `pieces` rows that follow one another the largest numbers: `[length / pieces][batch]`.
pub fn maxout(x: &[f32], batch: usize, pieces: usize) -> Vec<f32> {
    in_chunks(x.len() / pieces, ROWS * batch, |task, y| {
        let y = y.zeros();
        largest(y, &x[task * ROWS * batch * pieces..], batch, pieces);
        y
    })
}

/// The gradient at x, from the one at the result y: it belongs to the first of the largest numbers.
pub fn maxout_back(x: &[f32], y: &[f32], gradient: &[f32], batch: usize, pieces: usize) -> Vec<f32> {
    in_chunks(x.len(), ROWS * batch * pieces, |task, of_x| {
        let (of_x, first) = (of_x.zeros(), task * ROWS * batch);
        chosen(of_x, &x[first * pieces..], &y[first..], &gradient[first..], batch, pieces);
        of_x
    })
}

simd! {
    fn largest(y: &mut [f32], x: &[f32], batch: usize, pieces: usize) {
        for (y, rows) in y.chunks_exact_mut(batch).zip(x.chunks_exact(batch * pieces)) {
            y.copy_from_slice(&rows[..batch]);
            for row in rows[batch..].chunks_exact(batch) {
                for (y, x) in y.iter_mut().zip(row) {
                    // What is not a number stays.
                    *y = if *y >= *x || y.is_nan() { *y } else { *x };
                }
            }
        }
    }

    fn chosen(of_x: &mut [f32], x: &[f32], y: &[f32], gradient: &[f32], batch: usize, pieces: usize) {
        let groups = of_x.chunks_exact_mut(batch * pieces).zip(x.chunks_exact(batch * pieces));
        let results = y.chunks_exact(batch).zip(gradient.chunks_exact(batch));
        for ((of_x, x), (y, gradient)) in groups.zip(results) {
            // What is left of the gradient goes to the next row that has the result.
            let mut left = gradient.to_vec();
            for (of_x, x) in of_x.chunks_exact_mut(batch).zip(x.chunks_exact(batch)) {
                for (((of_x, x), y), left) in of_x.iter_mut().zip(x).zip(y).zip(&mut left) {
                    let given = if *x == *y { *left } else { 0.0 };
                    *of_x = given;
                    *left -= given;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Two results of three pieces, two samples.
        let x = [1.0, 5.0, 4.0, 2.0, 4.0, 3.0, -1.0, f32::NAN, -2.0, 0.0, -3.0, 7.0];
        let y = maxout(&x, 2, 3);
        assert_eq!(y[..3], [4.0, 5.0, -1.0]);
        assert!(y[3].is_nan());
        let gradient = maxout_back(&x, &y, &[10.0, 20.0, 30.0, 40.0], 2, 3);
        assert_eq!(gradient[..10], [0.0, 20.0, 10.0, 0.0, 0.0, 0.0, 30.0, 0.0, 0.0, 0.0]);
    }
}
