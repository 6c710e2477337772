//! A task of another shape than the built-in one, `tests/point-translation`: trainer, checkpoints and record know nothing of it.

#[path = "../../../tests/point-translation/src/clouds.rs"]
mod clouds;
#[path = "../../../tests/point-translation/src/task.rs"]
mod task;

use crate::common::{StopAt, device};
use clouds::Clouds;
use data::Split;
use family::Choice;
use models::ModelConfig;
use record::{Outcome, RunFolder, RunRecord, Status};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use task::Translation;
use training::{Job, RunConfig, Stop, export_weights, train};

fn config(steps: u64) -> RunConfig {
    let adam = json!({"lr": 0.01});
    let mut config: RunConfig = serde_json::from_value(json!({
        "train": {"steps": steps, "batch_size": 16, "critic_steps": 2, "average": {"decay": 0.9}, "generator": adam,
            "discriminator": adam},
        "checkpoint": {"every": 2},
        "sample": {"every": 0, "count": 40},
        "log": {"every": 1},
    }))
    .unwrap();
    // Not by name: other tests of this process may have used the lists already.
    config.data = Choice::of(Clouds { count: 90 });
    config.model.task = Choice::of(Translation::default());
    config.resolve(90);
    config
}

fn run(config: &RunConfig, folder: &Path, threads: usize, stop_at: Option<u64>) -> Outcome {
    let (run, cache) = (RunFolder::new(folder), folder.join("cache"));
    let dataset = Arc::new(config.data.open(Split::Train).unwrap());
    let job = Job {
        config: config.clone(),
        identity: None,
        folder: run,
        dataset,
        device: device(),
        cache,
        threads,
        mix: false,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let stop = Stop::default();
    pool.install(move || train(job, Box::new(StopAt(stop_at, stop.clone())), stop))
}

#[test]
fn it_resumes_bit_for_bit_and_leaves_a_record_by_phase() {
    let config = config(9);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let straight = run(&config, &path("straight"), 1, None);
    assert_eq!((straight.status, straight.step), (Status::Done, 9), "{straight:?}");
    for at in [2, 5] {
        assert_eq!(run(&config, &path("stopped"), 2, Some(at)).status, Status::Interrupted);
    }
    let checkpoint = RunFolder::new(path("stopped")).checkpoint(6);
    let files = fs::read_dir(&checkpoint).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let optimizers =
        ["input-discriminator", "output-discriminator", "generators"].map(|p| format!("{p}-optimizer.bpk"));
    let expected = optimizers.into_iter().chain(["average.bpk", "gan.bpk", "manifest.json"].map(str::to_owned));
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.collect());
    let manifest = fs::read_to_string(checkpoint.join("manifest.json")).unwrap();
    assert!(manifest.contains(r#""task": "point_translation""#), "{manifest}");
    assert_eq!(run(&config, &path("stopped"), 1, None), straight);

    let record = RunRecord::read(RunFolder::new(path("straight"))).unwrap();
    for phase in ["input-discriminator", "output-discriminator", "generators"] {
        for curve in [format!("loss/{phase}"), format!("gradient/{phase}"), format!("learning_rate/{phase}")] {
            assert!(record.scalars.iter().all(|scalars| scalars.values.contains_key(&curve)), "{curve}");
        }
        assert!(record.times.contains_key(phase), "{phase}");
    }
    let names: BTreeSet<&str> = record.histograms.last().unwrap().values.keys().map(String::as_str).collect();
    for name in ["logits/real", "weights/generators.there.first.weight", "weights/discriminator_of_input.last.weight"] {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
    let shown = record.artifacts.iter().map(|artifact| (artifact.role.name(), artifact.step));
    assert_eq!(shown.collect::<BTreeSet<_>>(), [("real", 0), ("input", 0), ("output", 9), ("cycle", 9)].into());
    let domain = config.data.describe().unwrap().domain;
    let (step, _) =
        export_weights(&config, domain, &RunFolder::new(path("straight")), None, device()).unwrap().unwrap();
    assert_eq!(step, 9);
}

#[test]
fn a_checkpoint_of_another_task_is_passed_over() {
    let translation = config(4);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&translation, folder.path(), 1, Some(1)).status, Status::Interrupted);
    let generation = RunConfig { model: ModelConfig::default(), ..translation };
    let outcome = run(&generation, folder.path(), 1, None);
    let record = RunRecord::read(RunFolder::new(folder.path())).unwrap();
    let [warning] = &record.warnings[..] else { panic!("{outcome:?} {:?}", record.warnings) };
    assert!(warning.contains("is of `point_translation`") && warning.contains("not of `generation`"), "{warning}");
}

/// The generators find the way between the clouds, which no pair shows them.
#[test]
fn it_learns_to_translate() {
    let config = config(300);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&config, folder.path(), 1, None).status, Status::Done);
    let record = RunRecord::read(RunFolder::new(folder.path())).unwrap();
    let cycle = |at: usize| record.scalars[at].values["loss/cycle"];
    assert!(cycle(299) < 0.3 * cycle(0), "{} after {}", cycle(299), cycle(0));
    // The nets judge: at their balance both logits of a discriminator are one half, and so its loss.
    let loss =
        record.scalars[250..].iter().map(|scalars| scalars.values["loss/output-discriminator"]).sum::<f64>() / 50.0;
    assert!((0.3..0.7).contains(&loss), "{loss}");
}
