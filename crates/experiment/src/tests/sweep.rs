//! Which points a sweep has, in which order.

use std::time::Instant;

use serde_json::json;

use super::toy::{Case, experiment, points};

fn check(yaml: &str, expected: &[&str]) {
    let experiment = experiment(yaml);
    assert_eq!(points(&experiment), expected, "{yaml}");
}

#[test]
fn the_interface_s_sweep() {
    check(
        "sweep:
  grid:
    train.*.lr: { logspace: [1.0e-5, 1.0e-2, 4] }
    model.loss: [non_saturating, hinge]
  exclude: [ { model.loss: hinge, train.*.lr: 1e-2 }, { train.*.lr: 1.0e-5 } ]
  include: [ { model.generator: {architecture: mlp, width: 3} } ]",
        &[
            "train.*.lr=0.0001 model.loss=non_saturating s0",
            "train.*.lr=0.0001 model.loss=hinge s0",
            "train.*.lr=0.001 model.loss=non_saturating s0",
            "train.*.lr=0.001 model.loss=hinge s0",
            "train.*.lr=0.01 model.loss=non_saturating s0",
            "model.generator={architecture:mlp,width:3} s0",
        ],
    );
    let experiment = experiment("sweep: {grid: {train.*.lr: [1e-5]}}");
    let run = &experiment.points[0].run.train;
    assert_eq!((run.generator.lr, run.discriminator.lr), (1e-5, 1e-5));
}

#[test]
fn exclude_compares_values_and_knows_defaults() {
    for (exclude, left) in [
        ("{train.steps: 1.0}", "2"),
        ("{train.steps: 2, data.name: mnist-10k}", "1"),
        ("{train.steps: 2, data.name: other}", "12"),
        ("{train.steps: 2, model.loss: non_saturating}", "1"),
        ("{train.steps: 2, model.loss: {kind: non_saturating}}", "1"),
        ("{train.steps: 2, train.*.lr: 2e-4}", "1"),
        ("{train.steps: 2, train.average: null}", "1"),
        ("{train.steps: 3}", "12"),
    ] {
        let yaml = format!("sweep: {{grid: {{train.steps: [1, 2]}}, exclude: [{exclude}]}}");
        let experiment = experiment(&yaml);
        let steps = experiment.points.iter().map(|point| point.run.train.steps.to_string());
        assert_eq!(steps.collect::<String>(), left, "{exclude}");
    }
}

#[test]
fn excluded_points_need_not_be_legal() {
    check(
        "sweep:
  grid: { model.loss: [non_saturating, hinge], train.critic_steps: [1, 5] }
  exclude: [ { model.loss: non_saturating, train.critic_steps: 5 } ]",
        &[
            "model.loss=non_saturating train.critic_steps=1 s0",
            "model.loss=hinge train.critic_steps=1 s0",
            "model.loss=hinge train.critic_steps=5 s0",
        ],
    );
}

#[test]
fn points_that_resolve_to_the_same_run_are_one() {
    check("sweep: {grid: {train.steps: [5, 6, 5, 0x5]}}", &["train.steps=5 s0", "train.steps=6 s0"]);
    check(
        "sweep: {grid: {model.loss: [hinge, {kind: hinge}]}, include: [{model.loss: {kind: hinge, margin: 0}}]}",
        &["model.loss=hinge s0"],
    );
    check("sweep: {seeds: [1, 1, 2]}", &[" s1", " s2"]);
}

#[test]
fn points_of_include_alone_are_the_only_ones() {
    check(
        "sweep: {include: [{train.steps: 5}, {}], seeds: 2}",
        &["train.steps=5 s0", "train.steps=5 s1", " s0", " s1"],
    );
}

#[test]
fn an_axis_is_one_layer_with_the_others() {
    let experiment = experiment(
        "run: {train: {generator: {optimizer: adam, beta1: 0.9}}}
sweep: {grid: {train.generator.lr: [1, 2], train.generator.optimizer: [adam, sgd]}}",
    );
    let shown: Vec<String> = experiment
        .points
        .iter()
        .map(|point| &point.run.train.generator)
        .map(|optimizer| format!("{} {} {}", optimizer.optimizer, optimizer.lr, optimizer.beta1))
        .collect();
    assert_eq!(shown, ["adam 1 0.9", "sgd 1 0.5", "adam 2 0.9", "sgd 2 0.5"]);
}

#[test]
fn the_preset_may_be_an_axis() {
    let experiment = experiment("sweep: {grid: {model.preset: [guide, dcgan, null], train.*.lr: [1]}}");
    let steps: Vec<usize> = experiment.points.iter().map(|point| point.run.train.steps).collect();
    assert_eq!(steps, [100, 200, 600]);
    for point in &experiment.points {
        assert_eq!((point.run.train.generator.lr, point.run.train.discriminator.lr), (1.0, 1.0));
    }
}

#[test]
fn a_star_knows_the_settings_of_the_sweep_s_variants() {
    check(
        "sweep: {grid: {train.average: [{decay: 0.9}], train.*.decay: [0.5, 0.6]}}",
        &["train.average={decay:0.9} train.*.decay=0.5 s0", "train.average={decay:0.9} train.*.decay=0.6 s0"],
    );
}

#[test]
fn a_later_grid_takes_the_place_of_an_earlier_one() {
    let files: &[(&str, &str)] = &[
        ("m.yaml", "extends: a.yaml\nsweep: {grid: {train.steps: [1, 2], data.name: [z]}}"),
        ("a.yaml", "sweep: {grid: {train.batch_size: [1, 2, 3]}, seeds: 2}"),
    ];
    let check = |sets: &[&str], expected: &[&str]| {
        let case = Case { files, sets, ..Case::default() };
        assert_eq!(points(&case.experiment()), expected);
    };
    check(
        &[],
        &[
            "train.steps=1 data.name=z s0",
            "train.steps=1 data.name=z s1",
            "train.steps=2 data.name=z s0",
            "train.steps=2 data.name=z s1",
        ],
    );
    check(&["sweep.grid={seed: [5]}", "sweep.seeds=null"], &[" s5"]);
    check(
        &["sweep.grid.train.steps=[9]", "sweep.grid.train.*.lr=[1]", "sweep.seeds=1"],
        &["train.steps=9 data.name=z train.*.lr=1 s0"],
    );
    check(&["sweep=null"], &[" s0"]);
}

#[test]
fn overrides_keep_the_values_as_they_are_written() {
    let experiment =
        experiment("sweep: {grid: {model.penalty: [{ gradient_norm: { weight: 10 } }], run.train.steps: [1]}}");
    let overrides = serde_json::to_string(&experiment.points[0].overrides).unwrap();
    let expected = json!({"model.penalty": {"gradient_norm": {"weight": 10}}, "run.train.steps": 1});
    assert_eq!(overrides, expected.to_string());
}

#[test]
fn ten_thousand_points_take_less_than_a_second() {
    let started = Instant::now();
    let experiment = experiment(
        "sweep:
  grid:
    train.*.lr: { logspace: [1.0e-5, 1.0e-2, 50] }
    train.steps: { range: [1, 10, 1] }
    model.loss: [non_saturating, hinge]
  exclude: [{ model.loss: hinge, train.steps: 11 }]
  seeds: 10",
    );
    assert_eq!(experiment.points.len(), 10_000);
    let limit = if cfg!(debug_assertions) { 20.0 } else { 1.0 };
    let took = started.elapsed().as_secs_f64();
    println!("{took} s");
    assert!(took < limit, "{took} s");
}
