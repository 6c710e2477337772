//! A run does not go on in silence where another arithmetic left it.

use crate::common::{self, config, device};
use record::{Cause, RunFolder, RunRecord, Status};
use serde_json::Value;
use std::fs;

#[test]
fn a_run_goes_on_across_two_arithmetics_only_where_that_is_asked_for() {
    let config = config("mlp", r#"{"train": {"steps": 4, "batch_size": 4}, "checkpoint": {"every": 2}}"#);
    let temporary = tempfile::tempdir().unwrap();
    let (path, cache) = (temporary.path().join("run"), temporary.path().join("cache"));
    let run = |mix, stop_at| common::run_mixed(&config, &path, &cache, mix, stop_at);
    assert_eq!(run(false, Some(2)).status, Status::Interrupted);

    let class = training::numeric_class(device());
    let manifest = RunFolder::new(&path).checkpoint(3).join("manifest.json");
    let change = |key: &str, value: Value| {
        let mut read: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        read["numerics"][0][key] = value;
        fs::write(&manifest, read.to_string()).unwrap();
    };
    let version = RunRecord::read(RunFolder::new(&path)).unwrap().numerics[0].version;
    for (key, value, found) in [
        ("class", Value::from("flex-other"), format!("flex-other with numerics {version}")),
        ("version", Value::from(999), "flex-other with numerics 999".to_owned()),
    ] {
        change(key, value);
        let refused = run(false, None);
        assert_eq!((refused.status, refused.cause), (Status::Failed, Some(Cause::Config)));
        let reason = refused.reason.unwrap();
        for words in [&found, &class, "checkpoint of step 3", "--mix"] {
            assert!(reason.contains(words), "{words}: {reason}");
        }
    }
    assert_eq!(run(true, None).status, Status::Done);
    let record = RunRecord::read(RunFolder::new(&path)).unwrap();
    let names: Vec<_> = record.numerics.iter().map(|found| (found.class.as_str(), found.version)).collect();
    assert_eq!(names, [("flex-other", 999), (class.as_str(), version)]);
    assert!(record.mixture().unwrap().contains("flex-other with numerics 999, then "), "{:?}", record.mixture());
}
