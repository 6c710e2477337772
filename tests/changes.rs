//! An edited file: what is new, what is no longer planned, and why.

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

#[test]
fn why_tells_a_new_run_from_the_one_that_was_edited() {
    let lab = Lab::new();
    lab.tiny("lr", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] }, seeds: 2 }");
    lab.run("sweep lr.yaml --set train.steps=4").exits(0);
    let old = lab.sweep("lr").ids();
    lab.run("sweep lr.yaml").exits(0);
    let new = lab.sweep("lr").ids();

    let why = lab.run(&format!("why {} --format json", new[2])).exits(0).json();
    assert_eq!((&why["status"], &why["next"], &why["planned"]), (&json!("done"), &json!("keep"), &json!(true)));
    let closest = &why["closest"];
    assert_eq!((&closest["id"], &closest["planned"]), (&json!(old[2]), &json!(false)));
    assert_eq!(closest["differences"], json!([{ "key": "train.steps", "from": 4, "to": 6 }]));
    let text = lab.run(&format!("why {}", new[2])).exits(0).stdout;
    for words in ["done: all of its 6 steps", "leaves it alone", "train.steps: 4 → 6", "a different run"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let text = lab.run(&format!("why results/lr/runs/{}", old[0])).exits(0).stdout;
    assert!(text.contains("no longer planned in sweep lr"), "{text}");
}

#[test]
fn why_tells_runs_of_other_data() {
    let lab = Lab::new();
    lab.tiny("lr", "");
    lab.run("sweep lr.yaml").exits(0);
    // What other data under the same settings would have left.
    let runs = lab.path("results/lr/runs");
    tests::copy_folder(&runs.join(&lab.sweep("lr").ids()[0]), &runs.join("mlp-s9-00000000"));
    let text = lab.run("why mlp-s9").exits(0).stdout;
    assert!(text.contains("settings are the same") && text.contains("contents of the data"), "{text}");
}

#[test]
fn why_tells_the_attempts_and_where_the_next_one_begins() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let long = "sweep one.yaml --set train.steps=100000 --set checkpoint.every=10";
    let mut running = lab.start(long);
    let sweep = lab.sweep("one");
    tests::until("a checkpoint", || sweep.newest_checkpoint());
    let live = lab.run("why mlp-s0 --format json").exits(0).json();
    assert_eq!((&live["status"], &live["next"]), (&json!("running"), &json!("running")));
    assert_eq!(live["attempts"][0]["end"], "running");
    let workers = running.workers();
    running.kill();
    tests::until("the death of all", || workers.iter().all(|worker| !worker.lives()).then_some(()));
    let killed = lab.run("why mlp-s0").exits(0).stdout;
    let step = sweep.newest_checkpoint().unwrap();
    for words in ["1: from step 0, killed after step", &format!("goes on from its checkpoint of step {step}.")] {
        assert!(killed.contains(words), "{words}: {killed}");
    }

    let running = lab.start(long);
    tests::until("a newer checkpoint", || sweep.newest_checkpoint().filter(|newest| *newest > step));
    running.signal("INT");
    running.wait().exits(75);
    let why = lab.run("why mlp-s0 --format json").exits(0).json();
    let ends: Vec<_> = why["attempts"].as_array().unwrap().iter().map(|tried| &tried["end"]).collect();
    assert_eq!((ends, &why["next"]), (vec![&json!("killed"), &json!("interrupted")], &json!("train")));
    assert_eq!(why["attempts"][1]["from"], step);
    assert_eq!(why["checkpoint"], sweep.newest_checkpoint().unwrap());
    assert!(lab.run("why mlp-s0").exits(0).says("stopped by a signal"));
}

#[test]
fn why_finds_a_planned_run_that_never_started() {
    let lab = Lab::new();
    lab.tiny("two", "sweep: { seeds: 2 }");
    lab.run("sweep two.yaml").exits(0);
    let sweep = lab.sweep("two");
    let id = &sweep.ids()[1];
    std::fs::remove_dir_all(sweep.run(id)).unwrap();
    for run in [id.as_str(), "mlp-s1", &format!("results/two/runs/{id}")] {
        let text = lab.run(&format!("why {run}")).exits(0).stdout;
        assert!(text.contains("queued: it never started") && text.contains("seed: 0 → 1"), "{run}: {text}");
    }
    for run in ["mlp", "mlp-s2"] {
        lab.run(&format!("why {run}")).exits(2);
    }
    lab.run("sample mlp-s1").exits(2);
}

#[test]
fn a_plan_estimates_what_is_left_by_the_pace_so_far() {
    let lab = Lab::new();
    lab.tiny("cost", "sweep: { seeds: 2 }");
    let estimate = |line: &str| lab.run(line).exits(0).json()["estimate"].clone();
    assert_eq!(estimate("plan cost.yaml --format json"), json!({ "steps": 12, "seconds": null }));
    lab.run("sweep cost.yaml").exits(0);
    assert_eq!(estimate("plan cost.yaml --format json")["steps"], 0);
    let more = "plan cost.yaml --set sweep.seeds=5";
    let left = estimate(&format!("{more} --format json"));
    assert!(left["steps"] == 18 && left["seconds"].as_f64() > Some(0.0), "{left}");
    let text = lab.run(more).exits(0).stdout;
    assert!(text.contains("30 steps in all; 18 steps left, ") && text.contains("at the pace so far"), "{text}");
}

#[test]
fn another_axis_leaves_finished_runs_and_their_folders_alone() {
    let lab = Lab::new();
    lab.tiny("axes", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] } }");
    lab.run("sweep axes.yaml").exits(0);
    let before = lab.sweep("axes").digests();
    // Both losses' first value is the one that the runs have been trained with.
    let grid = "{ train.*.lr: [1.0e-4, 1.0e-3], model.loss: [non_saturating, hinge] }";
    lab.tiny("axes", &format!("sweep: {{ grid: {grid} }}"));
    let plan = lab.run("plan axes.yaml --format json").exits(0).json();
    let words: Vec<_> = plan["runs"].as_array().unwrap().iter().map(|run| run["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["done", "queued", "done", "queued"]);
    let ended = lab.run("sweep axes.yaml").exits(0);
    assert!(ended.says("2 finished before, 2 to train (2 new since the last time)"), "{ended:#?}");
    let after = lab.sweep("axes").digests();
    assert!(after.len() == 4 && before.iter().all(|(id, digest)| after.get(id) == Some(digest)), "{after:?}");
    assert_eq!(lab.sweep("axes").status()[0]["overrides"]["model.loss"], "non_saturating");
}

#[test]
fn runs_that_were_left_out_for_a_while_are_planned_again_not_new() {
    let lab = Lab::new();
    lab.tiny("back", "sweep: { seeds: 2 }");
    for seeds in [2, 1] {
        lab.run(&format!("sweep back.yaml --set sweep.seeds={seeds}")).exits(0);
    }
    let diff = lab.run("plan back.yaml --diff --format json").exits(0).json();
    assert_eq!((ids(&diff["new"]).len(), ids(&diff["planned_again"]).len()), (0, 1), "{diff:#}");
    let ended = lab.run("sweep back.yaml").exits(0);
    assert!(ended.says("2 finished before, 0 to train (1 planned again since the last time)"), "{ended:#?}");
}
