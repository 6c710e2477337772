//! What tests of all crates share: skips that CI lists, seeds that can be set, mutations of bytes, a cluster with Slurm.

mod cluster;
mod mutate;
mod seed;
mod skip;

pub use cluster::Cluster;
pub use mutate::Mutator;
pub use seed::{SEED, seed};
pub use skip::skip;
