//! Squared distances between all pairs of samples, tile by tile, so that memory does not grow with their product.

use crate::Features;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Rows and columns of a tile: 2 MiB of distances for each thread.
const TILE: usize = 512;

/// A set, tile by tile.
pub(crate) struct Tiles(Vec<Tile>);

struct Tile {
    samples: Array2<f64>,
    /// The squared length of each sample.
    squares: Vec<f64>,
}

impl Tiles {
    pub(crate) fn of(features: Features) -> Self {
        let tiles = features.blocks(TILE).into_par_iter().map(|rows| {
            let samples = features.slice(rows).matrix();
            let squares = samples.rows().into_iter().map(|row| row.dot(&row)).collect();
            Tile { samples, squares }
        });
        Self(tiles.collect())
    }
}

/// What a row learns of its distances to all columns: `visit(state, row, column, squared_distance)`, columns in order.
///
/// Rows are shared out among threads, but each is the work of one: the result is the same for any number of threads.
pub(crate) fn by_row<S: Send + Clone + Sync>(
    rows: &Tiles,
    columns: &Tiles,
    state: &S,
    visit: impl Fn(&mut S, usize, usize, f64) + Sync,
) -> Vec<S> {
    let of_tile = |(index, tile): (usize, &Tile)| {
        let mut states = vec![state.clone(); tile.squares.len()];
        for (other_index, other) in columns.0.iter().enumerate() {
            let squared = squared_distances(tile, other);
            for ((row, state), squared) in states.iter_mut().enumerate().zip(squared.chunks(other.squares.len())) {
                for (column, squared) in squared.iter().enumerate() {
                    visit(state, index * TILE + row, other_index * TILE + column, *squared);
                }
            }
        }
        states
    };
    rows.0.par_iter().enumerate().flat_map_iter(of_tile).collect()
}

/// Squared distance of each sample to its `neighbours`-th nearest other one of the same set.
///
/// A pair of tiles is looked at once, for both. Threads add to a tile in any order, but what they leave there is the
/// smallest numbers of all, sorted, in any order of the threads.
pub(crate) fn radii(tiles: &Tiles, neighbours: usize) -> Vec<f64> {
    let none = |tile: &Tile| Mutex::new(vec![f64::INFINITY; tile.squares.len() * neighbours]);
    let nearest: Vec<Mutex<Vec<f64>>> = tiles.0.iter().map(none).collect();
    let pairs: Vec<(usize, usize)> = (0..nearest.len()).flat_map(|i| (i..nearest.len()).map(move |j| (i, j))).collect();
    pairs.into_par_iter().for_each(|(i, j)| {
        let columns = tiles.0[j].squares.len();
        let mut squared = squared_distances(&tiles.0[i], &tiles.0[j]);
        if i == j {
            squared.iter_mut().step_by(columns + 1).for_each(|itself| *itself = f64::INFINITY);
        }
        let lock = |tile: usize| nearest[tile].lock().unwrap_or_else(PoisonError::into_inner);
        for (nearest, squared) in lock(i).chunks_mut(neighbours).zip(squared.chunks(columns)) {
            squared.iter().for_each(|squared| insert(nearest, *squared));
        }
        if i != j {
            let mut nearest = lock(j);
            for row in squared.chunks(columns) {
                nearest.chunks_mut(neighbours).zip(row).for_each(|(nearest, squared)| insert(nearest, *squared));
            }
        }
    });
    let nearest = nearest.into_iter().map(|tile| tile.into_inner().unwrap_or_else(PoisonError::into_inner));
    nearest.flat_map(|tile| tile.into_iter().skip(neighbours - 1).step_by(neighbours)).collect()
}

/// Dot products of all rows of one with all rows of the other, row-major.
pub(crate) fn products(left: ArrayView2<f64>, right: ArrayView2<f64>) -> Vec<f64> {
    let mut products = Array2::zeros((left.nrows(), right.nrows()));
    general_mat_mul(1.0, &left, &right.t(), 0.0, &mut products);
    products.into_raw_vec_and_offset().0
}

fn squared_distances(left: &Tile, right: &Tile) -> Vec<f64> {
    let mut values = products(left.samples.view(), right.samples.view());
    for (values, square) in values.chunks_mut(right.squares.len()).zip(&left.squares) {
        for (value, other) in values.iter_mut().zip(&right.squares) {
            // Rounding may leave a little less than nothing.
            *value = (square + other - 2.0 * *value).max(0.0);
        }
    }
    values
}

/// Keeps the smallest, ascending.
fn insert(smallest: &mut [f64], value: f64) {
    let last = smallest.len() - 1;
    if value < smallest[last] {
        let place = smallest.partition_point(|kept| *kept <= value);
        smallest.copy_within(place..last, place + 1);
        smallest[place] = value;
    }
}
