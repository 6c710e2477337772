//! What a run records beside losses and grids: it changes no bit of the run, and is the same whatever happens to it.

use crate::common::{self, run};
use record::{Artifact, Histograms, Role, RunFolder, RunRecord, Status};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Bytes by role, with the step of each; all but the samples of each step.
fn pictures(folder: &Path) -> BTreeMap<Role, (u64, Vec<u8>)> {
    let record = RunRecord::read(RunFolder::new(folder)).unwrap();
    let bytes = |shown: &Artifact| fs::read(record.folder.artifact(&shown.file).unwrap()).unwrap();
    let others = record.artifacts.iter().filter(|shown| shown.role != Role::SAMPLES);
    others.map(|shown| (shown.role.clone(), (shown.step, bytes(shown)))).collect()
}

#[test]
fn a_run_that_was_stopped_leaves_the_pictures_of_one_that_was_not() {
    let settings = |evaluate: &str| {
        let train = r#""train": {"steps": 4, "batch_size": 4}, "sample": {"count": 16}, "checkpoint": {"every": 2}"#;
        common::config("mlp", &format!(r#"{{{train}, "evaluate": {evaluate}}}"#))
    };
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let plain = run(&settings("null"), &path("plain"), &path("cache"), 1, None);
    assert_eq!(pictures(&path("plain")).into_keys().collect::<Vec<_>>(), [Role::INTERPOLATION, Role::REAL]);

    let config = settings(r#"{"every": 0, "count": 100, "metrics": ["prdc"]}"#);
    assert_eq!(run(&config, &path("straight"), &path("cache"), 2, None).weights_digest, plain.weights_digest);
    let straight = pictures(&path("straight"));
    let steps: Vec<_> = straight.iter().map(|(role, (step, _))| (role.clone(), *step)).collect();
    assert_eq!(steps, [(Role::INTERPOLATION, 4), (Role::NEIGHBOURS, 4), (Role::REAL, 0)]);
    assert_eq!(run(&config, &path("stopped"), &path("cache"), 1, Some(2)).status, Status::Interrupted);
    assert_eq!(pictures(&path("stopped")).len(), 1, "only the real ones are there from the start");
    assert_eq!(run(&config, &path("stopped"), &path("cache"), 1, None).weights_digest, plain.weights_digest);
    assert!(pictures(&path("stopped")) == straight);
    assert!(spread(&path("plain"), &Role::REAL) > Some(0.1), "the spread of digits");
}

fn spread(folder: &Path, role: &Role) -> Option<f64> {
    RunRecord::read(RunFolder::new(folder)).unwrap().artifacts_of(role.clone()).next()?.spread
}

#[test]
fn logits_and_weights_are_told_as_distributions_at_each_grid() {
    let config = common::config(
        "mlp",
        r#"{"train": {"steps": 6, "batch_size": 6, "critic_steps": 3}, "sample": {"every": 2, "count": 4},
            "checkpoint": {"every": 1}, "log": {"every": 1}}"#,
    );
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    run(&config, &path("straight"), &path("cache"), 1, None);
    let straight = RunRecord::read(RunFolder::new(path("straight"))).unwrap();
    assert_eq!(straight.histograms.iter().map(|found| found.step).collect::<Vec<_>>(), [2, 4, 6]);
    for Histograms { values, step, .. } in &straight.histograms {
        let layers = ["generator.0", "generator.2", "generator.4", "discriminator.body.0", "discriminator.body.2"];
        let weights = layers.iter().map(|layer| format!("weights/{layer}.weight"));
        let expected =
            weights.chain(["logits/fake", "logits/real", "weights/discriminator.head.weight"].map(Into::into));
        assert_eq!(values.keys().cloned().collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
        assert_eq!(values["weights/generator.0.weight"].count(), 100 * 256);
        for kind in ["real", "fake"] {
            let logits = &values[&format!("logits/{kind}")];
            assert_eq!(logits.count(), 3 * 6);
            let scalars = straight.scalars.iter().find(|scalars| scalars.step == *step).unwrap();
            let mean = scalars.values[&format!("output/{kind}")];
            assert!((logits.sum / 18.0 - mean).abs() < 1e-5, "{kind}: {} is not {mean}", logits.sum / 18.0);
        }
    }
    for at in [1, 3] {
        assert_eq!(run(&config, &path("stopped"), &path("cache"), 1, Some(at)).status, Status::Interrupted);
    }
    run(&config, &path("stopped"), &path("cache"), 2, None);
    let stopped = RunRecord::read(RunFolder::new(path("stopped"))).unwrap();
    let values = |record: RunRecord| record.histograms.into_iter().map(|found| found.values).collect::<Vec<_>>();
    assert_eq!(values(stopped), values(straight));
}

/// Losses are means over the steps since the last record, of which a run that was stopped has done some before.
#[test]
fn a_run_that_was_stopped_records_the_losses_of_one_that_was_not() {
    let config = common::config(
        "mlp",
        r#"{"train": {"steps": 8, "batch_size": 4, "critic_steps": 2}, "sample": {"every": 0, "count": 4},
            "checkpoint": {"every": 0}, "log": {"every": 6}}"#,
    );
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let scalars = |name: &str| {
        let record = RunRecord::read(RunFolder::new(path(name))).unwrap();
        let bits = |scalars: &record::Scalars| {
            let values = scalars.values.iter().filter(|(name, _)| !name.starts_with("speed/"));
            (scalars.step, values.map(|(name, value)| (name.clone(), value.to_bits())).collect::<Vec<_>>())
        };
        record.scalars.iter().map(bits).collect::<Vec<_>>()
    };
    run(&config, &path("straight"), &path("cache"), 1, None);
    for at in [1, 3, 6] {
        assert_eq!(run(&config, &path("stopped"), &path("cache"), 1, Some(at)).status, Status::Interrupted);
    }
    run(&config, &path("stopped"), &path("cache"), 1, None);
    let straight = scalars("straight");
    assert_eq!(straight.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [6, 8]);
    assert_eq!(scalars("stopped"), straight);
}

#[test]
fn the_time_of_all_attempts_is_told_by_part() {
    let config = common::config(
        "mlp",
        r#"{"train": {"steps": 6, "batch_size": 4}, "sample": {"count": 4}, "checkpoint": {"every": 2},
            "evaluate": {"every": 0, "count": 70, "metrics": ["prdc"]}}"#,
    );
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    run(&config, &path("run"), &path("cache"), 1, Some(2));
    let read = || RunRecord::read(RunFolder::new(path("run"))).unwrap();
    let before = read().times;
    assert_eq!(before["evaluation"].max(1e-3), 1e-3, "nothing was evaluated yet");
    run(&config, &path("run"), &path("cache"), 1, None);
    let RunRecord { times, wall_secs, .. } = read();
    let parts = ["checkpoint", "data", "discriminator", "evaluation", "generator", "log", "samples"];
    assert_eq!(times.keys().collect::<Vec<_>>(), parts);
    assert!(parts.iter().all(|part| times[*part] >= before[*part]) && times["discriminator"] > before["discriminator"]);
    assert!(times["evaluation"] > 1e-2, "{times:?}");
    assert!(times.values().sum::<f64>() <= wall_secs, "{times:?} in {wall_secs} s");
}
