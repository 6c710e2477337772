//! `run.evaluate` and `evaluate`: what a person reads of the metrics of runs.

use serde_json::{Map, Value};
use std::fs;
use tests::{Lab, Snapshot, copy_folder};

const EVALUATE: &str = r#"--set run.evaluate={"every":3,"count":70} --set checkpoint.every=3"#;

#[test]
fn evaluated_quantities_are_told_with_last_best_and_floor() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml --results plain").exits(0);
    lab.run(&format!("sweep one.yaml {EVALUATE}")).exits(0);
    let (plain, sweep) = (lab.sweep_in("plain/one"), lab.sweep("one"));
    assert!(plain.digests().values().eq(sweep.digests().values()), "metrics change no weights");
    assert_ne!(plain.ids(), sweep.ids(), "but the record");

    let frechet = sweep.status()[0]["metrics"]["frechet"].clone();
    assert_eq!((frechet["last_step"].as_u64(), frechet["best"].is_number()), (Some(6), true), "{frechet:#}");
    assert!(frechet["last"].as_f64().unwrap() > 10.0 * frechet["floor"].as_f64().unwrap());
    let id = &sweep.ids()[0];
    let evaluations = sweep.events_of(id, "evaluation");
    let places: Vec<_> =
        evaluations.iter().map(|e| (e["step"].as_u64().unwrap(), e["split"].as_str().unwrap())).collect();
    assert_eq!(places, [(3, "train"), (3, "test"), (6, "train"), (6, "test")]);
    assert_eq!((&evaluations[0]["features"], &evaluations[0]["count"]), (&"digits".into(), &70.into()));

    // Gates for CI: at the selected step, of every run.
    let gated = |line: &str, limit: &str| lab.run(&format!("{line} --require recall>=0 --require frechet<{limit}"));
    let evaluate = "evaluate results/one --count 70";
    for line in [&*format!("sweep one.yaml {EVALUATE}"), "status results/one", "status results/one --watch", evaluate] {
        gated(line, "1e9").exits(0);
        assert!(gated(line, "1").exits(1).says(&format!("error: frechet<1 is not met: {id} at step ")), "{line}");
    }
    assert!(lab.run("sweep one.yaml --require frechet<1").exits(2).says("no run is evaluated: add `evaluate"));
    let line = format!("sweep one.yaml {EVALUATE} --require ms_ssim<1");
    assert!(lab.run(&line).exits(2).says("no run evaluates ms_ssim: add its metric"));
    assert!(lab.run("status results/one --require fid<1").exits(2).says("no metric `fid`; there are"));
    assert!(lab.run("status results/one --require frechet=1").exits(2).says("--require 'frechet<300'"));
    assert!(lab.run("status plain/one --require frechet<1").exits(1).says("no value: frechet was not measured"));

    let text = lab.run("status results/one").exits(0);
    assert!(text.says("frechet") && text.says("precision") && text.says("recall"));
    let export = lab.run("export results/one --format csv").exits(0);
    let columns = ["metrics.frechet,", "metrics.frechet.best,", "metrics.frechet.best_step,", "metrics.frechet.floor,"];
    assert!(columns.iter().all(|column| export.says(column)));
    assert!(fs::read_to_string(sweep.path().join("report.html")).unwrap().contains("frechet"));
}

