//! The crate from outside, with real processes for workers.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod common;

mod contract;
mod dispatcher;
