//! One sweep at a time works in a folder.

use std::fs::File;
use std::thread;
use std::time::Duration;
use tests::{Lab, until};

#[test]
fn the_second_sweep_is_told_who_the_first_is_and_a_dead_one_blocks_no_one() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 2 }");
    lab.run("sweep one.yaml --results undisturbed --set train.steps=400").exits(0);

    let line = "sweep one.yaml --set train.steps=400";
    let sweep = lab.sweep("one");
    let mut first = lab.start(line);
    until("the first sweep's work", || sweep.newest_checkpoint());
    for second in [line.to_owned(), format!("{line} --fresh")] {
        let refused = lab.run(&second).exits(2);
        assert!(refused.stderr.contains(&format!("process {}", first.id())), "{}", refused.stderr);
        assert!(refused.stderr.contains("results/one"), "{}", refused.stderr);
        assert!(first.is_running(), "the first was done before the second came");
    }
    assert!(sweep.words().values().any(|word| word == "running"), "status reads beside a sweep");
    lab.run("report results/one").exits(0);
    assert!(first.is_running(), "the first was done before status and report");

    first.kill();
    lab.run(line).exits(0);
    assert_eq!(sweep.digests(), lab.sweep_in("undisturbed/one").digests());
}

#[test]
fn sweeps_of_two_names_run_side_by_side() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.tiny("two", "");
    let (one, two) = (lab.start("sweep one.yaml"), lab.start("sweep two.yaml"));
    one.wait().exits(0);
    two.wait().exits(0);
    assert_eq!(lab.sweep("one").digests(), lab.sweep("two").digests());
}

/// What a report reads is not deleted meanwhile, and where it writes is not moved away.
#[test]
fn a_report_that_is_being_written_is_waited_for() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let folder = lab.sweep("one").path();
    for line in ["gc results/one", "sweep one.yaml --fresh"] {
        let lock = File::create(folder.join(".report.lock")).unwrap();
        lock.lock().unwrap();
        let mut waiting = lab.start(line);
        thread::sleep(Duration::from_secs(1));
        let is_in_place = !lab.path("results/one.old-1").exists();
        assert!(waiting.is_running() && is_in_place, "{line}");
        drop(lock);
        waiting.wait().exits(0);
    }
}

/// For a file system on which a lock stays though no one holds it.
#[test]
fn a_folder_is_worked_in_without_its_lock_where_the_environment_says_so() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml --set train.steps=2").exits(0);
    let lock = File::open(lab.sweep("one").path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let run = |value: &str| {
        let mut command = lab.command("sweep one.yaml");
        command.env("RUNNER_LOCK", value);
        lab.start_command("sweep one.yaml", command).wait()
    };
    lab.run("sweep one.yaml").exits(2);
    assert!(run("of").exits(2).stderr.contains("RUNNER_LOCK is `of`"));
    run("off").exits(0);
}
