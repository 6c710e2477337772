//! Two live copies of a run, as a cluster makes them when it takes a machine for dead that only slept.

use std::io::Write;
use std::process::{Child, Stdio};
use tests::{Lab, Sweep, signal, until};

/// A separate worker, as a launcher would start it, at work on the run.
fn worker(lab: &Lab, sweep: &Sweep, id: &str) -> Child {
    let mut command = lab.worker_command(&sweep.path().display().to_string(), 1);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{{\"train\":\"{id}\"}}").unwrap();
    child
}

#[test]
fn of_two_live_copies_the_later_one_owns_the_run_and_the_sleeper_leaves_when_it_wakes() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let settings = "--set train.steps=400";
    lab.run(&format!("sweep one.yaml {settings} --results undisturbed")).exits(0);
    let undisturbed = lab.sweep_in("undisturbed/one");
    let id = undisturbed.ids().remove(0);

    let sweep = lab.sweep("one");
    std::fs::create_dir_all(sweep.path()).unwrap();
    std::fs::copy(undisturbed.path().join("plan.json"), sweep.path().join("plan.json")).unwrap();
    let mut sleeper = worker(&lab, &sweep, &id);
    until("the first copy's checkpoint", || sweep.newest_checkpoint());
    signal(sleeper.id(), "STOP");
    let slept_at = sweep.newest_checkpoint().unwrap();
    let mut owner = worker(&lab, &sweep, &id);
    until("a checkpoint of the second copy", || (sweep.newest_checkpoint()? > slept_at).then_some(()));
    signal(sleeper.id(), "CONT");
    until("the first copy's leave", || sweep.events_of(&id, "ended").first().map(|_| ()));
    let first = &sweep.events_of(&id, "ended")[0];
    assert_eq!(first["status"], "interrupted");
    assert!(first["reason"].as_str().unwrap().contains("superseded by attempt 2"), "{first}");

    until("the end of the second copy", || (sweep.words()[&id] == "done").then_some(()));
    for child in [&mut sleeper, &mut owner] {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    assert_eq!(sweep.digests(), undisturbed.digests());
    assert_eq!(sweep.grids(&id), undisturbed.grids(&id));
}
