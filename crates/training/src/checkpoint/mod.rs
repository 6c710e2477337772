//! Checkpoints: complete or absent, checksummed, and passed over when damaged.
//!
//! A checkpoint is a folder of burnpack files and a manifest of their digests: the task's networks, the moving average of
//! those that make samples, an optimizer for each phase, and the sums of losses that are yet to be recorded. The last checkpoint of a
//! run may do without the optimizers, which are more than half of the bytes: then no longer run goes on from it. It is written under a
//! temporary name, synced, and renamed.

mod inherit;
mod manifest;
mod restore;
mod save;

pub use inherit::{holds_optimizers, inherit_checkpoint};
pub use manifest::{check_checkpoint, trained_by};
pub(crate) use restore::{Restored, load_average, restore_average, restore_networks};

use burn::store::RecordError;
use manifest::NetworkNames;
use record::Foreign;
use std::io;
use std::path::PathBuf;

/// The module of the task: its networks and its state.
const NETWORKS: &str = "gan.bpk";
const AVERAGE: &str = "average.bpk";

/// Where the run was stopped between two records of its losses.
const WINDOW: &str = "window.json";

fn optimizer_file(phase: &str) -> String {
    format!("{phase}-optimizer.bpk")
}

/// Why a checkpoint was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file or folder cannot be written or read.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what its manifest says.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// It has the checkpoint format of another version.
    #[error(
        "{} has checkpoint format {found}, and this version reads {}: use version {}",
        path.display(), manifest::FORMAT, version.as_deref().unwrap_or("of the program that wrote it")
    )]
    Format {
        /// Its manifest.
        path: PathBuf,
        /// Its format.
        found: String,
        /// Of the program that wrote it.
        version: Option<String>,
    },
    /// It is of another run.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// Weights or optimizer state do not fit the networks of the configuration.
    #[error("checkpoint of step {step}")]
    Record {
        /// Its step.
        step: u64,
        /// Why.
        source: RecordError,
    },
    /// It is of another task than the configuration's.
    #[error("checkpoint of step {step}: is of {found}, not of {expected}")]
    Task {
        /// Its step.
        step: u64,
        /// The checkpoint's task.
        found: String,
        /// The configuration's task.
        expected: String,
    },
}
