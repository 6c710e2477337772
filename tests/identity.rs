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
    let marked = [
        ("status results/one", "mixed arithmetic: flex-other with numerics"),
        ("export results/one", "flex-other/1 + "),
    ];
    assert!(marked.iter().all(|(line, words)| !lab.run(line).exits(0).stdout.contains(words)));
    lab.run("sweep one.yaml --mix").exits(0);
    for (line, words) in marked {
        assert!(lab.run(line).exits(0).stdout.contains(words), "{line}");
    }
    assert_eq!(status(&sweep, id)["numerics"][0]["class"], "flex-other");
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains("mixed arithmetic: flex-other with numerics"));
}
