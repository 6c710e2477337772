//! Matrix products.
//!
//! The one `unsafe` here calls the `gemm` crate, which takes pointers and strides; bounds are checked right before.

use crate::fresh::Unset;
use gemm::Parallelism;
use std::sync::Once;

/// A matrix within a slice.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    numbers: &'a [f32],
    shape: [usize; 2],
    /// From one row to the next, and from one column to the next.
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Row after row.
    pub fn new(numbers: &'a [f32], shape: [usize; 2]) -> Self {
        Self::strided(numbers, shape, [shape[1], 1])
    }

    /// With so many numbers from one row to the next and from one column to the next.
    pub fn strided(numbers: &'a [f32], shape: [usize; 2], strides: [usize; 2]) -> Self {
        let last = |axis: usize| shape[axis].saturating_sub(1) * strides[axis];
        let inside = shape.contains(&0) || last(0) + last(1) < numbers.len();
        assert!(inside, "a {shape:?} matrix with strides {strides:?} in {} numbers", numbers.len());
        Self { numbers, shape, strides }
    }

    /// Rows as columns.
    pub fn transposed(self) -> Self {
        let Self { numbers, shape: [rows, columns], strides: [row, column] } = self;
        Self { numbers, shape: [columns, rows], strides: [column, row] }
    }
}

/// What becomes of a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Into {
    /// The result.
    Set,
    /// Added to the result.
    Add,
    /// Taken from the result.
    Subtract,
}

/// out = a b, out + a b or out - a b; row after row. On this thread alone.
#[allow(unsafe_code)]
pub(crate) fn product(out: &mut [f32], a: Matrix, b: Matrix, into: Into) {
    check(out.len(), a, b);
    // SAFETY: `out` has as many numbers as the product.
    unsafe { multiply(out.as_mut_ptr(), a, b, into) }
}

/// a b, row after row. On this thread alone.
#[allow(unsafe_code)]
pub(crate) fn fresh_product<'a>(mut out: Unset<'a>, a: Matrix, b: Matrix) -> &'a mut [f32] {
    check(out.len(), a, b);
    if a.shape[1] == 0 {
        return out.zeros();
    }
    // SAFETY: `out` has as many numbers as the product, which sets all of them and reads none.
    unsafe {
        multiply(out.as_mut_ptr(), a, b, Into::Set);
        out.written()
    }
}

fn check(out: usize, a: Matrix, b: Matrix) {
    let ([rows, depth], [also_depth, columns]) = (a.shape, b.shape);
    assert_eq!(depth, also_depth, "inner sizes of a product");
    assert_eq!(out, rows * columns, "size of a product");
}

/// # Safety
/// `out` has room for the numbers of the product; unless the product is set, they have been written.
#[allow(unsafe_code)]
unsafe fn multiply(out: *mut f32, a: Matrix, b: Matrix, into: Into) {
    /// The crate packs the side that runs over the batch for each product, although it lies together already; this is as late
    /// as it can be told to begin with that.
    const PACK_FROM: usize = 256;
    static TOLD: Once = Once::new();
    TOLD.call_once(|| gemm::set_lhs_packing_threshold_single_thread(PACK_FROM));

    let ([rows, depth], [_, columns]) = (a.shape, b.shape);
    let stride = |stride: usize| stride as isize;
    // SAFETY: `Matrix` checked that its elements are inside of its slice.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            depth,
            out,
            1,
            stride(columns),
            into != Into::Set,
            a.numbers.as_ptr(),
            stride(a.strides[1]),
            stride(a.strides[0]),
            b.numbers.as_ptr(),
            stride(b.strides[1]),
            stride(b.strides[0]),
            1.0,
            if into == Into::Subtract { -1.0 } else { 1.0 },
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fresh::in_chunks;

    #[test]
    fn products_by_hand() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, 2.0, 1.0, 0.0, -1.0]);
        let (a, b) = (Matrix::new(&a, [2, 3]), Matrix::new(&b, [3, 2]));
        let mut out = [10.0; 4];
        product(&mut out, a, b, Into::Set);
        assert_eq!(out, [5.0, -1.0, 14.0, -1.0]);
        assert_eq!(in_chunks(4, 4, |_, out| fresh_product(out, a, b)), out);
        product(&mut out, a, b, Into::Add);
        assert_eq!(out, [10.0, -2.0, 28.0, -2.0]);
        product(&mut out, a, b, Into::Subtract);
        assert_eq!(out, [5.0, -1.0, 14.0, -1.0]);
        product(&mut out, b.transposed(), a.transposed(), Into::Set);
        assert_eq!(out, [5.0, 14.0, -1.0, -1.0]);
    }

    #[test]
    #[should_panic(expected = "a [2, 3] matrix")]
    fn a_matrix_is_inside_of_its_slice() {
        Matrix::strided(&[0.0; 5], [2, 3], [3, 1]);
    }
}
