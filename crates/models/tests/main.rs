//! What the networks promise, a topic a file: `cargo test -p models penalties::` runs one.
//!
//! One executable, so that Burn is linked once.
#![allow(clippy::unwrap_used)]

mod architectures;
#[cfg(feature = "ndarray")]
mod backends;
mod common;
mod conditioning;
mod initialization;
mod losses;
mod packing;
mod penalties;
mod presets;
