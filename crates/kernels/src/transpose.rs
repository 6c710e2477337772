//! Transposition in blocks that stay in the cache.

use crate::fresh::{Unset, in_chunks, vector};
use crate::simd::simd;
use rayon::prelude::*;

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
    if lines >= columns && rows * columns > TASK {
        return few_columns_transposed(from, [rows, columns], from_row);
    }
    in_chunks(rows * columns, (lines * rows).max(1), |task, to| {
        let (first, to) = (task * lines, to.zeros());
        let width = to.len() / rows;
        transpose(&from[first..], [rows, width], from_row, to, rows);
        to
    })
}

/// The same in tasks of some rows each, where columns are too few to share.
fn few_columns_transposed(from: &[f32], [rows, columns]: [usize; 2], from_row: usize) -> Vec<f32> {
    let height = (TASK / columns.max(1)).next_multiple_of(BLOCK);
    vector(rows * columns, |memory| {
        let mut lines: Vec<_> =
            memory.chunks(rows.max(1)).into_iter().map(|line| line.chunks(height).into_iter()).collect();
        let tasks: Vec<Vec<Unset>> =
            (0..rows.div_ceil(height)).map(|_| lines.iter_mut().flat_map(Iterator::next).collect()).collect();
        let written = tasks.into_par_iter().enumerate().flat_map_iter(|(task, parts)| {
            let first = task * height;
            let height = height.min(rows - first);
            let mut block = vec![0.0; height * columns];
            transpose(&from[first * from_row..], [height, columns], from_row, &mut block, height);
            parts.into_iter().zip(block.chunks_exact(height)).map(|(part, line)| part.copy(line)).collect::<Vec<_>>()
        });
        written.collect()
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
        match (rows, columns) {
            (2, _) => return few_rows::<2>(from, from_row, to, to_row),
            (4, _) => return few_rows::<4>(from, from_row, to, to_row),
            (8, _) => return few_rows::<8>(from, from_row, to, to_row),
            (_, 2) => return few_columns::<2>(from, from_row, to, to_row),
            (_, 4) => return few_columns::<4>(from, from_row, to, to_row),
            (_, 8) => return few_columns::<8>(from, from_row, to, to_row),
            _ => {}
        }
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

/// So many rows as columns, whose numbers are brought together.
#[inline(always)]
fn few_rows<const R: usize>(from: &[f32], from_row: usize, to: &mut [f32], to_row: usize) {
    let columns = (to.len() - R) / to_row + 1;
    let lines: [&[f32]; R] = std::array::from_fn(|row| &from[row * from_row..][..columns]);
    let mut done = 0;
    if to_row == R {
        for (block, to) in to.as_chunks_mut::<R>().0.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            let from: [[f32; BLOCK]; R] = std::array::from_fn(|row| lines[row].as_chunks().0[block]);
            for (column, to) in to.iter_mut().enumerate() {
                *to = std::array::from_fn(|row| from[row][column]);
            }
        }
        done = columns / BLOCK * BLOCK;
    }
    for column in done..columns {
        for row in 0..R {
            to[column * to_row + row] = lines[row][column];
        }
    }
}

/// So many columns as rows, whose numbers are parted.
#[inline(always)]
fn few_columns<const C: usize>(from: &[f32], from_row: usize, to: &mut [f32], to_row: usize) {
    let rows = (from.len() - C) / from_row + 1;
    let mut done = 0;
    if from_row == C {
        for (block, from) in from.as_chunks::<C>().0.as_chunks::<BLOCK>().0.iter().enumerate() {
            for column in 0..C {
                let line: [f32; BLOCK] = std::array::from_fn(|row| from[row][column]);
                to[column * to_row + block * BLOCK..][..BLOCK].copy_from_slice(&line);
            }
        }
        done = rows / BLOCK * BLOCK;
    }
    for row in done..rows {
        for column in 0..C {
            to[column * to_row + row] = from[row * from_row + column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_columns_then() {
        for (rows, columns) in
            [(0, 3), (3, 0), (2, 3), (25, 4000), (4000, 25), (1, 40_000), (40_000, 1), (4, 50_000), (50_000, 8)]
        {
            let from: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
            let to = transposed(&from, [rows, columns]);
            assert!((0..from.len()).all(|i| to[i % columns * rows + i / columns] == from[i]), "{rows} x {columns}");
        }
    }

    #[test]
    fn each_number_goes_to_its_place() {
        for (rows, columns) in
            [(1, 1), (3, 5), (16, 16), (17, 40), (64, 33), (2, 9), (4, 40), (8, 3), (9, 2), (40, 4), (3, 8)]
        {
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
