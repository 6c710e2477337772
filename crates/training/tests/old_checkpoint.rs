//! Checkpoints of the first format, whose manifest names no task: `fixtures/checkpoint-1` is step 2 of this run, written by
//! version 0.1.0 before tasks were named.

use crate::common::{StopAt, device};
use data::DataConfig;
use models::Domain;
use record::{Outcome, RunFolder, RunRecord, Status};
use samples::Format;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use training::{Job, RunConfig, Stop, export_weights, train};

const POINTS: Domain =
    Domain { output: Format::Points { dims: 2, extent: 1.5 }, input: None, paired: false, classes: Some(8) };

fn config() -> RunConfig {
    let fast = json!({"lr": 0.05});
    let mut config: RunConfig = serde_json::from_value(json!({
        "seed": 3,
        "data": {"name": "ring-8", "count": 64},
        "model": {
            "latent": {"dim": 2},
            "generator": {"architecture": "mlp", "hidden": [4], "output": "linear"},
            "discriminator": {"architecture": "mlp", "hidden": [4], "spectral_norm": true},
        },
        "train": {"steps": 4, "batch_size": 8, "critic_steps": 2, "average": {"decay": 0.9}, "generator": fast,
            "discriminator": fast},
        "checkpoint": {"every": 2, "keep": 2},
        "sample": {"every": 0, "count": 8},
    }))
    .unwrap();
    config.resolve(64);
    config
}

fn run(folder: &RunFolder) -> Outcome {
    let data: DataConfig = serde_json::from_value(json!({"name": "ring-8", "count": 64})).unwrap();
    let dataset = Arc::new(data.open(data::Split::Train).unwrap());
    let cache = folder.path().join("cache");
    let job = Job {
        config: config(),
        identity: None,
        folder: folder.clone(),
        dataset,
        device: device(),
        cache,
        threads: 1,
        mix: true,
    };
    train(job, Box::new(StopAt(None, Stop::default())), Stop::default())
}

/// The weights that the run ends with.
fn weights(folder: &Path) -> Vec<f32> {
    let folder = RunFolder::new(folder);
    let outcome = run(&folder);
    assert_eq!((outcome.status, outcome.step), (Status::Done, 4), "{outcome:?}");
    let (_, bytes) = export_weights(&config(), POINTS, &folder, None, device()).unwrap().unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[8 + header..].chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

/// Puts the old checkpoint into the run's folder.
fn put(folder: &RunFolder) {
    let checkpoint = folder.checkpoint(2);
    fs::create_dir_all(&checkpoint).unwrap();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/checkpoint-1")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), checkpoint.join(file.file_name())).unwrap();
    }
}

#[test]
fn a_run_goes_on_from_a_checkpoint_that_names_no_task() {
    let folder = tempfile::tempdir().unwrap();
    let resumed = folder.path().join("resumed");
    put(&RunFolder::new(&resumed));
    let (resumed_weights, straight) = (weights(&resumed), weights(&folder.path().join("straight")));
    let record = RunRecord::read(RunFolder::new(&resumed)).unwrap();
    assert_eq!(
        (record.warnings.len(), record.scalars[0].step),
        (0, 4),
        "it went on after step 2: {:?}",
        record.warnings
    );
    // Another processor than the one that wrote it may round otherwise; a step moves a weight by up to 0.05.
    let largest = resumed_weights.iter().zip(&straight).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(resumed_weights.len() == straight.len() && largest < 1e-4, "{largest}");
}

/// To pass it over would train anew what another version has trained.
#[test]
fn a_checkpoint_of_another_format_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = RunFolder::new(temporary.path());
    put(&folder);
    let manifest = folder.checkpoint(2).join("manifest.json");
    let mut newer: serde_json::Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    (newer["format"], newer["version"]) = (9.into(), "0.9.0".into());
    newer.as_object_mut().unwrap().remove("step");
    fs::write(&manifest, newer.to_string()).unwrap();
    let outcome = run(&folder);
    assert_eq!(outcome.status, Status::Failed);
    let reason = outcome.reason.unwrap();
    assert!(reason.contains("checkpoint format 9, and this version reads 1: use version 0.9.0"), "{reason}");
}
