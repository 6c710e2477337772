//! `plan.json`: every run of a sweep, frozen before the first one starts.

use crate::format::{FIRST_FORMAT, is_read};
use crate::own_file::read_own;
use crate::{FORMAT_VERSION, Identity, SweepFolder, write_atomic};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io;
use std::path::PathBuf;

/// A sweep's runs, in the order of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`FORMAT_VERSION`] of the writer.
    pub format: u32,
    /// The sweep's name.
    pub sweep: String,
    /// What the sweep asks, for the top of the report.
    #[serde(default)]
    pub description: String,
    /// The experiment file, as it was named.
    pub experiment: String,
    /// Settings of the environment over the file, as `RUNNER_TRAIN__STEPS=100`.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Settings of the command line over the file, as `train.steps=100`.
    #[serde(default)]
    pub sets: Vec<String>,
    /// Digest of the experiment file and all that it extends.
    pub experiment_digest: String,
    /// Unix time of the first freeze, seconds.
    pub created: f64,
    /// Ids of runs that are in no experiment file: `runner extend` added them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended: Vec<String>,
    /// The runs.
    pub runs: Vec<PlannedRun>,
}

/// One run of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedRun {
    /// Slug and hash; names the run's folder.
    pub id: String,
    /// 32 hexadecimal digits over all that changes its numbers; absent in plans of version 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The replicate's seed.
    pub seed: u64,
    /// What the sweep set for this run: key as written in the file, value. Without the seed.
    pub overrides: Map<String, Value>,
    /// Generator updates to do.
    pub steps: u64,
    /// The resolved run configuration.
    pub config: Value,
}

impl PlannedRun {
    /// Which run it is, if the plan says so.
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity { id: self.id.clone(), digest: self.digest.clone()? })
    }
}

/// What can be read of a plan of any format.
#[derive(Deserialize)]
struct AnyFormat {
    format: Value,
}

/// Why there is no plan to be had.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No such file.
    #[error("no plan in {}: not a sweep's folder", folder.display())]
    Missing {
        /// The sweep's folder.
        folder: PathBuf,
    },
    /// Not readable.
    #[error("cannot read {}", path.display())]
    Io {
        /// The plan.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not a plan.
    #[error("{} is damaged, and `runner sweep` writes it anew", path.display())]
    Damaged {
        /// The plan.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error(
        "{} has record format {found}, and this version reads {FIRST_FORMAT} to {FORMAT_VERSION}: use a later one",
        path.display()
    )]
    Format {
        /// The plan.
        path: PathBuf,
        /// Its format, as it stands there.
        found: String,
    },
}

impl Plan {
    /// Reads the plan of a sweep.
    pub fn read(folder: &SweepFolder) -> Result<Self, PlanError> {
        let path = folder.plan();
        let bytes = match read_own(&path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(PlanError::Missing { folder: folder.path().to_owned() });
            }
            Err(source) => return Err(PlanError::Io { path, source }),
        };
        let damaged = |source| PlanError::Damaged { path: path.clone(), source };
        // First of all: what else another format has is not known.
        let AnyFormat { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if !serde_json::from_value(format.clone()).is_ok_and(is_read) {
            return Err(PlanError::Format { path, found: format.to_string() });
        }
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// All but its runs.
    pub fn without_runs(&self) -> Self {
        Self {
            format: self.format,
            sweep: self.sweep.clone(),
            description: self.description.clone(),
            experiment: self.experiment.clone(),
            environment: self.environment.clone(),
            sets: self.sets.clone(),
            experiment_digest: self.experiment_digest.clone(),
            created: self.created,
            extended: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Freezes the plan: replaces an older one in one step.
    pub fn write(&self, folder: &SweepFolder) -> io::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        write_atomic(&folder.plan(), &bytes)
    }
}
