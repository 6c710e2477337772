//! Products in the processor's tiles (Intel AMX), which multiply numbers of 8 significant bits and sum in single precision.
//!
//! A number of single precision is the sum of three such parts, exactly. Of the nine products of two numbers' parts the six
//! largest are summed: what is left out is at most 2^-23 of the product, two roundings, so the result is as good as that of
//! ordinary arithmetic, or better, because sums are made of 32 terms at a time (Henry, Tang, Heinecke 2019, arXiv 1904.06376).
//! For [`Precision::Bf16`] a number is rounded to one part.
//!
//! The `unsafe` here asks the processor and the system for tiles, runs the [`instructions`] that use them, and fills and reads
//! memory that is theirs.
#![expect(unsafe_code, reason = "stated above")]

mod factors;
mod instructions;

pub use instructions::available;

use super::{Matrix, Precision};
use crate::fresh::Unset;
use factors::fill;
use instructions::{Lent, clear, load, multiply, store};
use rayon::prelude::*;
use std::mem::MaybeUninit;
use std::slice::ChunksExact;

/// Rows and columns of a tile of results, and half as many as a tile of factors is deep.
const SIDE: usize = 16;

/// Depth of a step.
const DEPTH: usize = 2 * SIDE;

/// Rows, or columns, that a step multiplies: two tiles.
const WIDTH: usize = 2 * SIDE;

/// Parts of a number of single precision.
const MAX_PARTS: usize = 3;

/// Steps that one task makes ready: what takes longer than handing them to a thread that is awake.
const TASK: usize = 8;

/// A tile of factors: lines of pairs, whose numbers are 16 apart along the depth.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Tile([[u32; SIDE]; SIDE]);

/// Two tiles: one part of the numbers that one side has in a step. A step's parts follow one another, largest first.
type Part = [Tile; 2];

/// A matrix in tiles, panel after panel of [`WIDTH`] rows or columns, each in steps along the depth.
pub(crate) struct Tiles {
    tiles: Vec<Part>,
    /// Rows, or columns, and depth.
    shape: [usize; 2],
    /// Of each number: three, or one that is rounded.
    parts: usize,
}

/// What the axes of a matrix are.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

impl Tiles {
    pub(crate) fn left(matrix: Matrix, precision: Precision) -> Self {
        Self::new(matrix, Side::Left, precision)
    }

    pub(crate) fn right(matrix: Matrix, precision: Precision) -> Self {
        Self::new(matrix.transposed(), Side::Right, precision)
    }

    /// Of a matrix whose columns are the depth.
    fn new(matrix: Matrix, side: Side, precision: Precision) -> Self {
        let (shape, parts) = (matrix.shape, parts_of(precision));
        let depth = shape[1].div_ceil(DEPTH);
        let count = shape[0].div_ceil(WIDTH) * depth * parts;
        let mut tiles = Vec::with_capacity(count);
        let steps = tiles.spare_capacity_mut()[..count].par_chunks_mut(parts).with_min_len(TASK);
        steps.enumerate().for_each(|(n, step)| {
            let place = [n / depth * WIDTH, n % depth * DEPTH];
            // SAFETY: there are no tiles without AVX-512.
            (0..2).for_each(|tile| unsafe { fill(step, tile, matrix, place, side) });
        });
        // SAFETY: all of them have been filled.
        unsafe { tiles.set_len(count) };
        Self { tiles, shape, parts }
    }

    /// With all numbers' signs turned.
    pub(crate) fn negative(&self) -> Self {
        const SIGNS: u32 = 0x8000_8000;
        let mut tiles = self.tiles.clone();
        for tile in tiles.as_flattened_mut() {
            tile.0.as_flattened_mut().iter_mut().for_each(|pair| *pair ^= SIGNS);
        }
        Self { tiles, ..*self }
    }

    /// The steps of a panel.
    fn panel(&self, panel: usize) -> ChunksExact<'_, Part> {
        let depth = self.shape[1].div_ceil(DEPTH) * self.parts;
        self.tiles[panel * depth..][..depth].chunks_exact(self.parts)
    }
}

fn parts_of(precision: Precision) -> usize {
    match precision {
        Precision::F32 => MAX_PARTS,
        Precision::Bf16 => 1,
    }
}

/// The sum of products, row after row.
pub(crate) fn sum<'a>(mut out: Unset<'a>, columns: usize, products: &[[&Tiles; 2]]) -> &'a mut [f32] {
    let rows = out.len() / columns;
    for [left, right] in products {
        let shapes = [[rows, left.shape[1]], [columns, left.shape[1]]];
        assert_eq!([left.shape, right.shape], shapes, "sizes of a product's sides");
        assert_eq!(left.parts, right.parts, "parts of a product's sides");
    }
    let results = Results::new(&mut out, [rows, columns]);
    for row in (0..rows).step_by(WIDTH) {
        for column in (0..columns).step_by(WIDTH) {
            let multiply = || {
                for [left, right] in products {
                    for (left, right) in left.panel(row / WIDTH).zip(right.panel(column / WIDTH)) {
                        // SAFETY: this thread has tiles while there are results.
                        unsafe { multiply(left, right) };
                    }
                }
            };
            // SAFETY: nothing is added to.
            unsafe { results.block([row, column], false, multiply) };
        }
    }
    // SAFETY: blocks cover the product.
    unsafe { out.written() }
}