#[test]
fn checkpoints_are_evaluated_once_and_as_the_run_would_have() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    lab.run(&format!("sweep one.yaml {EVALUATE} --results own")).exits(0);
    lab.run("sweep one.yaml --set checkpoint.every=3 --results later").exits(0);
    let before = Snapshot::of(&lab.path("later/one/runs"));
    let evaluate = |rest: &str| lab.run(&format!("evaluate later/one --count 70 {rest} --format json")).exits(0).json();
    let (own, later) = (lab.sweep_in("own/one"), lab.sweep_in("later/one"));
    // The row of a run is what its checkpoint of that step gets when it is measured anew.
    copy_folder(&lab.path("later"), &lab.path("copy"));
    for (index, row) in own.status().iter().enumerate() {
        assert_eq!((&row["selected_by"], row["selected"]["kid"].is_number()), (&"frechet".into(), true));
        let line = format!("evaluate copy/one --step {} --count 70 --format json", row["selected_step"]);
        let measured = lab.run(&line).exits(0).json()["runs"][index].clone();
        let all =
            [&measured["stored"], &measured["evaluations"]].map(|found| found.as_array().unwrap().clone()).concat();
        let test = all.iter().find(|found| found["split"] == "test").unwrap();
        assert_eq!(test["step"], row["selected_step"]);
        let values: Map<String, Value> = test["values"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, found)| (name.clone(), found["value"].clone()))
            .collect();
        assert_eq!(row["selected"], Value::Object(values.clone()));
        let export = lab.run("export own/one --format json").exits(0).json()[index].clone();
        assert_eq!(export["selected_step"], row["selected_step"]);
        assert!(values.iter().all(|(name, value)| export[format!("selected.{name}")] == *value), "{export:#}");
    }
    let found = evaluate("--devices cpu");
    for (index, (own_id, id)) in own.ids().iter().zip(later.ids()).enumerate() {
        let run = &found["runs"][index];
        assert_eq!((&run["id"], &run["known"]), (&id.clone().into(), &Value::Array(Vec::new())));
        let evaluations = run["evaluations"].as_array().unwrap();
        let recorded = own.events_of(own_id, "evaluation");
        assert_eq!(evaluations.len(), recorded.len());
        for (evaluation, recorded) in evaluations.iter().zip(&recorded) {
            for key in ["step", "split", "count", "features_hash", "values", "floors"] {
                assert_eq!(evaluation[key], recorded[key], "{key}");
            }
        }
        let lines = fs::read_to_string(later.run(&id).join("evaluations.jsonl")).unwrap();
        let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert!(["version", "host", "device"].iter().all(|key| line[key].is_string()), "{line:#}");
    }
    let changed = before.changed(&Snapshot::of(&lab.path("later/one/runs")));
    assert!(changed.iter().all(|path| path.ends_with("evaluations.jsonl")), "what workers wrote stays: {changed:?}");
    assert_eq!(later.status()[0]["metrics"]["frechet"]["last"], own.status()[0]["metrics"]["frechet"]["last"]);

    let again = evaluate("");
    assert_eq!(
        (&again["runs"][0]["known"], &again["runs"][0]["evaluations"]),
        (&vec![3, 6].into(), &Value::Array(Vec::new()))
    );
    let more = evaluate("--metrics ms_ssim");
    assert_eq!(more["runs"][1]["evaluations"].as_array().unwrap().len(), 4);

    let bare = &later.ids()[0];
    fs::remove_dir_all(later.run(bare).join("checkpoints")).unwrap();
    let ended = lab.run("evaluate later/one --count 70").exits(0);
    assert!(ended.says(&format!("{bare} has no sound checkpoint")) && ended.says("2 checkpoints evaluated before"));
}

/// Each class of a model that makes images of classes on demand.
#[test]
fn checkpoints_are_evaluated_by_class() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml --set run.model.conditioning=concat").exits(0);
    let found = lab.run("evaluate results/one --count 70 --metrics ms_ssim_by_class --format json").exits(0).json();
    let evaluation = &found["runs"][0]["evaluations"][0];
    assert_eq!(evaluation["by_class"]["ms_ssim_by_class"]["values"].as_array().unwrap().len(), 10, "{found:#}");
}

