//! Killed or stopped at any moment and run again, a sweep ends with the weights of one that no one disturbed.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;
use tests::{Lab, Running, Sweep, until};

const GRID: &str = "\
sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3, 1.0e-2] } }
execution: { jobs: 2, threads: 1 }";

static UNDISTURBED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let lab = lab();
    lab.run("sweep long.yaml").exits(0);
    let digests = lab.sweep("long").digests();
    assert_eq!(digests.len(), 3);
    digests
});

fn lab() -> Lab {
    let lab = Lab::new();
    lab.long("long", GRID);
    lab
}

/// Runs the sweep to its end and compares.
fn finish(lab: &Lab) {
    lab.run("sweep long.yaml").exits(0);
    assert_eq!(lab.sweep("long").digests(), *UNDISTURBED);
    never_goes_back(&lab.sweep("long"));
}

/// Each attempt takes up the newest checkpoint that the ones before it had recorded, or a newer one.
fn never_goes_back(sweep: &Sweep) {
    for id in sweep.ids() {
        let mut reached = 0;
        for event in sweep.events(&id) {
            let step = event["step"].as_u64().unwrap_or(0);
            match event["event"].as_str() {
                Some("checkpoint") => reached = step,
                Some("started") => assert!(step >= reached, "{id} had a checkpoint of {reached}: {event}"),
                _ => {}
            }
        }
        assert_eq!(reached, 300, "{id}");
    }
}

/// Waits until the sweep has a checkpoint that is newer than `than`.
fn wait_for_checkpoint(running: &mut Running, sweep: &Sweep, than: Option<u64>) {
    until("a newer checkpoint", || {
        assert!(running.is_running(), "it ended too soon: {}", running.stderr());
        (sweep.newest_checkpoint() > than).then_some(())
    });
}

#[test]
fn killed_with_its_workers_again_and_again_it_ends_with_the_same_weights() {
    let lab = lab();
    let sweep = lab.sweep("long");
    for round in 0..6 {
        let before = sweep.newest_checkpoint();
        let mut running = lab.start("sweep long.yaml");
        wait_for_checkpoint(&mut running, &sweep, before);
        let workers = running.workers();
        assert!(!workers.is_empty(), "round {round}");
        let kill_workers = || workers.iter().for_each(|worker| worker.signal("KILL"));
        if round % 2 == 0 {
            running.kill();
            kill_workers();
        } else {
            kill_workers();
            running.kill();
        }
        until("the death of all", || workers.iter().all(|worker| !worker.lives()).then_some(()));
        let counts = sweep.counts();
        assert!(counts.contains_key("interrupted") && !counts.contains_key("running"), "round {round}: {counts:?}");
    }
    let attempts: u64 = sweep.status().iter().map(|run| run["attempts"].as_u64().unwrap()).sum();
    assert!(attempts >= 6, "each round began an attempt: {attempts}");
    finish(&lab);
}

/// Anything may die at any moment: the sweep, a worker, both; at its start, in a step, in a checkpoint, in the report.
#[test]
fn whatever_dies_at_whatever_moment_it_ends_with_the_same_weights() {
    let mut random = testing::Mutator::new(testing::seed());
    let mut below = |bound: u64| random.below(bound as usize) as u64;
    let lab = lab();
    let sweep = lab.sweep("long");
    let mut deaths = 0;
    let mut reached = BTreeMap::new();
    // Until it is done, but not for ever: a death at every moment would let nothing be done.
    for round in 0..12 {
        let mut running = lab.start("sweep long.yaml --retries 9");
        let mut done = false;
        for _ in 0..=below(3) {
            std::thread::sleep(Duration::from_millis(below(300 + 60 * round)));
            if !running.is_running() {
                done = true;
                break;
            }
            let workers = running.workers();
            deaths += 1;
            match workers.get(below(4) as usize) {
                Some(worker) => worker.signal("KILL"),
                None => running.kill(),
            }
        }
        if running.is_running() {
            running.kill();
        }
        until("the end of all workers", || running.workers().is_empty().then_some(()));
        if sweep.path().join("plan.json").is_file() {
            for id in sweep.ids() {
                let newest = sweep.checkpoints(&id).last().copied().unwrap_or(0);
                let before = reached.insert(id.clone(), newest).unwrap_or(0);
                assert!(newest >= before, "{id} goes back from {before} to {newest}");
            }
        }
        if done {
            break;
        }
    }
    assert!(deaths > 0);
    // A run whose worker died twice in one sweep has failed in that one; the next takes it up.
    finish(&lab);
}