/// The product of a matrix that is used this once and a right side. Its steps are made ready in between: to multiply tiles
/// takes the processor so long that it goes ahead with them.
pub(crate) fn once<'a>(mut out: Unset<'a>, left: Matrix, right: &Tiles) -> &'a mut [f32] {
    /// Steps along the depth that are made ready before they are used.
    const PIECE: usize = 8;
    let ([rows, depth], [columns, also_depth]) = (left.shape, right.shape);
    assert_eq!(depth, also_depth, "inner sizes of a product");
    if depth == 0 || columns == 0 {
        return out.zeros();
    }
    let results = Results::new(&mut out, [rows, columns]);
    let (steps, panels) = (depth.div_ceil(DEPTH), columns.div_ceil(WIDTH));
    // A piece, by its first step and its first row.
    let pieces = (0..steps).step_by(PIECE).flat_map(|first| (0..rows).step_by(WIDTH).map(move |row| (first, row)));
    let mut pieces = pieces.peekable();
    let steps_of = |(first, _)| PIECE.min(steps - first);
    let tiles_of = |piece| (0..2 * steps_of(piece)).map(move |tile| (piece, tile));
    let parts = right.parts;
    let fill = |buffer: &mut Vec<Part>, ((first, row), tile)| {
        let step = &mut buffer.spare_capacity_mut()[tile / 2 * parts..][..parts];
        // SAFETY: there are no `Tiles` without AVX-512.
        unsafe { fill(step, tile % 2, left, [row, (first + tile / 2) * DEPTH], Side::Left) };
    };
    let [mut ready, mut coming] = [(); 2].map(|()| Vec::with_capacity(PIECE * parts));
    pieces.peek().into_iter().flat_map(|piece| tiles_of(*piece)).for_each(|tile| fill(&mut coming, tile));
    while let Some(piece) = pieces.next() {
        std::mem::swap(&mut ready, &mut coming);
        coming.clear();
        // SAFETY: the tiles of this piece have all been filled, before the first one or with the one before.
        unsafe { ready.set_len(steps_of(piece) * parts) };
        let next = pieces.peek().copied();
        let mut tiles = next.into_iter().flat_map(tiles_of);
        let at_once = next.map_or(0, |next| (2 * steps_of(next)).div_ceil(panels * steps_of(piece)));
        let (first, row) = piece;
        for column in (0..columns).step_by(WIDTH) {
            let multiply = || {
                for (left, right) in ready.chunks_exact(parts).zip(right.panel(column / WIDTH).skip(first)) {
                    // SAFETY: this thread has tiles while there are results.
                    unsafe { multiply(left, right) };
                    tiles.by_ref().take(at_once).for_each(|tile| fill(&mut coming, tile));
                }
            };
            // SAFETY: what is added to was set by the piece of these rows that begins the depth.
            unsafe { results.block([row, column], first > 0, multiply) };
        }
        tiles.for_each(|tile| fill(&mut coming, tile));
    }
    // SAFETY: blocks cover the product.
    unsafe { out.written() }
}

/// Where results go, row after row, while tiles are lent.
struct Results {
    to: *mut f32,
    shape: [usize; 2],
    _lent: Lent,
}

impl Results {
    fn new(out: &mut Unset, shape: [usize; 2]) -> Self {
        assert_eq!(out.len(), shape[0] * shape[1], "size of a product");
        // SAFETY: there are no `Tiles` without tiles.
        Self { to: out.as_mut_ptr(), shape, _lent: unsafe { Lent::new() } }
    }

    /// What `multiply` sums in tiles as the block of results that begins at a place, or added to it.
    ///
    /// # Safety
    /// The memory is still there, and what is added to has been written.
    unsafe fn block(&self, [row, column]: [usize; 2], add: bool, multiply: impl FnOnce()) {
        let [rows, columns] = self.shape;
        let (height, width) = (WIDTH.min(rows - row), WIDTH.min(columns - column));
        let inside = height == WIDTH && width == WIDTH;
        let mut edge = MaybeUninit::<[[f32; WIDTH]; WIDTH]>::uninit();
        // SAFETY: the block is inside of the results, or goes to `edge` and its part inside is copied.
        unsafe {
            let results = self.to.add(row * columns + column);
            let edge: *mut f32 = edge.as_mut_ptr().cast();
            let lines = || (0..height).map(|line| (edge.add(line * WIDTH), results.add(line * columns)));
            let (to, stride) = if inside { (results, columns) } else { (edge, WIDTH) };
            if !add {
                clear();
            } else if inside {
                load(to, stride);
            } else {
                edge.write_bytes(0, WIDTH * WIDTH);
                lines().for_each(|(edge, result)| std::ptr::copy_nonoverlapping(result, edge, width));
                load(to, stride);
            }
            multiply();
            store(to, stride);
            if !inside {
                lines().for_each(|(edge, result)| std::ptr::copy_nonoverlapping(edge, result, width));
            }
        }
    }
}
