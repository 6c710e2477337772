//! The manifest of a checkpoint: which files it has, and of which task they are.

use super::{CheckpointError, WINDOW};
use crate::window::Sums;
use burn::tensor::Bytes;
use record::{Identity, Numerics, RunFolder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub(super) const MANIFEST: &str = "manifest.json";
/// Format of manifests and of the files that they list.
pub(super) const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u32,
    /// Of the program that wrote it; empty in those of version 0.1.0.
    #[serde(default)]
    pub version: String,
    pub step: u64,
    /// Of which run it is; absent in those of version 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Identity>,
    /// Of which run it was before, if this one took it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Identity>,
    #[serde(flatten)]
    pub networks: NetworkNames,
    /// As [`State::numerics`](crate::state::State::numerics); empty in those of version 0.1.0.
    #[serde(default)]
    pub numerics: Vec<Numerics>,
    pub files: BTreeMap<String, Entry>,
}

/// What can be read of a manifest of any format.
#[derive(Deserialize)]
struct Writer {
    format: serde_json::Value,
    #[serde(default)]
    version: Option<String>,
}

/// Of which networks a checkpoint is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct NetworkNames {
    /// The task's name.
    pub task: String,
    /// Names of its phases, in their order.
    pub phases: Vec<String>,
}

/// Those of the first format, which names none.
impl Default for NetworkNames {
    fn default() -> Self {
        Self { task: "generation".to_owned(), phases: ["discriminator", "generator"].map(str::to_owned).into() }
    }
}

impl fmt::Display for NetworkNames {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "`{}` with the phases {}", self.task, self.phases.join(", "))
    }
}

#[derive(Serialize, Deserialize, PartialEq)]
pub(super) struct Entry {
    bytes: u64,
    blake3: String,
}

impl Entry {
    pub(crate) fn of(bytes: impl Read) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(bytes)?;
        Ok(Self { bytes: hasher.count(), blake3: hasher.finalize().to_hex().to_string() })
    }
}

/// Reads all files of a run's checkpoint and compares them with its manifest.
///
/// # Errors
/// One is missing or not what was written, or it is a checkpoint of another run.
pub fn check_checkpoint(folder: &RunFolder, step: u64) -> Result<(), CheckpointError> {
    let files = Files::open(folder, step)?;
    files.manifest.files.keys().try_for_each(|name| {
        let path = files.folder.join(name);
        let found = files::open(&path).and_then(|(file, _)| Entry::of(file));
        files.compare(name, found.map_err(|source| CheckpointError::Io { path, source })?)
    })
}

/// The step of a run's newest checkpoint, and what has trained it last; `None` without one, and where it does not say.
pub fn trained_by(folder: &RunFolder) -> Option<(u64, Numerics)> {
    let mut manifests = folder.checkpoint_steps().into_iter().filter_map(|step| Files::open(folder, step).ok());
    let Manifest { step, mut numerics, .. } = manifests.next()?.manifest;
    Some((step, numerics.pop()?))
}

/// The files of a checkpoint, checked against its manifest as they are read.
pub(super) struct Files {
    pub folder: PathBuf,
    pub manifest: Manifest,
}

impl Files {
    pub(crate) fn open(run: &RunFolder, step: u64) -> Result<Self, CheckpointError> {
        let folder = run.checkpoint(step);
        let path = folder.join(MANIFEST);
        let bytes = bytes(&path)?;
        let damaged = |what| CheckpointError::Damaged { path: path.clone(), what };
        let parse = |error: serde_json::Error| damaged(error.to_string());
        let Writer { format, version } = serde_json::from_slice(&bytes).map_err(parse)?;
        if format != FORMAT {
            return Err(CheckpointError::Format { path, found: format.to_string(), version });
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(parse)?;
        if manifest.step != step {
            return Err(damaged(format!("is of step {}", manifest.step)));
        }
        let io = |source| CheckpointError::Io { path: run.path().to_owned(), source };
        let expected = Identity::of_folder(run).map_err(io)?;
        Identity::check(manifest.run.as_ref(), expected.as_ref(), &path)?;
        Ok(Self { folder, manifest })
    }

    pub(crate) fn read(&self, name: &str) -> Result<Bytes, CheckpointError> {
        let bytes = bytes(&self.folder.join(name))?;
        self.compare(name, Entry::of(&bytes[..]).expect("memory can be read"))?;
        Ok(Bytes::from_bytes_vec(bytes))
    }

    /// Of the window that the run was stopped in; none where its losses were recorded, and in those of version 0.1.0.
    pub(crate) fn sums(&self) -> Result<Sums, CheckpointError> {
        if !self.manifest.files.contains_key(WINDOW) {
            return Ok(Sums::default());
        }
        let damaged = |error: serde_json::Error| CheckpointError::Damaged {
            path: self.folder.join(WINDOW),
            what: error.to_string(),
        };
        serde_json::from_slice(&self.read(WINDOW)?).map_err(damaged)
    }

    fn compare(&self, name: &str, found: Entry) -> Result<(), CheckpointError> {
        if self.manifest.files.get(name) != Some(&found) {
            let what = "is not the file that was written".to_owned();
            return Err(CheckpointError::Damaged { path: self.folder.join(name), what });
        }
        Ok(())
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    record::read_own(path).map_err(|source| CheckpointError::Io { path: path.to_owned(), source })
}
