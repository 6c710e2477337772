//! Reports of sweeps that are made up through `record`'s own writers.
#![allow(clippy::unwrap_used)]

mod fixture;
mod folder;
mod live;
mod media;
mod page;
mod rows;
mod tensorboard;
