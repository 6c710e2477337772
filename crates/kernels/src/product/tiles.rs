//! Products in the processor's tiles (Intel AMX), which multiply numbers of 8 significant bits and sum in single precision.
//!
//! A number of single precision is the sum of three such parts, exactly. (Where [`Precision::Bf16`] is asked for, it is rounded to
//! one.) Of the nine products of two numbers' parts the six
//! largest are summed: what is left out is at most 2^-23 of the product, two roundings, so the result is as good as that of
//! ordinary arithmetic, or better, because sums are made of 32 terms at a time (Henry, Tang, Heinecke 2019, arXiv 1904.06376).
//!
//! The `unsafe` here asks the processor and the system for tiles, and runs the one block of instructions that uses them.
#![allow(unsafe_code)]

use super::{Matrix, Precision};
use crate::fresh::Unset;
use rayon::prelude::*;
use std::arch::asm;
use std::arch::x86_64::*;
use std::mem::MaybeUninit;
use std::slice::ChunksExact;
use std::sync::LazyLock;

/// Rows and columns of a tile of results, and half as many as a tile of factors is deep.
const SIDE: usize = 16;

/// Depth of a step.
const DEPTH: usize = 2 * SIDE;

/// Rows, or columns, that a step multiplies: two tiles.
const WIDTH: usize = 2 * SIDE;

/// Parts of a number of single precision.
const MOST_PARTS: usize = 3;

/// Steps that one task makes ready: what takes longer than waking a thread.
const TASK: usize = 8;

/// Whether the processor has tiles and the system lends them. `RUNNER_AMX=off` in the environment leaves them alone, for the
/// bits of a machine that has none.
pub fn available() -> bool {
    static AVAILABLE: LazyLock<bool> = LazyLock::new(|| {
        let unwanted = std::env::var_os("RUNNER_AMX").is_some_and(|value| value == "off");
        !unwanted && processor_has_tiles() && system_lends_tiles()
    });
    *AVAILABLE
}

fn processor_has_tiles() -> bool {
    const OSXSAVE: u32 = 1 << 27;
    const TILES: u32 = 1 << 24 | 1 << 22;
    const TILE_STATE: u64 = 1 << 18 | 1 << 17;
    if !is_x86_feature_detected!("avx512f") {
        return false;
    }
    // SAFETY: a processor with AVX-512 has these leaves, and the register is readable where the system says so.
    unsafe {
        __cpuid(1).ecx & OSXSAVE != 0 && __cpuid_count(7, 0).edx & TILES == TILES && {
            let (low, high): (u64, u64);
            asm!("xgetbv", in("ecx") 0, out("rax") low, out("rdx") high, options(nomem, nostack));
            (high << 32 | low) & TILE_STATE == TILE_STATE
        }
    }
}

/// Linux keeps the tiles of a thread for processes that have asked.
fn system_lends_tiles() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_long = 18;
    // SAFETY: the call takes two numbers and changes nothing but this process's right to use tiles.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 }
}

/// A tile of factors: lines of pairs, whose numbers are 16 apart along the depth.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Tile([[u32; SIDE]; SIDE]);

/// Two tiles: one part of the numbers that one side has in a step. A step's parts follow one another, largest first.
type Part = [Tile; 2];

/// A matrix in tiles, panel after panel of [`WIDTH`] rows or columns, each in steps along the depth.
pub struct Tiles {
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
    pub fn left(matrix: Matrix, precision: Precision) -> Self {
        Self::new(matrix, Side::Left, precision)
    }

    pub fn right(matrix: Matrix, precision: Precision) -> Self {
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
    pub fn negative(&self) -> Self {
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
        Precision::F32 => MOST_PARTS,
        Precision::Bf16 => 1,
    }
}

/// The sum of products, row after row.
pub fn sum<'a>(mut out: Unset<'a>, columns: usize, products: &[[&Tiles; 2]]) -> &'a mut [f32] {
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
pub fn once<'a>(mut out: Unset<'a>, left: Matrix, right: &Tiles) -> &'a mut [f32] {
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

