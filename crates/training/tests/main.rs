//! What a run promises, a topic a file: `cargo test -p training stop::` runs one.
//!
//! One executable, so that Burn is linked once.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod common;
mod evaluate;
mod gpu;
mod numerics;
mod old_checkpoint;
mod recorded;
mod run;
mod stop;
mod translating;
mod translation;
