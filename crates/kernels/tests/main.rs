//! The kernels against sums written out in double precision, a topic a file: `cargo test -p kernels layers::` runs one.
//!
//! One executable, so that it is linked once.

mod batch_norm;
mod instance_norm;
mod layers;