/// How the processor is told the tiles' sizes.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static CONFIGURATION: Configuration = Configuration {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// The tiles of this thread, told their sizes. While none are lent, the system need not keep them when threads change.
struct Lent;

impl Lent {
    /// # Safety
    /// Tiles are available.
    unsafe fn new() -> Self {
        // SAFETY: reads the sizes.
        unsafe { asm!("ldtilecfg [{sizes}]", sizes = in(reg) &raw const CONFIGURATION, options(nostack, readonly)) };
        Self
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // SAFETY: what tiles hold is not needed any more.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}

// Tiles 0 to 3 are two by two tiles of results; 4 and 5 a part of the left side, 6 and 7 of the right. Nothing but the
// functions here changes them, as the compiler has no use for tiles.

/// Results of 0.
///
/// # Safety
/// This thread has [`Lent`] tiles.
#[inline]
unsafe fn clear() {
    // SAFETY: changes tiles alone.
    unsafe {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            options(nostack, nomem),
        );
    }
}

/// Results from rows that are `stride` numbers apart.
///
/// # Safety
/// This thread has [`Lent`] tiles; the rows are there.
#[inline]
unsafe fn load(from: *const f32, stride: usize) {
    // SAFETY: reads the rows.
    unsafe {
        asm!(
            "tileloadd tmm0, [{from} + {stride}]",
            "tileloadd tmm1, [{from} + {stride} + 64]",
            "tileloadd tmm2, [{below} + {stride}]",
            "tileloadd tmm3, [{below} + {stride} + 64]",
            from = in(reg) from,
            below = in(reg) from.add(SIDE * stride),
            stride = in(reg) stride * size_of::<f32>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            options(nostack, readonly),
        );
    }
}

/// Results into rows that are `stride` numbers apart.
///
/// # Safety
/// This thread has [`Lent`] tiles; there is room for the rows.
#[inline]
unsafe fn store(to: *mut f32, stride: usize) {
    // SAFETY: writes the rows.
    unsafe {
        asm!(
            "tilestored [{to} + {stride}], tmm0",
            "tilestored [{to} + {stride} + 64], tmm1",
            "tilestored [{below} + {stride}], tmm2",
            "tilestored [{below} + {stride} + 64], tmm3",
            to = in(reg) to,
            below = in(reg) to.add(SIDE * stride),
            stride = in(reg) stride * size_of::<f32>(),
            options(nostack),
        );
    }
}

/// Adds a step's products to the results.
///
/// # Safety
/// This thread has [`Lent`] tiles. Both sides have one part, or both have all.
#[inline]
unsafe fn multiply(left: &[Part], right: &[Part]) {
    if left.len() == 1 {
        // SAFETY: as above.
        return unsafe { multiply_rounded(left, right) };
    }
    // SAFETY: reads the steps.
    unsafe {
        asm!(
            // Smallest products first: first and third part,
            "tileloadd tmm4, [{left} + {row}]",
            "tileloadd tmm5, [{left} + {row} + 1024]",
            "tileloadd tmm6, [{right} + {row} + 4096]",
            "tileloadd tmm7, [{right} + {row} + 5120]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // first and second,
            "tileloadd tmm6, [{right} + {row} + 2048]",
            "tileloadd tmm7, [{right} + {row} + 3072]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // second and second,
            "tileloadd tmm4, [{left} + {row} + 2048]",
            "tileloadd tmm5, [{left} + {row} + 3072]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // second and first,
            "tileloadd tmm6, [{right} + {row}]",
            "tileloadd tmm7, [{right} + {row} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // third and first,
            "tileloadd tmm4, [{left} + {row} + 4096]",
            "tileloadd tmm5, [{left} + {row} + 5120]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // first and first.
            "tileloadd tmm4, [{left} + {row}]",
            "tileloadd tmm5, [{left} + {row} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            left = in(reg) left.as_ptr(),
            right = in(reg) right.as_ptr(),
            row = in(reg) size_of::<[u32; SIDE]>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack, readonly),
        );
    }
}

