//! Matrix products: by the `gemm` crate, or in [`tiles`] where the processor has them.
//!
//! The one `unsafe` here calls `gemm`, which takes pointers and strides; bounds are checked right before.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod tiles;
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[path = "no_tiles.rs"]
mod tiles;

use crate::fresh::Unset;
use crate::transpose::transposed_from;
use gemm::Parallelism;
use std::cell::Cell;
use std::sync::Once;
use tiles::Tiles;

pub use tiles::available as has_tiles;

/// Set to `off` in the environment, it leaves tiles alone, for the bits of a machine that has none.
pub const TILES_SWITCH: &str = "RUNNER_AMX";

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
    pub(crate) fn new(numbers: &'a [f32], shape: [usize; 2]) -> Self {
        Self::strided(numbers, shape, [shape[1], 1])
    }

    /// With so many numbers from one row to the next and from one column to the next.
    pub(crate) fn strided(numbers: &'a [f32], shape: [usize; 2], strides: [usize; 2]) -> Self {
        let last = |axis: usize| shape[axis].saturating_sub(1) * strides[axis];
        let inside = shape.contains(&0) || last(0) + last(1) < numbers.len();
        assert!(inside, "a {shape:?} matrix with strides {strides:?} in {} numbers", numbers.len());
        Self { numbers, shape, strides }
    }

    /// Rows as columns.
    pub(crate) fn transposed(self) -> Self {
        let Self { numbers, shape: [rows, columns], strides: [row, column] } = self;
        Self { numbers, shape: [columns, rows], strides: [column, row] }
    }
}

/// What the numbers of a product are rounded to before they are multiplied. Sums are of single precision always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// To nothing: single precision.
    #[default]
    F32,
    /// To 8 significant bits, where products are made [in tiles](has_tiles); a sixth of the work.
    Bf16,
}

thread_local! {
    static PRECISION: Cell<Precision> = const { Cell::new(Precision::F32) };
}

/// What `f` does, with layers of this precision; those that it runs on this thread, whichever threads share in their work.
pub fn with_precision<T>(precision: Precision, f: impl FnOnce() -> T) -> T {
    struct Back(Precision);
    impl Drop for Back {
        fn drop(&mut self) {
            PRECISION.set(self.0);
        }
    }
    let _back = Back(PRECISION.replace(precision));
    f()
}

/// A tile that is mostly empty takes as long as a full one.
const LEAST: usize = 16;

/// Numbers of a row that lie as far apart as this are copied together first: each would be in a page of its own.
const FAR: usize = 1024;

/// Products of one size, in the form that is fastest for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Products {
    columns: usize,
    /// In tiles, of this precision.
    tiles: Option<Precision>,
}

/// A matrix as one side of products: made ready once for all of them.
pub(crate) struct Side<'a> {
    form: Form<'a>,
    negative: bool,
}

enum Form<'a> {
    Matrix(Matrix<'a>),
    Copy { numbers: Vec<f32>, shape: [usize; 2], strides: [usize; 2] },
    Tiles(Tiles),
}

impl Products {
    /// Of `[rows][depth]` by `[depth][columns]`, or of some of these rows. Asks for this thread's precision.
    pub(crate) fn of([rows, depth, columns]: [usize; 3]) -> Self {
        let in_tiles = has_tiles() && [rows, depth, columns].into_iter().all(|size| size >= LEAST);
        Self { columns, tiles: in_tiles.then(|| PRECISION.get()) }
    }

    /// With so many columns, never in tiles: where a side would be made ready for one small product.
    pub(crate) fn plain(columns: usize) -> Self {
        Self { columns, tiles: None }
    }

    /// Whether they are made in tiles.
    pub(crate) fn is_in_tiles(&self) -> bool {
        self.tiles.is_some()
    }

