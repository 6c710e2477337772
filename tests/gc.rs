//! `gc`: deletes what nothing needs, and nothing else.

use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tests::{Lab, Snapshot, Sweep, until};

const KEEP_ALL: &str = "--set checkpoint.every=1 --set checkpoint.keep=9";

fn gc(lab: &Lab, arguments: &str) -> Value {
    lab.run(&format!("gc {arguments} --format json")).exits(0).json()
}

/// Files of a folder that `gc` may not touch.
fn others(before: &Snapshot, after: &Snapshot) -> Vec<PathBuf> {
    let changed = before.changed(after).into_iter();
    changed
        .filter(|path| !path.components().any(|part| part.as_os_str() == "checkpoints") && !path.ends_with(".lock"))
        .collect()
}

#[test]
fn a_finished_run_keeps_its_newest_checkpoint_planned_or_not() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    lab.run(&format!("sweep one.yaml {KEEP_ALL}")).exits(0);
    let sweep = lab.sweep("one");
    let (ids, digests) = (sweep.ids(), sweep.digests());
    lab.run(&format!("sweep one.yaml {KEEP_ALL} --set sweep.seeds=1")).exits(0);
    lab.run("sample mlp-s1 --count 4 --out before.npy").exits(0);
    let before = Snapshot::of(&sweep.path());

    let dry = gc(&lab, "results/one --dry-run");
    assert!(before.changed(&Snapshot::of(&sweep.path())).is_empty(), "a dry run deletes nothing");
    let wet = gc(&lab, "results/one");
    assert_eq!((&dry["dry_run"], &wet["dry_run"]), (&json!(true), &json!(false)));
    assert_eq!((&dry["runs"], &dry["freed_bytes"]), (&wet["runs"], &wet["freed_bytes"]));
    assert!(wet["freed_bytes"].as_u64().unwrap() > 1000, "{wet:#}");
    for (run, id) in wet["runs"].as_array().unwrap().iter().zip(&ids) {
        assert_eq!((&run["id"], &run["kept"]), (&json!(id), &json!([6])));
        assert_eq!(run["deleted"].as_array().unwrap().len(), 5, "{run:#}");
        assert_eq!(sweep.checkpoints(id), [6]);
    }
    assert_eq!(others(&before, &Snapshot::of(&sweep.path())), [] as [PathBuf; 0]);

    lab.run("sample mlp-s1 --count 4 --out after.npy").exits(0);
    assert_eq!(fs::read(lab.path("before.npy")).unwrap(), fs::read(lab.path("after.npy")).unwrap());
    lab.run(&format!("sweep one.yaml {KEEP_ALL}")).exits(0);
    assert_eq!(sweep.digests(), digests);
    assert!(sweep.status().iter().all(|run| run["attempts"] == 1), "nothing is trained again");
    assert!(lab.run("gc results/one").exits(0).says("one: nothing to delete"));
}

#[test]
fn only_sound_checkpoints_count() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run(&format!("sweep one.yaml {KEEP_ALL}")).exits(0);
    let sweep = lab.sweep("one");
    let id = &sweep.ids()[0];
    let damage = |step: u64| {
        let path = sweep.run(id).join(format!("checkpoints/step-{step:06}/gan.bpk"));
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    damage(6);
    damage(4);
    gc(&lab, "results/one");
    assert_eq!(sweep.checkpoints(id), [5]);
    damage(5);
    gc(&lab, "results/one");
    assert_eq!(sweep.checkpoints(id), [5], "a run without a sound one keeps what it has");
}

fn stopped(lab: &Lab) -> Sweep<'_> {
    let running = lab.start("sweep one.yaml --set train.steps=100000 --set checkpoint.every=5 --set checkpoint.keep=5");
    let sweep = lab.sweep("one");
    until("some checkpoints", || sweep.newest_checkpoint().filter(|step| *step > 30));
    let refused = lab.run("gc results/one").exits(2);
    assert!(refused.stderr.contains("another command works in this folder"), "{}", refused.stderr);
    lab.run("gc results/one --dry-run").exits(2);
    running.signal("INT");
    running.wait().exits(75);
    sweep
}

#[test]
fn an_unfinished_run_keeps_one_more_and_a_live_sweep_is_left_alone() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let sweep = stopped(&lab);
    let id = &sweep.ids()[0];
    let before = sweep.checkpoints(id);
    assert_eq!(before.len(), 5);
    let text = lab.run("gc results/one").exits(0).stdout;
    assert!(text.contains(id.as_str()) && text.contains("3 checkpoints") && text.contains(" freed"), "{text}");
    assert_eq!(sweep.checkpoints(id), before[3..]);
}

#[test]
fn what_killed_writers_left_goes_and_foreign_files_stay() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let run = format!("results/one/runs/{}", sweep.ids()[0]);
    let mut killed = Command::new("true").spawn().unwrap();
    killed.wait().unwrap();
    let killed = killed.id();
    let stale = [
        format!("results/one/.plan.json.tmp-{killed}-1-0"),
        format!("results/.cache/.0123456789abcdef.tmp-{killed}-1-1"),
        format!("{run}/checkpoints/.step-000003.tmp-{killed}-1-2/gan.bpk"),
        format!("{run}/samples/.step-000003.png.tmp-{killed}-1-3"),
    ];
    let foreign = [
        "results/one/notes.txt",
        "results/one/my.tmp-notes.txt",
        "results/one/.plan.json.tmp-1-2-3",
        "results/one/runs/notes.txt",
        "results/one/runs/mine/checkpoints/notes.txt",
    ];
    for path in stale.iter().map(String::as_str).chain(foreign) {
        lab.write(path, "12345");
    }
    let found = gc(&lab, "results/one");
    assert_eq!(found["temporary"].as_array().unwrap().len(), 2, "{found:#}");
    assert!(stale.iter().all(|path| !lab.path(path).exists()), "{found:#}");
    assert!(foreign.iter().all(|path| lab.path(path).is_file()), "{found:#}");
    lab.run("gc results").exits(2);
}

/// A pipe without a writer would be waited for.
#[test]
fn a_checkpoint_with_a_pipe_is_no_sound_one() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let file = sweep.run(&sweep.ids()[0]).join("checkpoints/step-000006/gan.bpk");
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    for line in ["gc results/one --dry-run", "sweep one.yaml", "report results/one"] {
        lab.run(line).exits(0);
    }
}