/// Adds a step's one product.
///
/// # Safety
/// This thread has [`Lent`] tiles.
#[inline]
unsafe fn multiply_rounded(left: &[Part], right: &[Part]) {
    // SAFETY: reads the steps.
    unsafe {
        asm!(
            "tileloadd tmm4, [{left} + {row}]",
            "tileloadd tmm6, [{right} + {row}]",
            "tileloadd tmm7, [{right} + {row} + 1024]",
            "tileloadd tmm5, [{left} + {row} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            left = in(reg) left.as_ptr(),
            right = in(reg) right.as_ptr(),
            row = in(reg) size_of::<[u32; SIDE]>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack, readonly),
        );
    }
}

/// One of the two tiles of the step that begins at a place of a matrix whose columns are the depth. Beyond the matrix there
/// are zeros.
///
/// A pair of the left side is two numbers of a row, 16 apart; of the right side, two of a column.
#[target_feature(enable = "avx512f")]
fn fill(to: &mut [MaybeUninit<Part>], tile: usize, matrix: Matrix, [row, column]: [usize; 2], side: Side) {
    let together = matrix.strides[1] == 1;
    let place = |half: usize| [row + tile * SIDE, column + half * SIDE];
    let (first, second) = (Block::at(matrix, place(0)), Block::at(matrix, place(1)));
    let mut put = |line: usize, first: __m512, second: __m512| {
        // SAFETY: a part has so many tiles and lines.
        let write = |part: &mut MaybeUninit<Part>, first: __m512i, second: __m512i| unsafe {
            let pairs = _mm512_or_si512(_mm512_srli_epi32::<16>(first), second);
            (&raw mut (*part.as_mut_ptr())[tile].0[line]).cast::<__m512i>().write(pairs);
        };
        if let [part] = to {
            return write(part, rounded(first), rounded(second));
        }
        let (first, second) = (parts(first), parts(second));
        to.iter_mut().zip(first).zip(second).for_each(|((part, first), second)| write(part, first, second));
    };
    if together == (side == Side::Left) {
        (0..SIDE).for_each(|line| put(line, first.line(line), second.line(line)));
    } else {
        let (first, second) = (turned(first.lines()), turned(second.lines()));
        (0..SIDE).for_each(|line| put(line, first[line], second[line]));
    }
}

const UPPER_HALF: i32 = 0xffff_0000u32 as i32;

/// Each number as a sum of three with 8 significant bits, which stand in the upper halves; the lower ones are 0. What is no
/// number stays none in the last part.
#[inline]
#[target_feature(enable = "avx512f")]
fn parts(x: __m512) -> [__m512i; MOST_PARTS] {
    let upper = _mm512_set1_epi32(UPPER_HALF);
    let half = _mm512_set1_epi32(0x8000);
    let rounded = |x: __m512| _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(x), half), upper);
    let first = rounded(x);
    let rest = _mm512_sub_ps(x, _mm512_castsi512_ps(first));
    let second = rounded(rest);
    let rest = _mm512_sub_ps(rest, _mm512_castsi512_ps(second));
    [first, second, _mm512_and_si512(_mm512_castps_si512(rest), upper)]
}

/// Each number as the nearest with 8 significant bits, of two the even one, in the upper half; the lower one is 0. What is no
/// number stays none.
#[inline]
#[target_feature(enable = "avx512f")]
fn rounded(x: __m512) -> __m512i {
    let bits = _mm512_castps_si512(x);
    let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
    let nearest = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    let none = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x, x);
    let kept = _mm512_mask_mov_epi32(nearest, none, _mm512_set1_epi32(0x7fc0_0000));
    _mm512_and_si512(kept, _mm512_set1_epi32(UPPER_HALF))
}

