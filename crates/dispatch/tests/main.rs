//! The crate from outside, with real processes for workers.
#![allow(clippy::unwrap_used)]

mod common;

mod contract;
mod dispatcher;