/// Ctrl-Z.
#[test]
fn paused_it_sleeps_with_its_workers_and_continued_it_goes_on() {
    let lab = lab();
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml --timeout 1h");
    wait_for_checkpoint(&mut running, &sweep, None);
    let pause = |running: &Running| {
        running.signal("TSTP");
        until("the sweep asleep", || running.process().is_stopped().then_some(()));
        // The workers hold still after their current step.
        until("the workers asleep", || {
            let before = sweep.newest_checkpoint();
            std::thread::sleep(Duration::from_millis(300));
            (sweep.newest_checkpoint() == before).then_some(before)
        })
    };
    let before = pause(&running);
    running.signal("CONT");
    wait_for_checkpoint(&mut running, &sweep, before);
    // A sleeping sweep that is killed takes its sleeping workers with it.
    pause(&running);
    let workers = running.workers();
    assert_eq!(workers.len(), 2);
    running.kill();
    until("the end of the orphans", || workers.iter().all(|worker| !worker.lives()).then_some(()));
    finish(&lab);
}

#[test]
fn killed_alone_it_leaves_no_worker_behind() {
    let lab = lab();
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml");
    wait_for_checkpoint(&mut running, &sweep, None);
    let workers = running.workers();
    assert_eq!(workers.len(), 2);
    running.kill();
    // At once: a worker of the dead sweep may not write into what the next one takes up.
    let next = lab.start("sweep long.yaml");
    until("the end of the orphans", || workers.iter().all(|worker| !worker.lives()).then_some(()));
    next.wait().exits(0);
    assert_eq!(sweep.digests(), *UNDISTURBED);
    never_goes_back(&sweep);
}

#[test]
fn a_worker_that_is_killed_is_replaced_and_its_run_tried_again() {
    let lab = lab();
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml");
    wait_for_checkpoint(&mut running, &sweep, Some(5));
    running.workers()[0].signal("KILL");
    let ended = running.wait().exits(0);
    assert!(ended.stderr.contains("worker died"), "{}", ended.stderr);
    assert_eq!(sweep.digests(), *UNDISTURBED);
    let mut attempts: Vec<_> = sweep.status().iter().map(|run| run["attempts"].as_u64().unwrap()).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 1, 2]);
    never_goes_back(&sweep);
}

#[test]
fn a_run_without_retries_left_has_failed_and_is_taken_up_by_the_next_sweep() {
    let lab = lab();
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml --retries 0");
    until("both workers beyond their first checkpoints", || {
        assert!(running.is_running(), "it ended too soon: {}", running.stderr());
        let ids = sweep.path().join("plan.json").is_file().then(|| sweep.ids())?;
        ids[..2].iter().all(|id| sweep.checkpoints(id).last() >= Some(&10)).then_some(())
    });
    running.workers()[0].signal("KILL");
    running.wait().exits(1);
    assert_eq!(sweep.counts(), [("done".to_owned(), 2), ("failed".to_owned(), 1)].into());
    let failed = sweep.status().into_iter().find(|run| run["status"] == "failed").unwrap();
    assert!(failed["reason"].as_str().unwrap().contains("worker died"), "{failed:#}");
    assert!(failed["step"].as_u64().unwrap() >= 10, "{failed:#}");
    finish(&lab);
}

#[test]
fn a_signal_stops_it_with_code_75_and_it_goes_on_later() {
    // Started under nohup, these tests hand that on to the program.
    let hangs_up = !is_ignored(1);
    for signal in ["INT", "TERM"].into_iter().chain(hangs_up.then_some("HUP")) {
        let lab = lab();
        let sweep = lab.sweep("long");
        let mut running = lab.start("sweep long.yaml");
        wait_for_checkpoint(&mut running, &sweep, None);
        let workers = running.workers();
        // Twice at once, as `timeout` sends it to a process and to its group, is one signal.
        running.signal(signal);
        running.signal(signal);
        running.wait().exits(75);
        assert!(workers.iter().all(|worker| !worker.lives()), "SIG{signal} left a worker");
        assert_eq!(sweep.counts(), [("interrupted".to_owned(), 2), ("queued".to_owned(), 1)].into(), "SIG{signal}");
        for run in sweep.status().iter().filter(|run| run["status"] == "interrupted") {
            assert!(run["reason"].as_str().unwrap().contains("signal"), "{run:#}");
            let newest = sweep.checkpoints(run["id"].as_str().unwrap()).pop();
            assert_eq!(newest, run["step"].as_u64(), "it stopped with a checkpoint");
        }
        assert!(sweep.path().join("report.html").is_file(), "SIG{signal}");
        finish(&lab);
    }
}

