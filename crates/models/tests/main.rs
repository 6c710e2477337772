//! What the networks promise, a topic a file: `cargo test -p models penalties::` runs one.
//!
//! One executable, so that Burn is linked once.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod architectures;
mod averages;
#[cfg(feature = "ndarray")]
mod backends;
mod common;
mod conditioning;
mod initialization;
mod losses;
mod packing;
mod penalties;
mod presets;
mod sounds;
mod styles;
mod translating;
mod videos;