    pub(crate) fn left<'a>(&self, matrix: Matrix<'a>) -> Side<'a> {
        let form = match (self.tiles, matrix.strides) {
            (Some(precision), _) => Form::Tiles(Tiles::left(matrix, precision)),
            (None, [1, stride]) if stride >= FAR => matrix.compact(),
            _ => Form::Matrix(matrix),
        };
        Side { form, negative: false }
    }

    pub(crate) fn right<'a>(&self, matrix: Matrix<'a>) -> Side<'a> {
        let form = match (self.tiles, matrix.strides) {
            (Some(precision), _) => Form::Tiles(Tiles::right(matrix, precision)),
            (None, [_, 1]) => Form::Matrix(matrix),
            _ => matrix.in_rows(),
        };
        Side { form, negative: false }
    }

    /// The product of a matrix that is used this once and a right side, row after row. On this thread alone.
    pub(crate) fn once<'o>(&self, out: Unset<'o>, left: Matrix, right: &Side) -> &'o mut [f32] {
        if self.tiles.is_some() {
            return tiles::once(out, left, right.tiles());
        }
        self.sum(out, &[[&self.left(left), right]])
    }

    /// The sum of products of a left and a right side each, row after row; no products sum to 0. On this thread alone.
    #[expect(unsafe_code, reason = "the multiplication writes through pointers")]
    pub(crate) fn sum<'o>(&self, mut out: Unset<'o>, products: &[[&Side; 2]]) -> &'o mut [f32] {
        if self.tiles.is_some() {
            let tiles: Vec<_> = products.iter().map(|sides| sides.map(Side::tiles)).collect();
            return tiles::sum(out, self.columns, &tiles);
        }
        let mut nothing = true;
        for [left, right] in products {
            let (a, b) = (left.matrix(), right.matrix());
            check(out.len(), a, b);
            if a.shape[1] > 0 {
                let sign = if left.negative == right.negative { 1.0 } else { -1.0 };
                // SAFETY: `out` has as many numbers as the product; the first one sets all of them.
                unsafe { multiply(out.as_mut_ptr(), a, b, sign, !nothing) };
                nothing = false;
            }
        }
        if nothing {
            return out.zeros();
        }
        // SAFETY: the first product has set all numbers.
        unsafe { out.written() }
    }
}

impl<'a> Matrix<'a> {
    /// A copy whose columns lie one behind the other; in the matrix they do not, but are without gaps.
    fn compact(self) -> Form<'a> {
        let [rows, columns] = self.shape;
        let mut numbers = Vec::with_capacity(rows * columns);
        (0..columns).for_each(|column| numbers.extend_from_slice(&self.numbers[column * self.strides[1]..][..rows]));
        Form::Copy { numbers, shape: self.shape, strides: [1, rows] }
    }

    /// A copy whose rows lie one behind the other; in the matrix the columns are without gaps.
    fn in_rows(self) -> Form<'a> {
        let [rows, columns] = self.shape;
        let numbers = transposed_from(self.numbers, [columns, rows], self.strides[1]);
        Form::Copy { numbers, shape: self.shape, strides: [columns, 1] }
    }
}

impl Side<'_> {
    /// With the signs of all numbers turned.
    pub(crate) fn negative(&self) -> Side<'_> {
        match &self.form {
            Form::Tiles(tiles) => Side { form: Form::Tiles(tiles.negative()), negative: false },
            _ => Side { form: Form::Matrix(self.matrix()), negative: !self.negative },
        }
    }

    fn matrix(&self) -> Matrix<'_> {
        match &self.form {
            Form::Matrix(matrix) => *matrix,
            Form::Copy { numbers, shape, strides } => Matrix::strided(numbers, *shape, *strides),
            Form::Tiles(_) => unreachable!("sides of products of one size have one form"),
        }
    }

    fn tiles(&self) -> &Tiles {
        match &self.form {
            Form::Tiles(tiles) => tiles,
            _ => unreachable!("sides of products of one size have one form"),
        }
    }
}

/// out = a b, or out + a b; row after row. On this thread alone, and never in tiles: for small matrices.
#[expect(unsafe_code, reason = "the multiplication writes through pointers")]
pub(crate) fn product(out: &mut [f32], a: Matrix, b: Matrix, add: bool) {
    check(out.len(), a, b);
    // SAFETY: `out` has as many numbers as the product.
    unsafe { multiply(out.as_mut_ptr(), a, b, 1.0, add) }
}

fn check(out: usize, a: Matrix, b: Matrix) {
    let ([rows, depth], [also_depth, columns]) = (a.shape, b.shape);
    assert_eq!(depth, also_depth, "inner sizes of a product");
    assert_eq!(out, rows * columns, "size of a product");
}