/// Up to 16 lines of up to 16 numbers each, which lie together in a line; beyond them there are zeros.
struct Block<'a> {
    numbers: &'a [f32],
    stride: usize,
    /// From a number to the one that the next step has in its place.
    next: usize,
    lines: usize,
    mask: u16,
}

impl<'a> Block<'a> {
    /// From a place of a matrix on, its lines along the axis whose numbers lie together.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn at(matrix: Matrix<'a>, [row, column]: [usize; 2]) -> Self {
        let Matrix { numbers, shape, strides } = matrix;
        let [height, width] = [shape[0].saturating_sub(row).min(SIDE), shape[1].saturating_sub(column).min(SIDE)];
        let (lines, length, stride) = match strides {
            [stride, 1] => (height, width, stride),
            [1, stride] => (width, height, stride),
            _ => panic!("a matrix in tiles has strides {strides:?}"),
        };
        if lines == 0 || length == 0 {
            return Self { numbers: &[], stride, next: 0, lines: 0, mask: 0 };
        }
        // Checked once for all lines.
        let numbers = &numbers[row * strides[0] + column * strides[1]..][..(lines - 1) * stride + length];
        Self { numbers, stride, next: DEPTH * strides[1], lines, mask: ((1u32 << length) - 1) as u16 }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn line(&self, line: usize) -> __m512 {
        if line >= self.lines {
            return _mm512_setzero_ps();
        }
        // SAFETY: there are so many lines, and the mask keeps what is read inside of them. Any address may be prefetched.
        unsafe {
            let from = self.numbers.as_ptr().add(line * self.stride);
            _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(self.next).cast());
            _mm512_maskz_loadu_ps(self.mask, from)
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn lines(&self) -> [__m512; SIDE] {
        let mut lines = [_mm512_setzero_ps(); SIDE];
        for (n, line) in lines.iter_mut().enumerate() {
            *line = self.line(n);
        }
        lines
    }
}

/// Rows as columns.
#[inline]
#[target_feature(enable = "avx512f")]
fn turned(x: [__m512; SIDE]) -> [__m512; SIDE] {
    let zero = [_mm512_setzero_ps(); SIDE];
    // In each quarter of a vector: 2 x 2 numbers, then 4 x 4.
    let (mut a, mut b) = (zero, zero);
    for i in 0..8 {
        a[2 * i] = _mm512_unpacklo_ps(x[2 * i], x[2 * i + 1]);
        a[2 * i + 1] = _mm512_unpackhi_ps(x[2 * i], x[2 * i + 1]);
    }
    for i in 0..4 {
        let pair = |n: usize| _mm512_castps_pd(a[4 * i + n]);
        b[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(pair(0), pair(2)));
        b[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(pair(0), pair(2)));
        b[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(pair(1), pair(3)));
        b[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(pair(1), pair(3)));
    }
    // Quarters: those of four vectors that belong to one.
    let mut to = zero;
    for i in 0..4 {
        let even = _mm512_shuffle_f32x4::<0x88>(b[i], b[4 + i]);
        let odd = _mm512_shuffle_f32x4::<0xdd>(b[i], b[4 + i]);
        let even_above = _mm512_shuffle_f32x4::<0x88>(b[8 + i], b[12 + i]);
        let odd_above = _mm512_shuffle_f32x4::<0xdd>(b[8 + i], b[12 + i]);
        to[i] = _mm512_shuffle_f32x4::<0x88>(even, even_above);
        to[4 + i] = _mm512_shuffle_f32x4::<0x88>(odd, odd_above);
        to[8 + i] = _mm512_shuffle_f32x4::<0xdd>(even, even_above);
        to[12 + i] = _mm512_shuffle_f32x4::<0xdd>(odd, odd_above);
    }
    to
}
