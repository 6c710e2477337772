//! Several processes train the runs of one sweep, through nothing but its folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;
use tests::{Lab, Running, until};

const RUNS: &str = "sweep: { seeds: 6 }";

/// Weights of the runs in a sweep of its own that nothing disturbs.
static UNDISTURBED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let lab = Lab::new();
    lab.long("long", RUNS);
    lab.run("sweep long.yaml").exits(0);
    lab.sweep("long").digests()
});

/// A planned sweep that no one trains yet.
fn planned() -> Lab {
    let lab = Lab::new();
    lab.long("long", RUNS);
    let ended = lab.run("sweep long.yaml --launcher join --detach").exits(0);
    assert!(ended.stderr.contains("runner join results/long"), "{}", ended.stderr);
    assert_eq!(lab.sweep("long").counts(), [("queued".to_owned(), 6)].into());
    lab
}

fn join(lab: &Lab) -> Running {
    lab.start("join results/long --jobs 1 --threads 1")
}

/// Nothing is left behind, and the page shows all.
fn finish(lab: &Lab) {
    let sweep = lab.sweep("long");
    assert_eq!(sweep.digests(), *UNDISTURBED);
    let leases = std::fs::read_dir(sweep.path().join(".joined")).unwrap();
    assert_eq!(leases.count(), 0, "a lease was left");
    lab.run("report results/long").exits(0);
    let again = lab.run("sweep long.yaml").exits(0);
    assert!(again.stderr.contains("6 finished before, 0 to train"), "{}", again.stderr);
}

#[test]
fn two_share_the_runs_and_a_sweep_that_waits_for_them_reports() {
    let lab = planned();
    let sweep = lab.sweep("long");
    let waiting = lab.start("sweep long.yaml --launcher join");
    let mut both = [join(&lab), join(&lab)];
    until("two at work", || {
        assert!(both.iter_mut().all(Running::is_running), "one ended before two were at work: {both:#?}");
        (sweep.counts().get("running") == Some(&2)).then_some(())
    });
    for joined in both {
        joined.wait().exits(0);
    }
    let ended = waiting.wait().exits(0);
    assert!(ended.stderr.contains("2 at work") && ended.stdout.contains("6 done"), "{ended:#?}");
    for run in sweep.status() {
        assert_eq!(run["attempts"], 1, "{run:#}");
    }
    finish(&lab);
}

#[test]
fn whichever_of_two_dies_at_whatever_moment_the_weights_are_the_same() {
    let mut random = testing::Mutator::new(testing::seed());
    let mut below = |bound: u64| random.below(bound as usize) as u64;
    let lab = planned();
    let mut both = [join(&lab), join(&lab)];
    for round in 0..14 {
        std::thread::sleep(Duration::from_millis(100 + below(500 + 60 * round)));
        let victim = &mut both[below(2) as usize];
        if victim.is_running() {
            match below(3) {
                0 => victim.signal("TERM"),
                _ => victim.kill(),
            }
        }
        for joined in &mut both {
            if !joined.is_running() {
                *joined = join(&lab);
            }
        }
    }
    // The last signal may be on its way, or have ended a process before that could listen (no code); a killed process leaves its
    // lease, which the next look takes away.
    for joined in both {
        let ended = joined.wait();
        assert!([Some(0), Some(75), None].contains(&ended.code), "{ended:#?}");
    }
    join(&lab).wait().exits(0);
    finish(&lab);
}

#[test]
fn a_signal_stops_one_with_a_checkpoint_and_another_goes_on() {
    for signal in ["TERM", "USR1", "USR2"] {
        let lab = planned();
        let sweep = lab.sweep("long");
        let joined = join(&lab);
        until("a checkpoint", || sweep.newest_checkpoint());
        joined.signal(signal);
        joined.wait().exits(75);
        let stopped: Vec<_> = sweep.status().into_iter().filter(|run| run["status"] == "interrupted").collect();
        assert_eq!(stopped.len(), 1, "SIG{signal}: {stopped:#?}");
        let id = stopped[0]["id"].as_str().unwrap();
        assert_eq!(sweep.checkpoints(id).pop(), stopped[0]["step"].as_u64(), "it stopped with a checkpoint");
        join(&lab).wait().exits(0);
        finish(&lab);
    }
}

