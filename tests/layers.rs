//! Which layer of settings wins, and the options that say how a sweep is gone about.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tests::{Lab, Snapshot};

fn steps(plan: &Value) -> Vec<u64> {
    plan["runs"].as_array().unwrap().iter().map(|run| run["steps"].as_u64().unwrap()).collect()
}

#[test]
fn the_file_yields_to_the_environment_and_that_to_the_command_line() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let plan = "plan one.yaml --format json";
    assert_eq!(steps(&lab.run(plan).exits(0).json()), [6]);
    let environment = ("RUNNER_TRAIN__STEPS", "4");
    assert_eq!(steps(&lab.run_with(environment, plan).exits(0).json()), [4]);
    let set = format!("{plan} --set train.steps=2");
    assert_eq!(steps(&lab.run_with(environment, &set).exits(0).json()), [2]);
    let last = format!("{set} --set train.steps=3");
    assert_eq!(steps(&lab.run(&last).exits(0).json()), [3]);

    lab.run_with(environment, "sweep one.yaml").exits(0);
    assert_eq!(lab.sweep("one").status()[0]["step"], 4, "the sweep trains what was planned");
    let unknown = lab.run_with(("RUNNER_TRAIN__STEPZ", "4"), plan).exits(2);
    assert!(unknown.stderr.contains("RUNNER_TRAIN__STEPZ"), "{}", unknown.stderr);
}

#[test]
fn extended_files_yield_in_order_and_lie_relative_to_the_file() {
    let lab = Lab::new();
    lab.write(
        "base/first.yaml",
        "run: { model: { preset: mlp }, train: { steps: 1, batch_size: 1, critic_steps: 1 } }",
    );
    lab.write("base/second.yaml", "extends: [third.yaml]\nrun: { train: { steps: 2, batch_size: 2 } }");
    lab.write("base/third.yaml", "run: { train: { steps: 9, critic_steps: 9 } }");
    lab.write("one.yaml", "name: one\nextends: [base/first.yaml, base/second.yaml]\nrun: { train: { steps: 3 } }");
    let plan = lab.run("plan one.yaml --format json").exits(0).json();
    let train = &plan["runs"][0]["config"]["train"];
    assert_eq!([&train["steps"], &train["batch_size"], &train["critic_steps"]], [&json!(3), &json!(2), &json!(9)]);
    assert_eq!(plan["runs"][0]["config"]["model"]["preset"], "mlp");
}

#[test]
fn a_wildcard_sets_both_optimizers_and_a_spacing_gives_its_values() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { grid: { train.*.lr: { logspace: [1.0e-5, 1.0e-2, 4] } } }");
    let plan = lab.run("plan one.yaml --format json").exits(0).json();
    let runs = plan["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 4);
    for (run, expected) in runs.iter().zip([1e-5, 1e-4, 1e-3, 1e-2]) {
        for network in ["generator", "discriminator"] {
            let lr = run["config"]["train"][network]["lr"].as_f64().unwrap();
            assert!((lr / expected - 1.0).abs() < 1e-12, "{network}: {lr}, expected {expected}");
        }
    }
}

#[test]
fn a_dry_run_is_the_plan_and_starts_nothing() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 3 }");
    for format in ["text", "json"] {
        let dry = lab.run(&format!("sweep one.yaml --dry-run --format {format}")).exits(0);
        let plan = lab.run(&format!("plan one.yaml --format {format}")).exits(0);
        assert_eq!(dry.stdout, plan.stdout);
        assert!(dry.stdout.contains("mlp-s2-"), "{}", dry.stdout);
    }
    assert!(!lab.path("results").exists());
}

#[test]
fn a_fresh_start_keeps_the_old_folder_beside_the_new_one() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let digests = sweep.digests();
    for old in ["results/one.old-1", "results/one.old-2"] {
        let before = Snapshot::of(&sweep.path());
        lab.run("sweep one.yaml --fresh").exits(0);
        // Moved under its lock.
        let changed = before.changed(&Snapshot::of(&lab.path(old)));
        assert_eq!(changed, [Path::new(".lock")], "{old}");
        assert!(!before.changed(&Snapshot::of(&sweep.path())).is_empty(), "it was trained anew");
        assert_eq!(sweep.digests(), digests);
        assert_eq!(sweep.status()[0]["attempts"], 1);
    }
}

#[test]
fn a_run_that_diverges_is_a_result_unless_asked_to_be_strict() {
    let lab = Lab::new();
    lab.tiny("hot", "sweep: { grid: { train.*.lr: [1.0e30, 1.0e-4] } }");
    lab.run("sweep hot.yaml").exits(0);
    let sweep = lab.sweep("hot");
    let [hot, cold] = &sweep.status()[..] else { panic!("two runs") };
    assert_eq!((&hot["status"], &cold["status"]), (&json!("diverged"), &json!("done")));
    assert!(hot["reason"].as_str().unwrap().contains("not finite at step"), "{hot:#}");
    assert_eq!(hot["weights_digest"], Value::Null);
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains("diverged"));

    let before = Snapshot::of(&sweep.path().join("runs"));
    lab.run("sweep hot.yaml --strict").exits(1);
    lab.run("sweep hot.yaml").exits(0);
    assert!(before.changed(&Snapshot::of(&sweep.path().join("runs"))).is_empty(), "it is not trained again");
    lab.run("sweep hot.yaml --strict --fresh").exits(1);
}
