//! Factors as tiles hold them: the parts of numbers, in pairs along the depth.

use super::super::Matrix;
use super::{DEPTH, MAX_PARTS, Part, SIDE, Side};
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

/// One of the two tiles of the step that begins at a place of a matrix whose columns are the depth. Beyond the matrix there
/// are zeros.
///
/// A pair of the left side is two numbers of a row, 16 apart; of the right side, two of a column.
#[target_feature(enable = "avx512f")]
pub(crate) fn fill(to: &mut [MaybeUninit<Part>], tile: usize, matrix: Matrix, [row, column]: [usize; 2], side: Side) {
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
fn parts(x: __m512) -> [__m512i; MAX_PARTS] {
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
