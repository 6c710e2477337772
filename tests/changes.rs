//! An edited file: what is new, what is no longer planned, and why.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use tests::Lab;

const GRID: &str = "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] } }";

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect()
}

#[test]
fn a_diff_tells_new_runs_by_what_was_edited() {
    let lab = Lab::new();
    lab.tiny("lr", GRID);
    let all_new = lab.run("plan lr.yaml --diff").exits(0).stdout;
    assert!(all_new.contains("all runs are new"), "{all_new}");
    lab.run("sweep lr.yaml").exits(0);
    let old = lab.sweep("lr").ids();
    assert_eq!(lab.run("plan lr.yaml --diff").exits(0).stdout, "lr: no change since the last time\n");
    assert!(!lab.run("plan lr.yaml").exits(0).says("last time"));

    lab.tiny("lr", "sweep: { grid: { train.*.lr: [1.0e-4, 5.0e-4] } }");
    let summary = "1 new, 1 no longer planned since the last time";
    let text = lab.run("plan lr.yaml --diff").exits(0).stdout;
    let expected = [&old[0], &old[1], "train.*.lr: 1e-3 → 5e-4", summary];
    assert!(expected[1..].iter().all(|words| text.contains(words)) && !text.contains(expected[0]), "{text}");
    let diff = lab.run("plan lr.yaml --diff --format json").exits(0).json();
    assert_eq!(diff["no_longer_planned"], json!([{ "id": old[1], "status": "done" }]));
    let new = &diff["new"][0];
    assert!(ids(&diff["new"])[0].starts_with("mlp-lr5e-4-s0-"), "{diff:#}");
    assert_eq!((&new["closest"], &new["closest_is_planned"]), (&json!(old[1]), &json!(false)));
    let changed = |key: &str| json!({ "key": key, "from": 1e-3, "to": 5e-4 });
    assert_eq!(new["differences"], json!([changed("train.generator.lr"), changed("train.discriminator.lr")]));

    for line in ["plan lr.yaml", "sweep lr.yaml"] {
        assert!(lab.run(line).exits(0).says(&format!("({summary})")), "{line}");
    }
    assert!(!lab.run("plan lr.yaml").exits(0).says("last time"), "the sweep froze the new plan");
}

#[test]
fn a_damaged_plan_counts_as_none() {
    let lab = Lab::new();
    lab.tiny("lr", GRID);
    lab.run("sweep lr.yaml").exits(0);
    lab.write("results/lr/plan.json", "{\"format\": 1");
    for line in ["plan lr.yaml", "plan lr.yaml --diff"] {
        let ended = lab.run(line).exits(0);
        assert!(ended.stderr.contains("plan.json is damaged"), "{line}: {}", ended.stderr);
    }
}
