//! What tests of all crates share: skips that CI lists, seeds that can be set.

mod seed;
mod skip;

pub use seed::{SEED, seed};
pub use skip::skip;