#[test]
fn a_sweep_that_does_not_share_and_those_who_join_keep_out_of_each_others_way() {
    let lab = planned();
    let sweep = lab.sweep("long");
    let joined = join(&lab);
    until("a checkpoint", || sweep.newest_checkpoint());
    for line in ["sweep long.yaml", "gc results/long", "evaluate results/long"] {
        let refused = lab.run(line).exits(2);
        assert!(refused.stderr.contains("joined the sweep"), "{}", refused.stderr);
    }
    joined.signal("TERM");
    joined.wait().exits(75);
    let mut running = lab.start("sweep long.yaml");
    until("its workers", || (!running.workers().is_empty()).then_some(()));
    let refused = join(&lab).wait().exits(2);
    assert!(refused.stderr.contains("does not share its runs"), "{}", refused.stderr);
    assert!(running.is_running(), "it was done before anyone could join");
    running.wait().exits(0);
    finish(&lab);
}

#[test]
fn a_run_is_cancelled_where_it_trains_and_left_alone_then() {
    let lab = planned();
    let sweep = lab.sweep("long");
    let joined = join(&lab);
    let id = until("a run under way", || {
        let words = sweep.words();
        words.into_iter().find(|(_, word)| word == "running").map(|(id, _)| id)
    });
    lab.run(&format!("cancel {id} --reason slow")).exits(0);
    joined.wait().exits(1);
    assert_eq!(sweep.counts(), [("done".to_owned(), 5), ("interrupted".to_owned(), 1)].into());
    let cancelled = sweep.status().into_iter().find(|run| run["id"] == id.as_str()).unwrap();
    assert_eq!(cancelled["reason"], "cancelled: slow");
    lab.run("sweep long.yaml").exits(0);
    finish(&lab);
}

/// It goes on where its bits are the same, or where someone says that they need not be.
#[test]
fn a_run_that_another_numeric_class_has_begun_is_left_to_that_class() {
    let lab = Lab::new();
    lab.long("long", "sweep: { seeds: 2 }");
    lab.run("sweep long.yaml --launcher join --detach").exits(0);
    let sweep = lab.sweep("long");
    let other = lab.other_class();
    let begin = |newest: &dyn Fn() -> Option<u64>| {
        let before = newest();
        let mut command = lab.command("join results/long --jobs 1 --threads 1");
        command.env("LD_PRELOAD", &other);
        let joined = lab.start_command("join", command);
        until("a checkpoint", || newest().filter(|step| Some(*step) > before));
        joined.signal("TERM");
        joined.wait().exits(75);
    };
    begin(&|| sweep.newest_checkpoint());
    let begun = |status: &str| {
        let mut runs = sweep.status().into_iter().filter(|run| run["status"] == status);
        runs.next().unwrap_or_else(|| panic!("no run is {status}: {:#?}", sweep.status()))
    };
    let id = begun("interrupted")["id"].as_str().unwrap().to_owned();

    let here = join(&lab).wait().exits(1);
    let left = format!("{id} is left to a machine of its numeric class");
    assert!(here.stderr.contains(&left) && here.stderr.contains("--mix"), "{}", here.stderr);
    let done = begun("done");
    assert_eq!(done["weights_digest"], UNDISTURBED[done["id"].as_str().unwrap()]);
    assert_eq!(begun("interrupted")["attempts"], 1);

    begin(&|| sweep.checkpoints(&id).pop());
    let run = begun("interrupted");
    assert!(run["attempts"] == 2 && run["numerics"].as_array().unwrap().len() == 1, "{run:#}");
    lab.run("join results/long --jobs 1 --threads 1 --mix").exits(0);
    let run = sweep.status().into_iter().find(|run| run["id"] == id.as_str()).unwrap();
    assert!(run["status"] == "done" && run["numerics"].as_array().unwrap().len() == 2, "{run:#}");
}

#[test]
fn a_lease_stands_in_for_a_lock_that_the_file_system_refuses() {
    let lab = Lab::new();
    lab.long("long", RUNS);
    let sweep = lab.sweep("long");
    let start = |line: &str| {
        let mut command = lab.command(line);
        command.env("RUNNER_LOCK", "lease");
        lab.start_command(line, command)
    };
    let mut first = start("sweep long.yaml --jobs 1");
    until("a checkpoint", || sweep.newest_checkpoint());
    assert!(first.stderr().contains("takes no locks"), "{}", first.stderr());
    let refused = start("sweep long.yaml").wait().exits(2);
    assert!(refused.stderr.contains(&format!("process {}", first.id())), "{}", refused.stderr);
    // Also to one that could lock.
    let status = lab.run("status results/long --format json").exits(0).json();
    assert!(status["runs"].as_array().unwrap().iter().any(|run| run["status"] == "running"), "{status:#}");
    // On this machine a dead holder is known at once.
    first.kill();
    start("sweep long.yaml").wait().exits(0);
    assert_eq!(sweep.digests(), *UNDISTURBED);
    assert!(!sweep.path().join(".lock.lease").exists());
}
