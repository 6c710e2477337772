//! Which layer wins, and where a wrong value came from.

use serde_json::{Value, json};

use super::toy::{Case, experiment, points, resolved};

const INTERFACE: &str = "\
name: lr
description: |
  How far?
run:
  seed: 3
  data: { name: mnist-10k }
  model:
    preset: guide
    loss: hinge
  train:
    steps: 600
    generator:     { optimizer: adam, lr: 2.0e-4, beta1: 0.5, beta2: 0.999 }
    average: { decay: 0.999 }
  evaluate: { metrics: [frechet, kid] }
execution:
  devices: [cpu, \"cuda:0\"]
  jobs: 3
  timeout: 1h30m
";

#[test]
fn a_file_without_a_sweep_is_one_run() {
    let experiment = experiment(INTERFACE);
    assert_eq!(experiment.name, "lr");
    assert_eq!(experiment.description, "How far?\n");
    assert_eq!(points(&experiment), [" s3"]);
    assert_eq!(experiment.execution.devices, "cpu,cuda:0");
    assert_eq!(experiment.execution.jobs.to_string(), "3");
    assert_eq!(experiment.execution.threads.to_string(), "auto");
    assert_eq!(experiment.execution.timeout.unwrap().as_secs(), 5400);
    assert_eq!(resolved(&experiment, "model.preset"), "guide");
    assert_eq!(experiment.sources.len(), 1);
    assert_eq!(experiment.sources[0].text, INTERFACE);
}

#[test]
fn an_empty_file_is_the_default_run_with_the_name_of_the_file() {
    for yaml in ["", "\n", "# nothing\n", "---\n", "run:\nsweep:\nexecution:\n", "\u{feff}run: {}"] {
        let experiment = experiment(yaml);
        assert_eq!(experiment.name, "lr");
        assert_eq!(resolved(&experiment, "train.steps"), 600);
    }
}

fn check(case: &Case<'_>, path: &str, expected: Value) {
    assert_eq!(resolved(&case.experiment(), path), expected, "{path} with {:?}", case.sets);
}

#[test]
fn later_layers_win() {
    let files: &[(&str, &str)] = &[
        ("x/main.yaml", "extends: [../base/b.yaml, ../base/c.yaml]\nrun: {train: {batch_size: 3}}"),
        ("base/a.yaml", "run: {train: {steps: 1, critic_steps: 1, batch_size: 1}, seed: 1}"),
        ("base/b.yaml", "extends: a.yaml\nname: b\nrun: {train: {steps: 2}, seed: 2}"),
        ("base/c.yaml", "run: {seed: 4}"),
    ];
    let case = Case { files, ..Case::default() };
    check(&case, "train.steps", json!(2));
    check(&case, "train.critic_steps", json!(1));
    check(&case, "train.batch_size", json!(3));
    check(&case, "seed", json!(4));
    let experiment = case.experiment();
    assert_eq!(experiment.name, "main");
    assert_eq!(experiment.sources.len(), 4);
    assert!(experiment.sources[0].path.ends_with("x/main.yaml"));

    let environment = &[
        ("RUNNER_TRAIN__STEPS", "5"),
        ("RUNNER_RUN__TRAIN__BATCH_SIZE", "0x10"),
        ("RUNNER_EXECUTION__JOBS", "2"),
        ("RUNNER_TEST_DEVICE", "cuda:0"),
        ("PATH", "x__y"),
    ];
    let case = Case { files, environment, ..Case::default() };
    check(&case, "train.steps", json!(5));
    check(&case, "train.batch_size", json!(16));
    assert_eq!(case.experiment().execution.jobs.to_string(), "2");

    let sets = &["train.steps=7", "run.seed=8", "execution.retries=0", "name=other"];
    let case = Case { files, environment, sets };
    check(&case, "train.steps", json!(7));
    check(&case, "train.batch_size", json!(16));
    check(&case, "seed", json!(8));
    assert_eq!(case.experiment().execution.retries, 0);
    assert_eq!(case.experiment().name, "other");
}

#[test]
fn a_preset_lies_under_everything_that_is_stated() {
    let check = |yaml: &str, sets: &[&str], path: &str, expected: Value| {
        let files = &[("lr.yaml", yaml)];
        check(&Case { files, sets, ..Case::default() }, path, expected);
    };
    let guide = "run: {model: {preset: guide}}";
    check(guide, &[], "train.steps", json!(100));
    check(guide, &[], "train.generator.lr", json!(1e-3));
    check(guide, &[], "train.generator.beta1", json!(0.5));
    check(guide, &["model.preset=dcgan"], "train.steps", json!(200));
    check(guide, &["model.preset=dcgan"], "model.generator.channels", json!(64));
    check(guide, &["train.steps=7"], "train.steps", json!(7));
    let mlp = "run: {model: {preset: dcgan, generator: {architecture: mlp}}}";
    check(mlp, &[], "model.generator", json!({"architecture": "mlp", "width": 0}));
}

#[test]
fn another_variant_takes_the_place_of_a_whole_map() {
    let yaml = "run: {model: {generator: {architecture: dcgan, channels: 64}}}";
    for (sets, expected) in [
        (vec!["model.generator={architecture: mlp}"], json!({"architecture": "mlp", "width": 0})),
        (vec!["model.generator.architecture=mlp"], json!({"architecture": "mlp", "width": 0})),
        (
            vec!["model.generator.width=5", "model.generator.architecture=mlp"],
            json!({"architecture": "mlp", "width": 5}),
        ),
        (vec!["model.generator.channels=5"], json!({"architecture": "dcgan", "channels": 5})),
    ] {
        let files = &[("lr.yaml", yaml)];
        let case = Case { files, sets: &sets, ..Case::default() };
        check(&case, "model.generator", expected);
    }
}

#[test]
fn a_star_sets_every_section_that_has_the_key() {
    let files = &[("lr.yaml", "run: {train: {steps: 5}}")];
    let environment = &[("RUNNER_TRAIN__*__BETA1", "0.25")];
    let sets = &["train.*.lr=1e-3", "train.discriminator.lr=5"];
    let case = Case { files, environment, sets };
    check(&case, "train.generator.lr", json!(1e-3));
    check(&case, "train.discriminator.lr", json!(5.0));
    check(&case, "train.generator.beta1", json!(0.25));
    check(&case, "train.discriminator.beta1", json!(0.25));
    check(&case, "train.average", json!(null));
}

#[test]
fn values_from_outside_are_yaml() {
    let files = &[("lr.yaml", "")];
    for (set, path, expected) in [
        ("data.name=on", "data.name", json!("on")),
        ("data.name='5'", "data.name", json!("5")),
        ("data.name=a=b", "data.name", json!("a=b")),
        ("data={name: x, limit: 0x10}", "data.limit", json!(16)),
        ("data.limit=", "data.limit", json!(null)),
        ("evaluate.metrics=[kid]", "evaluate.metrics", json!(["kid"])),
    ] {
        let case = Case { files, sets: &[set], ..Case::default() };
        check(&case, path, expected);
    }
}

#[test]
fn files_may_share_a_base() {
    let files: &[(&str, &str)] = &[
        ("m.yaml", "extends: [b.yaml, c.yaml]"),
        ("a.yaml", "run: {seed: 1, train: {steps: 1}}"),
        ("b.yaml", "extends: a.yaml\nrun: {train: {steps: 2}}"),
        ("c.yaml", "extends: a.yaml\nrun: {seed: 3}"),
    ];
    let case = Case { files, ..Case::default() };
    // Each file is what it extends and itself, so the base wins again through the second.
    check(&case, "train.steps", json!(1));
    check(&case, "seed", json!(3));
    assert_eq!(case.experiment().sources.len(), 4);
}
