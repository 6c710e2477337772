//! Matrices with orthonormal rows or columns.

use crate::Stream;

/// `[rows, columns]` in row-major order: orthonormal rows, or columns if those are fewer, uniform over all such matrices
/// (Saxe et al. 2014, arXiv 1312.6120): normal numbers, orthogonalised by Gram and Schmidt.
pub(super) fn draw([rows, columns]: [usize; 2], stream: &mut Stream) -> Vec<f32> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut vector: Vec<f64> = stream.normals(length, 1.0).into_iter().map(f64::from).collect();
        // Rounding leaves a rest of the others in the difference; twice is enough (Giraud et al. 2005).
        for _ in 0..2 {
            for other in &vectors {
                let along = dot(&vector, other);
                vector.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
            }
            let norm = dot(&vector, &vector).sqrt();
            vector.iter_mut().for_each(|x| *x /= norm);
        }
        vectors.push(vector);
    }
    let at = |row: usize, column: usize| if rows <= columns { vectors[row][column] } else { vectors[column][row] };
    (0..rows * columns).map(|index| at(index / columns, index % columns) as f32).collect()
}

/// In eight sums, which a compiler may take at once without changing the result.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
    for (a, b) in a.zip(b) {
        (0..8).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_side_is_orthonormal() {
        for [rows, columns] in [[1, 1], [3, 3], [5, 17], [17, 5], [64, 64], [1, 40]] {
            let matrix = draw([rows, columns], &mut Stream::new(1, "orthogonal", 0));
            let vector = |at: usize| -> Vec<f64> {
                let along: Box<dyn Iterator<Item = usize>> = if rows <= columns {
                    Box::new((0..columns).map(move |column| at * columns + column))
                } else {
                    Box::new((0..rows).map(move |row| row * columns + at))
                };
                along.map(|index| f64::from(matrix[index])).collect()
            };
            for i in 0..rows.min(columns) {
                for j in 0..=i {
                    let product = dot(&vector(i), &vector(j));
                    let expected = f64::from(i == j);
                    assert!((product - expected).abs() < 1e-6, "{rows} x {columns}: {i} {j} {product}");
                }
            }
        }
    }

    #[test]
    fn other_seeds_draw_other_matrices() {
        let matrix = |seed| draw([4, 9], &mut Stream::new(seed, "orthogonal", 0));
        assert_eq!(matrix(1), matrix(1));
        assert_ne!(matrix(1), matrix(2));
    }
}
