//! A part of a sweep: `--only`, `--limit`, and runs that are cancelled while it works.

use serde_json::json;
use tests::{Lab, until};

#[test]
fn a_part_is_trained_and_the_plan_stays_whole() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { grid: { model.loss: [hinge, non_saturating] }, seeds: 2 }");
    let plan = lab.run("plan one.yaml --only model.loss=hinge --limit 1 --format json").exits(0).json();
    assert_eq!(plan["runs"].as_array().unwrap().len(), 1);
    assert!(lab.run("plan one.yaml --only model.loss=hinge").exits(0).says("one: 2 of 4 runs, 2 seeds, 12 steps"));
    assert!(lab.run("sweep one.yaml --only model.loss=hing").exits(2).says("there are hinge, non_saturating"));

    let ended = lab.run("sweep one.yaml --only model.loss=hinge --only seed=1").exits(0);
    assert!(ended.says("one: 1 of 4 runs, 0 finished before, 1 to train") && ended.says("3 runs of the plan left out"));
    let sweep = lab.sweep("one");
    assert_eq!(sweep.ids().len(), 4);
    assert_eq!(sweep.counts(), [("done".to_owned(), 1), ("queued".to_owned(), 3)].into());
    let summary = lab.run("sweep one.yaml --limit 2 --format json").exits(0).json();
    assert_eq!((&summary["runs"], &summary["left_out"]), (&json!({ "done": 2 }), &json!(2)));
    lab.run("sweep one.yaml").exits(0);
    assert_eq!(sweep.counts(), [("done".to_owned(), 4)].into());
}

#[test]
fn a_run_is_cancelled_and_goes_on_with_the_next_sweep() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    let running = lab.start("sweep one.yaml --jobs 1 --set train.steps=100000 --set checkpoint.every=50");
    let sweep = lab.sweep("one");
    until("a checkpoint", || sweep.newest_checkpoint());
    assert!(lab.run("cancel mlp-s1").exits(0).says("is left out of the sweep that works"));
    let mut cancel = lab.command("cancel mlp-s0 --reason");
    assert!(cancel.arg("too slow").status().unwrap().success());
    let ended = running.wait().exits(75);
    assert!(ended.says("one: 2 interrupted"), "{}", ended.stdout);
    let status = sweep.status();
    assert_eq!((&status[0]["status"], &status[0]["reason"]), (&json!("interrupted"), &json!("cancelled: too slow")));
    assert_eq!(status[1]["status"], "queued");
    assert!(lab.run("cancel mlp-s0").exits(2).says("no sweep works in"));
    let step = status[0]["step"].as_u64().unwrap();
    let line =
        "sweep one.yaml --set train.steps=100000 --set checkpoint.every=50 --timeout 1s --retries 0 --only seed=0";
    lab.run(line).exits(1);
    assert!(sweep.status()[0]["step"].as_u64().unwrap() > step, "it goes on");
    assert!(lab.run("cancel mlp-s0").exits(2).says("it is timed-out"));
}
