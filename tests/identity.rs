//! A run's folder holds what this run has done, and what it was trained with.

use serde_json::Value;
use std::fs;
use std::path::Path;
use tests::{Lab, Sweep};

/// As if the run had been killed after step 5: its checkpoint of step 3 is the newest.
fn cut(run: &Path) {
    fs::remove_dir_all(run.join("checkpoints/step-000006")).unwrap();
    let path = run.join("events.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains(r#""ended""#)).collect();
    fs::write(&path, kept.join("\n") + "\n").unwrap();
}

fn status(sweep: &Sweep, id: &str) -> Value {
    sweep.status().into_iter().find(|run| run["id"] == id).unwrap()
}

#[test]
fn a_run_that_another_machine_began_goes_on_with_mix_alone_and_is_marked() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let id = &sweep.ids()[0];
    cut(&sweep.run(id));
    let manifest = sweep.run(id).join("checkpoints/step-000003/manifest.json");
    let mut found: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    found["numerics"][0]["class"] = "flex-other".into();
    fs::write(&manifest, found.to_string()).unwrap();

    let refused = lab.run("sweep one.yaml").exits(1);
    assert!(refused.says("flex-other with numerics") && refused.says("--mix goes on from it"), "{refused:#?}");
    let marked =
        [("status results/one", "mixed arithmetic: flex-other with numerics"), ("export results/one", "flex-other/")];
    assert!(marked.iter().all(|(line, words)| !lab.run(line).exits(0).stdout.contains(words)));
    lab.run("sweep one.yaml --mix").exits(0);
    for (line, words) in marked {
        assert!(lab.run(line).exits(0).stdout.contains(words), "{line}");
    }
    assert_eq!(status(&sweep, id)["numerics"][0]["class"], "flex-other");
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains("mixed arithmetic: flex-other with numerics"));
}

/// Two rates whose runs have the same 32 bits in their ids.
fn rates(lab: &Lab, rates: &str) {
    let run = "data: {name: ring-8}, model: {preset: mlp, generator: {hidden: [4], output: linear}, \
               discriminator: {hidden: [4]}}, train: {steps: 30, batch_size: 4}, log: {every: 10}, \
               checkpoint: {every: 30, keep: 1}";
    lab.write("p.yaml", format!("name: p\nrun: {{ {run} }}\nsweep: {{ grid: {{ train.*.lr: [{rates}] }} }}\n"));
}

/// Makes a run's folder one of version 0.1.0, which wrote no digest.
fn forget_the_digest(run: &Path) {
    for (name, key) in [("provenance.json", "digest"), ("events.jsonl", "run")] {
        let text = fs::read_to_string(run.join(name)).unwrap();
        let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let strip = |value: Result<Value, _>| {
            let mut value = value.unwrap();
            value.as_object_mut().unwrap().shift_remove(key);
            format!("{value}\n")
        };
        fs::write(run.join(name), values.map(strip).collect::<String>()).unwrap();
    }
}

#[test]
fn runs_whose_short_hashes_collide_are_two_runs() {
    let lab = Lab::new();
    let sweep = lab.sweep("p");
    rates(&lab, "2.6814e-4");
    lab.run("sweep p.yaml").exits(0);
    let first = sweep.ids().remove(0);
    let digest = sweep.digests()[&first].clone();
    for is_old in [false, true] {
        if is_old {
            fs::remove_dir_all(lab.path("results/p/runs").join(&sweep.ids()[0])).unwrap();
            forget_the_digest(&sweep.run(&first));
            rates(&lab, "2.6814e-4");
            assert!(lab.run("sweep p.yaml").exits(0).says("1 finished before, 0 to train"), "an old folder is found");
        }
        rates(&lab, "3.0163e-4");
        let diff = lab.run("plan p.yaml --diff").exits(0).stdout;
        assert!(diff.contains("1 new, 1 no longer planned"), "{diff}");
        let ended = lab.run("sweep p.yaml").exits(0);
        assert!(ended.says("0 finished before, 1 to train"), "{ended:#?}");
    }
    let second = sweep.ids().remove(0);
    let hash = |id: &str| id.rsplit('-').next().unwrap().to_owned();
    assert_eq!(hash(&first), hash(&second), "the test is about a collision");
    rates(&lab, "2.6814e-4, 3.0163e-4");
    assert!(lab.run("sweep p.yaml").exits(0).says("2 finished before, 0 to train"));
    assert_eq!(sweep.ids(), [first.clone(), second.clone()]);
    assert_eq!(sweep.digests()[&first], digest);
    assert_ne!(sweep.digests()[&second], digest);
    lab.run("report results/p").exits(0);
}

