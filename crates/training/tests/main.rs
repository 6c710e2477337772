//! What a run promises, a topic a file: `cargo test -p training stop::` runs one.
//!
//! One executable, so that Burn is linked once.
#![allow(clippy::unwrap_used)]

mod common;
mod evaluate;
mod old_checkpoint;
mod recorded;
mod run;
mod stop;
mod translation;
