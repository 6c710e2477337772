//! Runs that end before their last step, by themselves.

use crate::common::{config, run};
use record::{Outcome, Role, RunFolder, RunRecord, Status};

/// At this rate the last layer saturates at once.
#[test]
fn samples_that_are_all_the_same_are_a_collapse_wherever_the_run_was_stopped() {
    let collapsing = |stop: &str| {
        let adam = r#"{"lr": 10.0}"#;
        let train = format!(r#"{{"steps": 9, "batch_size": 16, "generator": {adam}, "discriminator": {adam}}}"#);
        let often = r#""sample": {"every": 2, "count": 4}, "checkpoint": {"every": 1}"#;
        config("dcgan", &format!(r#"{{"train": {train}, {often}, "stop": {stop}}}"#))
    };
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let check = |outcome: &Outcome| {
        assert_eq!((outcome.status, outcome.step), (Status::Collapsed, 6), "{outcome:?}");
        assert!(outcome.reason.as_ref().unwrap().contains("3 sample grids are all the same"), "{outcome:?}");
    };
    let usual = collapsing("{}");
    let straight = run(&usual, &path("straight"), &path("cache"), 1, None);
    check(&straight);
    assert_eq!(run(&usual, &path("stopped"), &path("cache"), 1, Some(3)).status, Status::Interrupted);
    assert_eq!(run(&usual, &path("stopped"), &path("cache"), 2, None), straight);
    let record = RunRecord::read(RunFolder::new(path("stopped"))).unwrap();
    assert!(record.is_finished() && record.artifacts_of(Role::SAMPLES).all(|sample| sample.spread == Some(0.0)));
    assert!(RunFolder::new(path("stopped")).checkpoint(6).is_dir());

    let patient = run(&collapsing(r#"{"collapsed": {"grids": 4}}"#), &path("patient"), &path("cache"), 1, None);
    assert_eq!((patient.status, patient.step), (Status::Collapsed, 8));
    let never = run(&collapsing(r#"{"collapsed": "none"}"#), &path("never"), &path("cache"), 1, None);
    assert_eq!((never.status, never.step), (Status::Done, 9));
}

#[test]
fn gradients_above_the_bound_are_a_divergence_and_below_it_change_nothing() {
    let bounded = |stop: &str| {
        let train = r#""train": {"steps": 4, "batch_size": 4}, "log": {"every": 3}"#;
        config("mlp", &format!(r#"{{{train}, "stop": {stop}}}"#))
    };
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let run = |stop: &str, name: &str| run(&bounded(stop), &path(name), &path("cache"), 1, None);
    let (without, with) = (run("{}", "without"), run(r#"{"gradient_norm": 1e6}"#, "with"));
    assert_eq!((with.status, &with.weights_digest), (Status::Done, &without.weights_digest));
    let norms = |name: &str| {
        let record = RunRecord::read(RunFolder::new(path(name))).unwrap();
        ["gradient/generator", "gradient/discriminator"]
            .map(|name| record.metrics().get(name).map(|metric| metric.last))
    };
    assert_eq!(norms("without"), norms("with"), "the last window is a step long");
    assert!(norms("with").iter().all(|norm| norm.is_some_and(|norm| (1e-6..1e6).contains(&norm))));

    let diverged = run(r#"{"gradient_norm": 1e-9}"#, "diverged");
    assert_eq!((diverged.status, diverged.step), (Status::Diverged, 1));
    assert!(diverged.reason.unwrap().contains("above 1.000e-9, at step 1"));
}

/// Six steps make no digits, so nothing is covered and that does not improve.
#[test]
fn a_metric_that_no_longer_improves_ends_a_run_with_the_weights_of_that_step() {
    let patient = |steps: u64, stop: &str| {
        let train = format!(r#""train": {{"steps": {steps}, "batch_size": 4}}, "checkpoint": {{"every": 1}}"#);
        let evaluate = r#""evaluate": {"every": 1, "count": 70, "metrics": ["prdc"]}"#;
        config("mlp", &format!(r#"{{{train}, {evaluate}, "stop": {stop}}}"#))
    };
    let rule = r#"{"metrics": [{"metric": "recall", "patience": 2}]}"#;
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let run = |config: &training::RunConfig, name: &str, at| run(config, &path(name), &path("cache"), 1, at);
    let short = run(&patient(3, "{}"), "short", None);
    let ended = run(&patient(6, rule), "ended", None);
    assert_eq!((ended.status, ended.step, &ended.weights_digest), (Status::Done, 3, &short.weights_digest));
    assert!(ended.reason.as_ref().unwrap().contains("`recall` has not improved in 2 evaluations since step 1"));
    assert_eq!(run(&patient(6, rule), "stopped", Some(1)).status, Status::Interrupted);
    assert_eq!(run(&patient(6, rule), "stopped", None), ended);
    let record = RunRecord::read(RunFolder::new(path("ended"))).unwrap();
    assert!(record.is_finished() && record.artifacts_of(Role::SAMPLES).last().unwrap().step == 3);

    // Killed between its last checkpoint and its end.
    let log = path("ended").join("events.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let last = lines.iter().rposition(|line| line.contains(r#""event":"checkpoint""#)).unwrap();
    std::fs::write(&log, lines[..=last].concat()).unwrap();
    assert_eq!(run(&patient(6, rule), "ended", None), ended);
}

#[test]
fn rules_that_cannot_hold_are_reported() {
    let check = |settings: &str, key: &str, message: &str| {
        let config: training::RunConfig = serde_json::from_str(settings).unwrap();
        let problems = config.check();
        let is_it = |problem: &family::Problem| problem.path == key && problem.message.contains(message);
        assert!(problems.iter().any(is_it), "{settings}: {problems:?}");
    };
    let rule = r#""stop": {"metrics": [{"metric": "frechet", "patience": 2}]}"#;
    check(&format!("{{{rule}}}"), "stop.metrics", "`frechet` is not evaluated; `run.evaluate` measures nothing");
    let prdc = r#""evaluate": {"metrics": ["prdc"]}"#;
    check(&format!("{{{rule}, {prdc}}}"), "stop.metrics", "measures precision, recall, density, coverage");
    check(&format!(r#"{{{rule}, "evaluate": {{"every": 0}}}}"#), "stop.metrics", "the last step alone");
    check(r#"{"stop": {"collapsed": {"below": 1.0}}}"#, "stop.collapsed.below", "(0, 1)");
    check(r#"{"stop": {"collapsed": {"grids": 0}}}"#, "stop.collapsed.grids", "at least 1");
    check(r#"{"stop": {"gradient_norm": 0}}"#, "stop.gradient_norm", "above 0");
}
