//! Reports of sweeps that are made up through `record`'s own writers.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod edits;
mod fixture;
mod folder;
mod live;
mod media;
mod page;
mod place;
mod rows;
mod tensorboard;
