//! What tests of all crates share: skips that CI lists, seeds that can be set, mutations of bytes.

mod mutate;
mod seed;
mod skip;

pub use mutate::Mutator;
pub use seed::{SEED, seed};
pub use skip::skip;
