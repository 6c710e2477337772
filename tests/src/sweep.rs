//! What a sweep left on disk, as a user sees it.

use crate::lab::Lab;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a sweep.
#[derive(Debug)]
pub struct Sweep<'a> {
    lab: &'a Lab,
    /// As it is named on the command line.
    name: PathBuf,
}

impl<'a> Sweep<'a> {
    pub(crate) fn new(lab: &'a Lab, name: PathBuf) -> Self {
        Self { lab, name }
    }

    /// The folder.
    pub fn path(&self) -> PathBuf {
        self.lab.path(&self.name)
    }

    /// The folder of a run.
    pub fn run(&self, id: &str) -> PathBuf {
        self.path().join("runs").join(id)
    }

    /// `plan.json`.
    pub fn plan(&self) -> Value {
        read_json(&self.path().join("plan.json"))
    }

    /// Ids in the order of the plan.
    ///
    /// # Panics
    /// The plan has no runs.
    pub fn ids(&self) -> Vec<String> {
        let plan = self.plan();
        let runs = plan["runs"].as_array().expect("a plan has runs");
        assert!(!runs.is_empty(), "a plan without runs");
        runs.iter().map(|run| text(&run["id"])).collect()
    }

    /// What `status --format json` says of each run.
    ///
    /// # Panics
    /// It fails, or says nothing of any run.
    pub fn status(&self) -> Vec<Value> {
        let status = self.lab.run(&format!("status {} --format json", self.name.display())).exits(0).json();
        let runs = status["runs"].as_array().expect("a status has runs").clone();
        assert!(!runs.is_empty(), "a status without runs");
        runs
    }

    /// The status of each run by its id.
    pub fn words(&self) -> BTreeMap<String, String> {
        self.status().iter().map(|run| (text(&run["id"]), text(&run["status"]))).collect()
    }

    /// How many runs have each status.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for word in self.words().into_values() {
            *counts.entry(word).or_default() += 1;
        }
        counts
    }

    /// The digest of each run's weights by its id.
    ///
    /// # Panics
    /// A run is not done, or two runs are the same.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let digest = |run: &Value| {
            assert_eq!(run["status"], "done", "{run:#}");
            let digest = text(&run["weights_digest"]);
            assert!(digest.starts_with("blake3:"), "{digest}");
            (text(&run["id"]), digest)
        };
        let digests: BTreeMap<_, _> = self.status().iter().map(digest).collect();
        let different: std::collections::BTreeSet<_> = digests.values().collect();
        assert_eq!(different.len(), digests.len(), "runs of the same weights: {digests:#?}");
        digests
    }

    /// The lines of a run's event files that can be read, attempt by attempt.
    pub fn events(&self, id: &str) -> Vec<Value> {
        let logs = (1..).map(|attempt| self.log(id, attempt)).take_while(|path| path.exists());
        let text: String = logs.map(|path| fs::read_to_string(path).unwrap_or_default() + "\n").collect();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The events of an attempt, counted from 1.
    pub fn log(&self, id: &str, attempt: u32) -> PathBuf {
        let name = if attempt == 1 { "events.jsonl".to_owned() } else { format!("events.{attempt}.jsonl") };
        self.run(id).join(name)
    }

    /// The events of a kind, such as `checkpoint`.
    pub fn events_of(&self, id: &str, kind: &str) -> Vec<Value> {
        self.events(id).into_iter().filter(|event| event["event"] == kind).collect()
    }

    /// Steps that a run has a checkpoint of, in order.
    pub fn checkpoints(&self, id: &str) -> Vec<u64> {
        steps(&self.run(id).join("checkpoints"))
    }

    /// The newest checkpoint of all runs together: how far the sweep is for good.
    pub fn newest_checkpoint(&self) -> Option<u64> {
        let runs = fs::read_dir(self.path().join("runs")).into_iter().flatten().flatten();
        runs.flat_map(|run| steps(&run.path().join("checkpoints"))).max()
    }

    /// Sample grids and other pictures of a run by the name of their file.
    ///
    /// # Panics
    /// There is none, or one that is no PNG.
    pub fn grids(&self, id: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.run(id).join("samples");
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let grids: BTreeMap<_, _> = entries
            .map(|entry| {
                let path = entry.expect("a folder can be listed").path();
                let bytes = fs::read(&path).expect("a file can be read");
                assert!(bytes.starts_with(b"\x89PNG"), "{}", path.display());
                (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes)
            })
            .collect();
        assert!(!grids.is_empty(), "no grids in {}", folder.display());
        grids
    }
}

/// Steps of the folders `step-000100` and the like.
fn steps(folder: &Path) -> Vec<u64> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut steps: Vec<u64> =
        entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("step-")?.parse().ok()).collect();
    steps.sort_unstable();
    steps
}

fn read_json(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}