/// A queue that warns before it kills signals all processes of a job.
#[test]
fn a_warning_of_the_end_to_come_stops_it_with_a_checkpoint() {
    for (signal, number) in [("USR1", 10), ("ALRM", 14)] {
        if is_ignored(number) {
            continue;
        }
        let lab = lab();
        let sweep = lab.sweep("long");
        let mut running = lab.start("sweep long.yaml");
        wait_for_checkpoint(&mut running, &sweep, None);
        running.workers().iter().for_each(|worker| worker.signal(signal));
        running.signal(signal);
        until("word of the warning", || running.stderr().contains("stopping").then_some(()));
        running.workers().iter().for_each(|worker| worker.signal("TERM"));
        running.signal("TERM");
        running.wait().exits(75);
        assert_eq!(sweep.counts(), [("interrupted".to_owned(), 2), ("queued".to_owned(), 1)].into(), "SIG{signal}");
        for run in sweep.status().iter().filter(|run| run["status"] == "interrupted") {
            assert!(run["reason"].as_str().unwrap().contains("signal") && run["attempts"] == 1, "{run:#}");
            let newest = sweep.checkpoints(run["id"].as_str().unwrap()).pop();
            assert_eq!(newest, run["step"].as_u64(), "SIG{signal}: it stopped with a checkpoint");
        }
    }
}

#[test]
fn a_worker_that_is_stopped_does_not_outlive_its_sweep() {
    let lab = lab();
    let mut running = lab.start("sweep long.yaml");
    wait_for_checkpoint(&mut running, &lab.sweep("long"), None);
    let workers = running.workers();
    workers.iter().for_each(|worker| worker.signal("STOP"));
    until("the workers asleep", || workers.iter().all(|worker| worker.is_stopped()).then_some(()));
    running.kill();
    until("the end of the orphans", || workers.iter().all(|worker| !worker.lives()).then_some(()));
}

/// Whether this process ignores the signal of that number.
fn is_ignored(signal: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// A stop that arrives while workers start up or take a run on counts like any other.
#[test]
fn a_signal_at_the_very_start_is_not_lost() {
    for pause in (0..48).step_by(4) {
        let lab = lab();
        let running = lab.start("sweep long.yaml");
        until("the first worker", || (!running.workers().is_empty()).then_some(()));
        std::thread::sleep(Duration::from_millis(pause));
        running.signal("INT");
        running.wait().exits(75);
        let words = lab.sweep("long").words();
        assert!(words.values().all(|word| word != "done"), "stopped {pause} ms after its start: {words:?}");
    }
}

#[test]
fn the_second_interrupt_ends_it_at_once_with_code_130() {
    let lab = Lab::new();
    // One step of minutes: the first signal alone would not end it for as long.
    lab.tiny("slow", "");
    let line = "sweep slow.yaml --set train.critic_steps=1000000";
    let running = lab.start(line);
    let workers = until("a worker in its run", || {
        let plan = lab.path("results/slow/plan.json").is_file();
        let workers = if plan { running.workers() } else { Vec::new() };
        (!workers.is_empty()
            && lab.sweep("slow").ids().iter().any(|id| !lab.sweep("slow").events_of(id, "started").is_empty()))
        .then_some(workers)
    });
    running.signal("INT");
    until("word of the first signal", || running.stderr().contains("stopping").then_some(()));
    std::thread::sleep(Duration::from_secs(1));
    running.signal("INT");
    running.wait().exits(130);
    until("the end of the worker", || workers.iter().all(|worker| !worker.lives()).then_some(()));
}

#[test]
fn a_run_past_its_time_limit_ends_with_code_1_and_goes_on_later() {
    let lab = Lab::new();
    lab.tiny("endless", "sweep: { seeds: 2 }");
    let sweep = lab.sweep("endless");
    let mut reached = Vec::new();
    for attempt in 1..=2 {
        lab.run("sweep endless.yaml --set train.steps=100000000 --set checkpoint.every=0 --timeout 1s --retries 0")
            .exits(1);
        assert_eq!(sweep.counts(), [("timed-out".to_owned(), 2)].into());
        let started = sweep.ids().iter().map(|id| sweep.events_of(id, "started").pop().unwrap()).collect::<Vec<_>>();
        assert!(started.iter().all(|event| event["attempt"] == attempt), "{started:?}");
        if attempt == 2 {
            let from: Vec<_> = started.iter().map(|event| event["step"].clone()).collect();
            assert_eq!(from, reached);
        }
        reached = sweep.status().iter().map(|run| run["step"].clone()).collect();
        assert!(reached.iter().all(|step| step.as_u64() > Some(0)), "{reached:?}");
    }
}