/// Of an evaluation that was cut short while it was written, what is lacking is measured again.
#[test]
fn a_cut_evaluation_is_made_whole() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let evaluate = || lab.run("evaluate results/one --count 70 --metrics kid --format json").exits(0).json();
    let whole = evaluate()["runs"][0]["evaluations"].as_array().unwrap().len();
    let file = sweep.run(&sweep.ids()[0]).join("evaluations.jsonl");
    let lines = fs::read(&file).unwrap();
    fs::write(&file, &lines[..lines.len() - 9]).unwrap();
    assert_eq!((whole, evaluate()["runs"][0]["evaluations"].as_array().unwrap().len()), (4, 2));
    assert_eq!(evaluate()["runs"][0]["known"].as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_evaluated_is_reported() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let check = |arguments: &str, message: &str| {
        assert!(lab.run(&format!("evaluate {arguments}")).exits(2).says(message), "{arguments}");
    };
    check("results/one --count 64", "`frechet` of 64 features needs 65 samples, not 64");
    check("mlp-s0 --count 4501", "4501 samples need 9002 training images");
    check("mlp-s0 --step 5", "no sound checkpoint of step 5; there are those of 3, 6");
    check("mlp-s0 --metrics fid", "possible values: frechet");
    check("mlp-s1", "begins with `mlp-s1`");
    let plan = |evaluate: &str| lab.run(&format!("plan one.yaml --set run.evaluate={evaluate}")).exits(2);
    assert!(plan(r#"{"count":20}"#).says("needs 65 samples, not 20"));
    assert!(plan(r#"{"metrics":["fid"]}"#).says("there is no `fid`"));
    assert!(plan(r#"{"features":"fashion","metrics":["modes_grid_25"]}"#).says("points in the plane"));
}

/// At this rate step 2 is the best. Of three checkpoints it and the last are needed, and both can be sampled and exported.
#[test]
fn the_best_checkpoint_can_be_used() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let rate = "--set run.train.generator.lr=30.0 --set run.train.average=none --set run.stop.collapsed=none";
    lab.run(&format!(
        r#"sweep one.yaml {rate} --set run.evaluate={{"every":2,"count":70}} --set checkpoint={{"every":2,"keep":9}}"#
    ))
    .exits(0);
    let sweep = lab.sweep("one");
    let id = &sweep.ids()[0];
    let best = sweep.status()[0]["metrics"]["frechet"]["best_step"].as_u64().unwrap();
    assert!(best < 6, "{best}");
    lab.run("gc results/one").exits(0);
    assert_eq!(sweep.checkpoints(id).into_iter().rev().collect::<Vec<_>>(), [6, best]);
    let sampled = |step: &str| {
        let json = lab.run(&format!("sample {id} {step} --count 4 --out x.npy --format json")).exits(0).json();
        json["step"].as_u64().unwrap()
    };
    assert_eq!([sampled(""), sampled("--step 6"), sampled(&format!("--step {best}"))], [6, 6, best]);
    assert!(lab.run(&format!("export {id} --weights x.safetensors --step {best}")).says(&format!("at step {best}")));
    for line in [format!("sample {id} --step 5"), format!("export {id} --weights x.safetensors --step 5")] {
        assert!(lab.run(&line).exits(2).says(&format!("no sound checkpoint of step 5; there are those of {best}, 6")));
    }
}

/// At this rate the last layer saturates at once; the rule is on by default.
#[test]
fn a_collapsed_run_is_called_so() {
    let lab = Lab::new();
    let rate = "generator: { lr: 10.0 }, discriminator: { lr: 10.0 }";
    let run = format!(
        "run: {{ model: {{ preset: dcgan }}, train: {{ steps: 9, batch_size: 16, {rate} }}, sample: {{ every: 2, count: 4 }} }}"
    );
    lab.write("x.yaml", format!("name: x\n{run}\n"));
    assert!(lab.run("sweep x.yaml").exits(0).says("collapsed"));
    let run = &lab.sweep("x").status()[0];
    assert_eq!((&run["status"], &run["step"]), (&"collapsed".into(), &6.into()));
    assert!(run["reason"].as_str().unwrap().contains("are all the same"));
    assert!(lab.run("status results/x").exits(0).says("collapsed"));
    assert!(fs::read_to_string(lab.path("results/x/report.html")).unwrap().contains("are all the same"));
    assert!(lab.run("sweep x.yaml").exits(0).says("1 finished before"));
    lab.run("sweep x.yaml --strict").exits(1);
}
