//! The files of a run that describe it: `config.yaml` and `provenance.json`.

use crate::cli::WorkerArgs;
use crate::error::Error;
use data::{Dataset, Description};
use record::{PlannedRun, Provenance, RunFolder};
use saphyr::YamlEmitter;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes both into the run's folder, which it makes. `is_by_class`: grids have a column for each class.
pub(crate) fn describe(
    planned: &PlannedRun,
    is_by_class: bool,
    folder: &RunFolder,
    dataset: &Dataset,
    worker: &WorkerArgs,
    git: Option<&Git>,
) -> Result<(), Error> {
    fs::create_dir_all(folder.path()).map_err(Error::io(folder.path()))?;
    let write = |path: &Path, text: String| record::write_derived(path, text.as_bytes()).map_err(Error::io(path));
    write(&folder.config(), yaml(&serde_json::json!({ "run": planned.config })))?;
    let WorkerArgs { device, threads, .. } = *worker;
    let provenance = Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: git.map(|git| git.commit.clone()),
        git_dirty: git.map(|git| git.dirty),
        os: std::env::consts::OS.to_owned(),
        host: record::host(),
        device: device.to_string(),
        threads,
        numeric_class: training::numeric_class(device),
        cpu_features: training::simd_features(),
        digest: planned.digest.clone(),
        data: dataset.name().to_owned(),
        data_fingerprint: dataset.fingerprint().to_owned(),
        domain: Some(dataset.domain()),
        data_found: dataset.held_out().and_then(|_| serde_json::to_value(Description::of(dataset)).ok()),
        class_names: dataset.named_classes().to_vec(),
        column_classes: if is_by_class { dataset.named_classes().to_vec() } else { Vec::new() },
        image_shape: None,
        classes: None,
    };
    let provenance = serde_json::to_string_pretty(&provenance).expect("provenance is plain data");
    write(&folder.provenance(), provenance + "\n")
}

/// The repository that the sweep was started in.
pub(crate) struct Git {
    commit: String,
    dirty: bool,
}

/// Asks git; `None` outside of a repository.
pub(crate) fn git() -> Option<Git> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = ask(&["rev-parse", "HEAD"])?;
    let changes = ask(&["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"])?;
    Some(Git { commit, dirty: !changes.is_empty() })
}

/// JSON as YAML text.
fn yaml(value: &serde_json::Value) -> String {
    let text = value.to_string();
    let document = saphyr::LoadableYamlNode::load_from_str(&text);
    let documents: Vec<saphyr::Yaml> = document.expect("JSON is YAML");
    let mut out = String::new();
    YamlEmitter::new(&mut out).dump(&documents[0]).expect("a string takes all text");
    out.trim_start_matches("---\n").to_owned() + "\n"
}
