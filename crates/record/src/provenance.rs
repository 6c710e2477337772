//! `provenance.json`: where a run's numbers come from.

use crate::{Origin, RunFolder, read_own};
use samples::Domain;
use serde::{Deserialize, Serialize};

/// What one needs to know to get the same numbers again. None of it is part of the run's identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of this program.
    pub version: String,
    /// Git commit of the repository that the sweep was started in, if any.
    pub git_commit: Option<String>,
    /// Whether that repository had uncommitted changes.
    pub git_dirty: Option<bool>,
    /// Operating system, e.g. `linux`.
    pub os: String,
    /// Machine name.
    pub host: String,
    /// Device of the last attempt.
    pub device: String,
    /// CUDA_VISIBLE_DEVICES of the last attempt, as its node or its sweep gave it: indices or UUIDs of GPUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_devices: Option<String>,
    /// CPU threads of the last attempt.
    pub threads: usize,
    /// Backend, processor family and SIMD level: runs of one class agree bit for bit.
    pub numeric_class: String,
    /// Whether the device was not compared with the CPU before: then its numbers mean nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
    /// SIMD extensions of the processor that the backend can use.
    pub cpu_features: Vec<String>,
    /// Digest of the run's identity: that of the configuration beside this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Digest of what its weights follow from, the number of its steps apart: those of runs with the same one are the same as
    /// far as both go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trajectory: Option<String>,
    /// The run whose steps it began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
    /// Name of the data set.
    pub data: String,
    /// Digest of its contents.
    pub data_fingerprint: String,
    /// Of data of one's own: samples, classes, sizes, and what was passed over, as `runner data show --format json` has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_found: Option<serde_json::Value>,
    /// Formats and classes of its samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// What its classes are called; empty where it has none, or they are called 0, 1 ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_names: Vec<String>,
    /// Names of the classes by column of the grids, where classes take turns there and have names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column_classes: Vec<String>,
    /// In place of the domain in records of version 0.1.0: channels, height and width, of points `[2, 1, 1]`.
    #[serde(default, skip_serializing)]
    pub image_shape: Option<[usize; 3]>,
    /// Beside the shape in such records: number of classes, if the data set is labelled.
    #[serde(default, skip_serializing)]
    pub classes: Option<usize>,
}

impl Provenance {
    /// That of a run's folder, if it is there and whole.
    pub fn of(folder: &RunFolder) -> Option<Self> {
        serde_json::from_slice(&read_own(&folder.provenance()).ok()?).ok()
    }
}
