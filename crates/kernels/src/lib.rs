//! The arithmetic of training on the CPU: plain slices in, plain slices out. No tensor library's type, no network.
//!
//! Results have the same bits for any number of threads and for any instruction set that [`simd`] picks: work is cut by
//! shape alone, and sums run in a fixed order. Matrix products come from the `gemm` crate, whose bits follow the
//! processor's instruction set.

mod simd;