/// out = sign a b, or out + sign a b.
///
/// # Safety
/// `out` has room for the numbers of the product; where it is added to, they have been written.
#[expect(unsafe_code, reason = "the multiplication writes through pointers")]
unsafe fn multiply(out: *mut f32, a: Matrix, b: Matrix, sign: f32, add: bool) {
    /// Rows from which gemm packs the side that runs over the batch, which is contiguous already: the highest limit that it takes.
    const PACK_FROM: usize = 256;
    static THRESHOLD: Once = Once::new();
    THRESHOLD.call_once(|| gemm::set_lhs_packing_threshold_single_thread(PACK_FROM));

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
            add,
            a.numbers.as_ptr(),
            stride(a.strides[1]),
            stride(a.strides[0]),
            b.numbers.as_ptr(),
            stride(b.strides[1]),
            stride(b.strides[0]),
            1.0,
            sign,
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

    /// Numbers in (-1, 1) that look random.
    fn can_test_tiles() -> bool {
        if !has_tiles() {
            testing::skip("amx", "this processor has no tiles");
        }
        has_tiles()
    }

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn sum(products: Products, rows: usize, terms: &[[&Side; 2]]) -> Vec<f32> {
        in_chunks(rows * products.columns, rows * products.columns, |_, out| products.sum(out, terms))
    }

    #[test]
    fn products_by_hand() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, 2.0, 1.0, 0.0, -1.0]);
        let (a, b) = (Matrix::new(&a, [2, 3]), Matrix::new(&b, [3, 2]));
        let mut out = [10.0; 4];
        product(&mut out, a, b, false);
        assert_eq!(out, [5.0, -1.0, 14.0, -1.0]);
        product(&mut out, a, b, true);
        assert_eq!(out, [10.0, -2.0, 28.0, -2.0]);
        let products = Products::of([2, 3, 2]);
        let (left, right) = (products.left(a), products.right(b));
        let (minus_left, minus_right) = (left.negative(), right.negative());
        let minus_minus = minus_left.negative();
        assert_eq!(sum(products, 2, &[[&left, &right]]), [5.0, -1.0, 14.0, -1.0]);
        assert_eq!(sum(products, 2, &[[&left, &minus_right]; 2]), [-10.0, 2.0, -28.0, 2.0]);
        assert_eq!(sum(products, 2, &[[&minus_minus, &right], [&minus_left, &right]]), [0.0; 4]);
        let (left, right) = (products.left(b.transposed()), products.right(a.transposed()));
        assert_eq!(sum(products, 2, &[[&left, &right]]), [5.0, 14.0, -1.0, -1.0]);
        assert_eq!(sum(products, 2, &[]), [0.0; 4]);
    }

    /// Numbers of a matrix, its shape and its strides, between others.
    struct Lying(Vec<f32>, [usize; 2], [usize; 2]);

    impl Lying {
        fn new([rows, columns]: [usize; 2], turned: bool, seed: u32) -> Self {
            let (lines, length) = if turned { (columns, rows) } else { (rows, columns) };
            let stride = length + 3;
            Self(numbers(lines * stride, seed), [rows, columns], if turned { [1, stride] } else { [stride, 1] })
        }

        fn matrix(&self) -> Matrix<'_> {
            Matrix::strided(&self.0, self.1, self.2)
        }

        fn at(&self, row: usize, column: usize) -> f64 {
            f64::from(self.0[row * self.2[0] + column * self.2[1]])
        }
    }

    /// However sides lie, against sums in double precision: products in tiles are as exact as others.
    #[test]
    fn both_forms_are_exact() {
        let sizes = [[1, 1, 1], [3, 40, 2], [16, 16, 16], [17, 33, 31], [40, 16, 100], [100, 70, 16], [64, 600, 48]];
        for [rows, depth, columns] in sizes {
            for [left, right] in [[false, false], [true, false], [false, true], [true, true]] {
                let a = [1, 2].map(|seed| Lying::new([rows, depth], left, seed));
                let b = [3, 4].map(|seed| Lying::new([depth, columns], right, seed));
                let term = |n: usize, i, j| (0..depth).map(|k| a[n].at(i, k) * b[n].at(k, j)).sum::<f64>();
                let at = |place: usize| (place / columns, place % columns);
                let exact: Vec<f64> = (0..rows * columns).map(at).map(|(i, j)| term(0, i, j) - term(1, i, j)).collect();
                for tiles in [None, can_test_tiles().then_some(Precision::F32)] {
                    let products = Products { columns, tiles };
                    let lefts = a.each_ref().map(|side| products.left(side.matrix()));
                    let rights = b.each_ref().map(|side| products.right(side.matrix()));
                    let minus = rights[1].negative();
                    let found = sum(products, rows, &[[&lefts[0], &rights[0]], [&lefts[1], &minus]]);
                    let size = ((rows * depth * columns) as f64).sqrt();
                    let apart = exact.iter().zip(&found).map(|(e, f)| (e - f64::from(*f)).powi(2)).sum::<f64>().sqrt();
                    let what = format!("{rows} x {depth} x {columns}, tiles {tiles:?}");
                    assert!(apart <= 3e-7 * size, "{what}: {:e}", apart / size);
                    let once =
                        in_chunks(rows * columns, rows * columns, |_, o| products.once(o, a[0].matrix(), &rights[0]));
                    assert_eq!(once, sum(products, rows, &[[&lefts[0], &rights[0]]]), "{what}, once");
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_not_lost_in_tiles() {
        if !can_test_tiles() {
            return;
        }
        for precision in [Precision::F32, Precision::Bf16] {
            let odd = [f32::NAN, -f32::NAN, f32::from_bits(0x7fff_ffff), f32::from_bits(0xff80_0001), f32::INFINITY];
            for odd in odd {
                let products = Products { columns: 32, tiles: Some(precision) };
                let (mut a, b) = (numbers(32 * 32, 1), numbers(32 * 32, 2));
                a[5 * 32 + 7] = odd;
                let (left, right) =
                    (products.left(Matrix::new(&a, [32, 32])), products.right(Matrix::new(&b, [32, 32])));
                let out = sum(products, 32, &[[&left, &right]]);
                assert!(out.iter().enumerate().all(|(place, x)| x.is_finite() == (place / 32 != 5)), "{odd}");
            }
        }
    }

    /// The nearest number of 8 significant bits, of two the even one.
    fn rounded(x: f32) -> f32 {
        let unit = 2f64.powi(f64::from(x).abs().log2().floor() as i32 - 7);
        ((f64::from(x) / unit).round_ties_even() * unit) as f32
    }

    #[test]
    fn bf16_is_the_product_of_rounded_numbers() {
        if !can_test_tiles() {
            return;
        }
        let (rows, depth, columns) = (40, 600, 48);
        let (mut a, b) = (numbers(rows * depth, 1), numbers(depth * columns, 2));
        a[..3].copy_from_slice(&[1.0 + 1.0 / 256.0, 1.0 + 3.0 / 256.0, -1.0 - 1.0 / 256.0]); // Halfway.
        assert_eq!(a[..3].iter().map(|x| rounded(*x)).collect::<Vec<_>>(), [1.0, 1.0 + 4.0 / 256.0, -1.0]);
        let [exact_a, exact_b] = [&a, &b].map(|side| side.iter().map(|x| rounded(*x)).collect::<Vec<_>>());
        let made = |precision, a: &[f32], b: &[f32]| {
            with_precision(precision, || {
                let products = Products::of([rows, depth, columns]);
                let (a, b) = (Matrix::new(a, [rows, depth]), products.right(Matrix::new(b, [depth, columns])));
                in_chunks(rows * columns, rows * columns, |_, out| products.once(out, a, &b))
            })
        };
        let found = made(Precision::Bf16, &a, &b);
        let exact = made(Precision::F32, &exact_a, &exact_b);
        assert!(exact.iter().zip(&found).all(|(e, f)| (e - f).abs() < 1e-4), "the products of rounded numbers");
        assert_ne!(found, made(Precision::F32, &a, &b));
        assert_eq!(PRECISION.get(), Precision::F32, "it is as before");
    }

    #[test]
    #[should_panic(expected = "a [2, 3] matrix")]
    fn a_matrix_is_inside_of_its_slice() {
        Matrix::strided(&[0.0; 5], [2, 3], [3, 1]);
    }
}
