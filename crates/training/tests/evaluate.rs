//! What an evaluation promises: it changes no bit of the run, its numbers depend on nothing but the run, and what it finds
//! out of real samples is found out once.

use crate::common::{self, run};
use record::{ByClass, Evaluation, RunFolder, RunRecord, Status};
use std::fs;
use std::path::Path;
use training::{EvaluateConfig, RunConfig};

fn config(evaluate: &str) -> RunConfig {
    let train = r#""train": {"steps": 6, "batch_size": 4}, "sample": {"count": 4}, "checkpoint": {"every": 2}"#;
    common::config("mlp", &format!(r#"{{{train}, "evaluate": {evaluate}}}"#))
}

fn evaluations(folder: &Path) -> Vec<Evaluation> {
    let without_time = |evaluation| Evaluation { at: 0.0, ..evaluation };
    RunRecord::read(RunFolder::new(folder)).unwrap().evaluations.into_iter().map(without_time).collect()
}

#[test]
fn the_weights_are_those_without_and_the_numbers_those_of_the_run() {
    let all = r#"{"every": 2, "count": 100, "metrics": ["frechet", "kid", "prdc", "neighbours", "ms_ssim",
        "inception_score"]}"#;
    let (without, with) = (config("null"), config(all));
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let straight = run(&without, &path("without"), &path("cache"), 1, None);
    assert!(!path("cache").exists());
    let evaluated = run(&with, &path("with"), &path("cache"), 1, None);
    assert_eq!((evaluated.status, &evaluated.weights_digest), (Status::Done, &straight.weights_digest));

    let found = evaluations(&path("with"));
    let places: Vec<_> = found.iter().map(|e| (e.step, e.split.as_str(), e.count, e.features.as_str())).collect();
    let place = |step| [(step, "train", 100, "digits"), (step, "test", 100, "digits")];
    assert_eq!(places, [2, 4, 6].map(place).concat());
    for Evaluation { split, values, floors, problems, settings, .. } in &found {
        assert!(problems.is_empty(), "{problems:?}");
        assert!(
            settings.iter().eq([(&"ms_ssim".to_owned(), &"2 of 5 scales".to_owned())]),
            "digits have 28 pixels a side"
        );
        assert!(floors.keys().eq(values.keys()) && floors["frechet"] > 0.0);
        assert!(values["frechet"].value > 10.0 * floors["frechet"] && floors["precision"] > 0.5);
        assert!(values["kid"].standard_error.is_some());
        assert_eq!(values.contains_key("copies"), split == "train");
    }
    assert_ne!(found[0].values, found[2].values, "the generator learns");

    // What is in the cache is what is found without one; nor do threads or stops change it.
    assert_eq!(run(&with, &path("stopped"), &path("cache"), 2, Some(3)).status, Status::Interrupted);
    assert_eq!(run(&with, &path("stopped"), &path("cache"), 1, None).weights_digest, straight.weights_digest);
    assert_eq!(evaluations(&path("stopped")), found);
    run(&with, &path("fresh"), &path("cache 2"), 2, None);
    assert_eq!(evaluations(&path("fresh")), found);

    let metrics = RunRecord::read(RunFolder::new(path("with"))).unwrap().metrics();
    assert_eq!((metrics["frechet"].last_step, metrics["frechet"].last), (6, found[5].values["frechet"].value));
    assert!(metrics["frechet"].best_step.is_some());
}

