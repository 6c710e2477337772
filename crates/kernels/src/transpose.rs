//! Transposition in blocks that stay in the cache.

use crate::fresh::in_chunks;
use crate::simd::simd;

/// Rows and columns of a block.
const BLOCK: usize = 16;

/// Numbers that one task brings to their places.
const TASK: usize = 1 << 15;

/// Rows of numbers as columns.
pub(crate) fn transposed(from: &[f32], shape: [usize; 2]) -> Vec<f32> {
    transposed_from(from, shape, shape[1])
}

/// Rows of numbers as columns, with so many numbers from one row to the next.
pub(crate) fn transposed_from(from: &[f32], [rows, columns]: [usize; 2], from_row: usize) -> Vec<f32> {
    let lines = (TASK / rows.max(1)).max(1).next_multiple_of(BLOCK);
    in_chunks(rows * columns, (lines * rows).max(1), |task, to| {
        let (first, to) = (task * lines, to.zeros());
        let width = to.len() / rows;
        transpose(&from[first..], [rows, width], from_row, to, rows);
        to
    })
}

simd! {
    /// `to[j][i] = from[i][j]` for so many rows and columns, with so many numbers from one row to the next.
    pub(crate) fn transpose(from: &[f32], shape: [usize; 2], from_row: usize, to: &mut [f32], to_row: usize) {
        let [rows, columns] = shape;
        if rows == 0 || columns == 0 {
            return;
        }
        // Said once, so that the loops need not check.
        let from = &from[..(rows - 1) * from_row + columns];
        let to = &mut to[..(columns - 1) * to_row + rows];
        let mut block = [[0.0f32; BLOCK]; BLOCK];
        for i in (0..rows).step_by(BLOCK) {
            let height = BLOCK.min(rows - i);
            for j in (0..columns).step_by(BLOCK) {
                let width = BLOCK.min(columns - j);
                if height == BLOCK && width == BLOCK {
                    for (r, line) in block.iter_mut().enumerate() {
                        line.copy_from_slice(&from[(i + r) * from_row + j..][..BLOCK]);
                    }
                    for c in 0..BLOCK {
                        let line: [f32; BLOCK] = std::array::from_fn(|r| block[r][c]);
                        to[(j + c) * to_row + i..][..BLOCK].copy_from_slice(&line);
                    }
                } else {
                    for c in 0..width {
                        for r in 0..height {
                            to[(j + c) * to_row + i + r] = from[(i + r) * from_row + j + c];
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_columns_then() {
        for (rows, columns) in [(0, 3), (3, 0), (2, 3), (25, 4000), (4000, 25), (1, 40_000), (40_000, 1)] {
            let from: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
            let to = transposed(&from, [rows, columns]);
            assert!((0..from.len()).all(|i| to[i % columns * rows + i / columns] == from[i]), "{rows} x {columns}");
        }
    }

    #[test]
    fn each_number_goes_to_its_place() {
        for (rows, columns) in [(1, 1), (3, 5), (16, 16), (17, 40), (64, 33)] {
            let (from_row, to_row) = (columns + 3, rows + 2);
            let from: Vec<f32> = (0..rows * from_row).map(|i| i as f32).collect();
            let mut to = vec![-1.0; columns * to_row];
            transpose(&from, [rows, columns], from_row, &mut to, to_row);
            for (place, value) in to.iter().enumerate() {
                let (j, i) = (place / to_row, place % to_row);
                let expected = if i < rows { from[i * from_row + j] } else { -1.0 };
                assert_eq!(*value, expected, "{rows} x {columns}: {j}, {i}");
            }
        }
    }
}
