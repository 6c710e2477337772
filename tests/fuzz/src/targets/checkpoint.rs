//! Checkpoints.

use super::{Target, write};
use data::Split;
use models::Domain;
use record::{Event, RunFolder};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use training::{DeviceKind, Job, Observer, RunConfig, SampleRequest, Stop, check_checkpoint, generate, train};

/// The list of a checkpoint's files.
pub(super) const MANIFEST: Target = Target {
    name: "manifest",
    seeds: || vec![trained("manifest.json")],
    words: &["\"step\":1", "null", "-1", "18446744073709551615", "\"../x\"", "\"phases\":[]"],
    read: |folder, bytes| {
        let run = folder_with(folder, "manifest.json", bytes);
        let _ = check_checkpoint(&run, 1);
    },
};

/// Averaged networks whose digest the manifest has: what a manifest cannot keep out.
pub(super) const CHECKPOINT: Target = Target {
    name: "checkpoint",
    seeds: || vec![trained("average.bpk")],
    words: &["F32", "BF16", "shape"],
    read: |folder, bytes| {
        let run = folder_with(folder, "average.bpk", bytes);
        let entry = json!({ "bytes": bytes.len(), "blake3": blake3::hash(bytes).to_hex().to_string() });
        let manifest = json!({ "format": 1, "step": 1, "files": { "average.bpk": entry } });
        write(&run.checkpoint(1).join("manifest.json"), manifest.to_string().as_bytes());
        let request = SampleRequest { count: 1, ..SampleRequest::default() };
        let _ = generate(&config(), domain(), &run, DeviceKind::Flex, &request);
    },
};

fn folder_with(folder: &Path, name: &str, bytes: &[u8]) -> RunFolder {
    let run = RunFolder::new(folder.join("run"));
    fs::create_dir_all(run.checkpoint(1)).expect("the folder for temporary files can be written");
    write(&run.checkpoint(1).join(name), bytes);
    run
}

fn config() -> RunConfig {
    let mut settings = models::preset::find("mlp").expect("a preset").settings();
    settings["data"] = json!({ "name": "ring-8" });
    settings["model"]["generator"] = json!({ "architecture": "mlp", "hidden": [4], "output": "linear" });
    settings["model"]["discriminator"] = json!({ "architecture": "mlp", "hidden": [4] });
    settings["train"]["steps"] = json!(1);
    settings["train"]["batch_size"] = json!(2);
    let mut config: RunConfig = serde_json::from_value(settings).expect("the settings are a run's");
    config.resolve(2);
    config
}

fn domain() -> Domain {
    config().data.describe().expect("ring-8 needs no file").domain
}

/// A file of the checkpoint of one step.
fn trained(name: &str) -> Vec<u8> {
    struct Blind;
    impl Observer for Blind {
        fn step(&mut self, _: u64) {}
        fn event(&mut self, _: &Event) {}
    }
    let temporary = tempfile::tempdir().expect("there is a folder for temporary files");
    let folder = RunFolder::new(temporary.path());
    let dataset = Arc::new(config().data.open(Split::Train).expect("ring-8 needs no file"));
    let cache = temporary.path().join("cache");
    let job = Job {
        config: config(),
        identity: None,
        folder: folder.clone(),
        dataset,
        device: DeviceKind::Flex,
        cache,
        threads: 1,
        mix: false,
    };
    train(job, Box::new(Blind), Stop::default());
    fs::read(folder.checkpoint(1).join(name)).expect("the run is done")
}