/// What a model makes of classes is measured by class, as are real images in its place.
#[test]
fn images_of_classes_are_measured_by_class() {
    let settings = |evaluate: &str| {
        let train = r#""train": {"steps": 3, "batch_size": 4}, "sample": {"count": 4}"#;
        common::config("cgan", &format!(r#"{{{train}, "evaluate": {evaluate}}}"#))
    };
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let evaluate =
        settings(r#"{"every": 0, "count": 200, "metrics": ["ms_ssim_by_class", "classification_accuracy"]}"#);
    let without = run(&settings("null"), &path("without"), &path("cache"), 1, None);
    assert_eq!(run(&evaluate, &path("with"), &path("cache"), 2, None), without);
    let found = evaluations(&path("with"));
    assert_eq!(found.iter().map(|found| &*found.split).collect::<Vec<_>>(), ["train", "test"]);
    for Evaluation { values, floors, problems, by_class, .. } in &found {
        assert!(problems.is_empty(), "{problems:?}");
        let [likeness, accuracy] = ["ms_ssim_by_class", "classification_accuracy"].map(|name| values[name].value);
        let [alike, best] = ["ms_ssim_by_class", "classification_accuracy"].map(|name| floors[name]);
        assert!((0.0..0.6).contains(&alike) && likeness <= 1.0, "{likeness} {alike}");
        assert!(best > 0.6 && accuracy < best - 0.2, "three steps teach no digits: {accuracy} {best}");
        for of in by_class.values() {
            assert_eq!((of.values.len(), of.floors.len()), (10, 10));
        }
        let of = |values: &[Option<f64>]| values.iter().map(|value| value.unwrap()).sum::<f64>() / 10.0;
        let ByClass { values, floors, .. } = &by_class["ms_ssim_by_class"];
        assert!((of(values) - likeness).abs() < 1e-12 && (of(floors) - alike).abs() < 1e-12);
    }
    run(&evaluate, &path("again"), &path("cache"), 1, None);
    assert_eq!(evaluations(&path("again")), found);
}

/// At this rate the first steps are the best ones; a run that was stopped keeps them as well.
#[test]
fn the_best_checkpoint_is_kept_beside_the_last() {
    let train = r#""train": {"steps": 8, "batch_size": 4, "generator": {"lr": 1.0}}, "sample": {"count": 4}"#;
    let checkpoint = r#""checkpoint": {"every": 2, "keep": 1}, "stop": {"collapsed": "none"}"#;
    let evaluate = r#""evaluate": {"every": 2, "count": 70, "metrics": ["prdc", "frechet"]}"#;
    let config = common::config("mlp", &format!("{{{train}, {checkpoint}, {evaluate}}}"));
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    run(&config, &path("straight"), &path("cache"), 1, None);
    run(&config, &path("stopped"), &path("cache"), 1, Some(6));
    run(&config, &path("stopped"), &path("cache"), 1, None);
    for name in ["straight", "stopped"] {
        let folder = RunFolder::new(path(name));
        let best = RunRecord::read(folder.clone()).unwrap().metrics()["frechet"].best_step.unwrap();
        assert!(best < 6, "{best}");
        assert_eq!(folder.checkpoint_steps(), [8, best], "{name}");
    }
}

/// Batch normalisation keeps statistics that a forward pass could move, in training or in between.
#[test]
fn running_statistics_stay_as_they_are() {
    let settings = |evaluate: &str| {
        let train = r#""train": {"steps": 3, "batch_size": 4}, "sample": {"count": 4}, "checkpoint": {"every": 1}"#;
        common::config("dcgan", &format!(r#"{{{train}, "evaluate": {evaluate}}}"#))
    };
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let evaluate = settings(r#"{"every": 1, "count": 70, "metrics": ["prdc"]}"#);
    let without = run(&settings("null"), &path("without"), &path("cache"), 1, None);
    assert_eq!(run(&evaluate, &path("with"), &path("cache"), 2, None), without);
    assert_eq!(run(&evaluate, &path("stopped"), &path("cache"), 1, Some(1)).status, Status::Interrupted);
    assert_eq!(run(&evaluate, &path("stopped"), &path("cache"), 1, None), without);
}

/// Two runs that begin at once, as in a sweep, and one that finds a damaged cache.
#[test]
fn a_cache_is_shared_and_may_be_damaged() {
    let config = config(r#"{"every": 0, "count": 70}"#);
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let done = |name: &str| assert_eq!(run(&config, &path(name), &path("cache"), 1, None).status, Status::Done);
    std::thread::scope(|scope| {
        scope.spawn(|| done("a"));
        scope.spawn(|| done("b"));
    });
    let found = evaluations(&path("a"));
    assert_eq!((found.len(), &evaluations(&path("b"))), (2, &found));
    for entry in fs::read_dir(path("cache")).unwrap() {
        fs::write(entry.unwrap().path(), "spoiled").unwrap();
    }
    done("c");
    assert_eq!(evaluations(&path("c")), found);
}

#[test]
fn what_cannot_be_measured_is_told_before_a_run_starts() {
    let check = |evaluate: &str, shape, images, key: &str, message: &str| {
        let config = RunConfig { evaluate: Some(serde_json::from_str(evaluate).unwrap()), ..RunConfig::default() };
        let problems = [config.check(), config.check_against(shape, images)].concat();
        let is_it =
            |problem: &family::Problem| problem.path == format!("evaluate.{key}") && problem.message.contains(message);
        assert!(problems.iter().any(is_it), "{evaluate}: {problems:?}");
    };
    let grey = [1, 28, 28];
    let ask = "see `model.conditioning`";
    check(r#"{"metrics": ["ms_ssim_by_class"]}"#, grey, 9000, "metrics", ask);
    check(r#"{"metrics": ["classification_accuracy"]}"#, grey, 9000, "metrics", ask);
    check(
        r#"{"count": 64}"#,
        grey,
        9000,
        "count",
        "`frechet` of 64 features needs 65 samples, not 64; `kid` is a distance that needs few",
    );
    check(r#"{"count": 700, "features": "pixels"}"#, grey, 9000, "count", "needs 785 samples");
    check(r#"{"count": 5000}"#, grey, 9000, "count", "need 10000 training images");
    check(r#"{"count": 0}"#, grey, 9000, "count", "not within 1 and");
    check(r#"{"metrics": []}"#, grey, 9000, "metrics", "nothing to measure");
    check(r#"{"features": "vgg"}"#, grey, 9000, "features", "no extractor `vgg`; there are pixels, digits");
    check("{}", [1, 32, 32], 9000, "features", "not of images of 1 x 32 x 32");
    check(r#"{"metrics": ["modes_ring_8"]}"#, grey, 9000, "metrics", "`modes_ring_8` is of points in the plane");
    check(r#"{"metrics": ["inception_score"]}"#, [3, 28, 28], 9000, "metrics", "which `digits` features are not");
    let small = r#"{"features": "pixels", "metrics": ["ms_ssim"]}"#;
    check(small, [1, 10, 28], 9000, "metrics", "images of 11 pixels a side or more, not of images of 1 x 10 x 28");
}

#[test]
fn names_of_metrics_are_those_of_the_family() {
    let error = |metrics: &str| serde_json::from_str::<EvaluateConfig>(metrics).unwrap_err().to_string();
    let unknown = error(r#"{"metrics": ["frechett"]}"#);
    assert!(unknown.contains("`frechett`") && unknown.contains("`frechet`, `kid`"), "{unknown}");
    assert!(error(r#"{"metrics": ["FID"]}"#).contains("the FID is `frechet` with `inception: FILE`"));
    let word: EvaluateConfig = serde_json::from_str(r#"{"metrics": ["kid", {"kind": "prdc"}]}"#).unwrap();
    assert_eq!(serde_json::to_value(&word).unwrap()["metrics"], serde_json::json!(["kid", "prdc"]));
}