/// A sweep of two runs, the first of which was killed after step 5, and what was left to copy of the second.
fn half_done(name: &str) -> (Lab, [String; 2]) {
    let lab = Lab::new();
    lab.tiny(name, "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] } }");
    lab.run(&format!("sweep {name}.yaml")).exits(0);
    let ids = lab.sweep(name).ids();
    cut(&lab.sweep(name).run(&ids[0]));
    (lab, ids.try_into().unwrap())
}

#[test]
fn checkpoints_of_another_run_are_refused_with_both_names() {
    let (lab, [a, b]) = half_done("two");
    let sweep = lab.sweep("two");
    tests::copy_folder(&sweep.run(&b).join("checkpoints"), &sweep.run(&a).join("checkpoints"));
    let ended = lab.run("sweep two.yaml").exits(1);
    assert!(
        ended.says(&format!("manifest.json is of run {b} (")) && ended.says(&format!("not of {a} (")),
        "{ended:#?}"
    );
    assert_eq!(status(&sweep, &a)["status"], "failed");
    let sample = lab.run(&format!("sample {a}")).exits(2);
    assert!(sample.says(&format!("is of run {b} (")), "{sample:#?}");
    fs::remove_dir_all(sweep.run(&a).join("checkpoints")).unwrap();
    lab.run("sweep two.yaml").exits(0);
    assert_eq!(status(&sweep, &a)["status"], "done");
}

#[test]
fn the_log_of_another_run_is_refused_with_both_names() {
    let (lab, [a, b]) = half_done("two");
    let sweep = lab.sweep("two");
    fs::copy(sweep.run(&b).join("events.jsonl"), sweep.run(&a).join("events.jsonl")).unwrap();
    let message = format!("events.jsonl is of run {b} (");
    let ended = lab.run("sweep two.yaml").exits(1);
    assert!(ended.says(&message) && ended.says("move it away"), "{ended:#?}");
    let found = status(&sweep, &a);
    assert!(found["reason"].as_str().unwrap().contains(&message) && found["weights_digest"].is_null(), "{found:#}");
    assert!(lab.run("report results/two").exits(0).says(&message));
    assert!(lab.run(&format!("why {a}")).exits(3).says(&message));
    fs::remove_file(sweep.run(&a).join("events.jsonl")).unwrap();
    lab.run("sweep two.yaml").exits(0);
    assert_eq!(status(&sweep, &a)["status"], "done");
}

#[test]
fn the_settings_of_another_run_are_refused() {
    let (lab, [a, b]) = half_done("two");
    let sweep = lab.sweep("two");
    let file = sweep.run(&a).join("config.yaml");
    let own = fs::read(&file).unwrap();
    fs::copy(sweep.run(&b).join("config.yaml"), &file).unwrap();
    for command in ["sample ID --out grid.png", "evaluate ID", "export ID --python generator"] {
        let ended = lab.run(&command.replace("ID", &a)).exits(2);
        assert!(ended.says("its settings are not those of the run's log"), "{ended:#?}");
    }
    fs::write(&file, own).unwrap();
    lab.run(&format!("sample {a} --out grid.png")).exits(0);
}
