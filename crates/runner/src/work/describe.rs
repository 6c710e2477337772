//! The files of a run that describe it: `config.yaml` and `provenance.json`.

use super::Place;
use crate::error::Error;
use crate::plan::config_file::config_file;
use crate::plan::identity;
use data::{Dataset, Description};
use record::{Origin, PlannedRun, Provenance, RunFolder};
use std::fs;
use std::path::Path;
use std::process::Command;
use training::RunConfig;

/// Writes both into the run's folder, which it makes.
pub(super) fn describe(
    planned: &PlannedRun,
    config: &RunConfig,
    folder: &RunFolder,
    dataset: &Dataset,
    place: Place,
    git: Option<&Git>,
) -> Result<(), Error> {
    fs::create_dir_all(folder.path()).map_err(Error::io(folder.path()))?;
    let write = |path: &Path, text: String| record::write_derived(path, text.as_bytes()).map_err(Error::io(path));
    write(&folder.config(), config_file(&planned.config))?;
    let Place { device, threads } = place;
    let provenance = Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: git.map(|git| git.commit.clone()),
        git_dirty: git.map(|git| git.dirty),
        os: std::env::consts::OS.to_owned(),
        host: record::host(),
        device: device.to_string(),
        visible_devices: std::env::var("CUDA_VISIBLE_DEVICES").ok(),
        threads,
        numeric_class: training::numeric_class(device),
        unchecked: training::is_unchecked(device),
        cpu_features: training::simd_features(),
        digest: planned.digest.clone(),
        trajectory: Some(identity::trajectory(config, dataset.fingerprint())),
        from: Origin::of_folder(folder).map_err(Error::record(folder.path()))?,
        data: dataset.name().to_owned(),
        data_fingerprint: dataset.fingerprint().to_owned(),
        domain: Some(dataset.domain()),
        data_found: dataset.held_out().and_then(|_| serde_json::to_value(Description::of(dataset)).ok()),
        class_names: dataset.named_classes().to_vec(),
        // Grids of such a model have a column for each class.
        column_classes: if config.model.conditioning.is_by_class() {
            dataset.named_classes().to_vec()
        } else {
            Vec::new()
        },
        image_shape: None,
        classes: None,
    };
    let provenance = serde_json::to_string_pretty(&provenance).expect("provenance is plain data");
    write(&folder.provenance(), provenance + "\n")
}

/// The repository that the sweep was started in.
pub(super) struct Git {
    commit: String,
    dirty: bool,
}

/// Asks git; `None` outside of a repository.
pub(super) fn git() -> Option<Git> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = ask(&["rev-parse", "HEAD"])?;
    let changes = ask(&["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"])?;
    Some(Git { commit, dirty: !changes.is_empty() })
}
