//! Runs that cannot be trained: what is tried again, how often, and what becomes of the others.

use serde_json::Value;
use std::fs;
use tests::{Lab, Running, Sweep, until};

/// A run that only its time limit ends.
const ENDLESS: &str = "--set train.steps=100000000 --set checkpoint.every=0";

fn one(status: &str, count: usize) -> (String, usize) {
    (status.to_owned(), count)
}

fn reason(run: &Value) -> &str {
    run["reason"].as_str().unwrap_or_default()
}

fn wait_for_attempt(running: &mut Running, sweep: &Sweep, attempt: u64) {
    until(&format!("a checkpoint of attempt {attempt}"), || {
        assert!(running.is_running(), "it ended too soon: {}", running.stderr());
        let ids = sweep.path().join("plan.json").is_file().then(|| sweep.ids())?;
        let events = sweep.events(&ids[0]);
        let started = events.iter().position(|event| event["event"] == "started" && event["attempt"] == attempt)?;
        events[started..].iter().any(|event| event["event"] == "checkpoint").then_some(())
    });
}

#[test]
fn a_run_that_kills_its_worker_twice_is_quarantined_and_the_next_sweep_takes_it_up() {
    let lab = Lab::new();
    lab.long("long", "execution: { retries: 5 }");
    lab.run("sweep long.yaml --results undisturbed").exits(0);
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml");
    for attempt in 1..=2 {
        wait_for_attempt(&mut running, &sweep, attempt);
        running.workers()[0].signal("KILL");
    }
    let ended = running.wait().exits(1);
    assert!(ended.stderr.contains("again in 1.0 s"), "{}", ended.stderr);
    let run = &sweep.status()[0];
    assert_eq!((&run["status"], &run["attempts"]), (&"failed".into(), &2.into()), "{run:#}");
    assert!(
        reason(run).contains("quarantined after 2 deaths: its worker died") && reason(run).contains("SIGKILL"),
        "{run:#}"
    );
    assert!(!sweep.path().join("failures.json").exists());
    let log = fs::read_to_string(sweep.run(&sweep.ids()[0]).join("log.txt")).unwrap();
    assert!(log.contains("interrupted: its worker died") && log.contains("failed: quarantined"), "{log}");

    lab.run("sweep long.yaml").exits(0);
    assert_eq!(sweep.digests(), lab.sweep_in("undisturbed/long").digests());
}

/// Real memory that really runs out: the large networks do not fit into what the process may have.
#[test]
fn a_run_too_large_for_the_memory_is_tried_alone_and_given_up_and_the_others_are_done() {
    let lab = Lab::new();
    lab.tiny("large", "sweep: { grid: { model.generator.hidden: [[8], [20000, 20000], [9], [10]] } }");
    let command = lab.command("sweep large.yaml --jobs 2 --threads 1");
    let ended = lab.start_limited(command, "ulimit -v 1500000").wait().exits(1);
    let sweep = lab.sweep("large");
    assert_eq!(sweep.counts(), [one("done", 3), one("failed", 1)].into());
    let failed = sweep.status().into_iter().find(|run| run["status"] == "failed").unwrap();
    assert!(failed["id"].as_str().unwrap().contains("20000"), "{failed:#}");
    for words in ["quarantined", "memory allocation of"] {
        assert!(reason(&failed).contains(words), "{failed:#}");
    }
    assert!(ended.stderr.contains("again after all others, alone"), "{}", ended.stderr);
    let started = |run: &Value| sweep.events_of(run["id"].as_str().unwrap(), "ended").pop().unwrap()["at"].as_f64();
    let (last, others): (Vec<_>, Vec<_>) = sweep.status().into_iter().partition(|run| run["status"] == "failed");
    assert!(others.iter().all(|run| started(run) < started(&last[0])), "the suspect comes last");
}

/// The count of tries outlives the process: a sweep that is killed in between does not start it anew.
#[test]
fn tries_are_counted_across_sweeps_that_are_killed() {
    let lab = Lab::new();
    lab.tiny("one", "execution: { retries: 2 }");
    lab.run("plan one.yaml").exits(0);
    lab.run("sweep one.yaml --results undisturbed").exits(0);
    let sweep = lab.sweep("one");
    let id = lab.sweep_in("undisturbed/one").ids().remove(0);
    lab.write(&format!("results/one/runs/{id}/samples"), "a file where a folder must be");
    let counted = || {
        let text = fs::read_to_string(sweep.path().join("failures.json")).ok()?;
        serde_json::from_str::<Value>(&text).ok()?[&id]["failures"].as_u64()
    };
    for failures in 1..=2 {
        let mut running = lab.start("sweep one.yaml");
        until("a failure that is counted", || (counted() == Some(failures)).then_some(()));
        running.kill();
    }
    let ended = lab.run("sweep one.yaml").exits(1);
    assert!(ended.stderr.contains("samples"), "the path is named: {}", ended.stderr);
    let run = &sweep.status()[0];
    assert_eq!((&run["status"], counted()), (&"failed".into(), None), "{run:#}");
    let ends = sweep.events_of(&id, "ended");
    assert_eq!(ends.iter().map(|end| end["cause"].as_str().unwrap()).collect::<Vec<_>>(), ["io"; 3]);

    fs::remove_file(sweep.run(&id).join("samples")).unwrap();
    lab.run("sweep one.yaml").exits(0);
    assert_eq!(sweep.digests(), lab.sweep_in("undisturbed/one").digests());
}

#[test]
fn what_cannot_get_better_is_not_tried_again() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    // Between the plan and the start of the run its data set has gone.
    let id = sweep.ids().remove(0);
    let path = sweep.path().join("plan.json");
    let mut plan: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    plan["runs"][0]["config"]["data"] = serde_json::json!({ "name": "idx", "images": "/nowhere/images" });
    fs::write(&path, plan.to_string()).unwrap();
    let answers = lab.worker("results/one", 1, &[&format!("{{\"train\":\"{id}\"}}")]);
    let outcome = &answers.last().unwrap()["update"]["ended"];
    assert_eq!((&outcome["status"], &outcome["cause"]), (&"failed".into(), &"data".into()), "{outcome}");
    assert!(reason(outcome).contains("/nowhere/images"), "{outcome}");
}

#[test]
fn a_time_limit_stops_with_a_checkpoint_and_further_tries_go_on_from_there() {
    let lab = Lab::new();
    lab.long("long", "");
    lab.run(&format!("sweep long.yaml {ENDLESS} --timeout 1s --retries 1")).exits(1);
    let sweep = lab.sweep("long");
    let run = &sweep.status()[0];
    assert_eq!((&run["status"], &run["attempts"]), (&"timed-out".into(), &2.into()), "{run:#}");
    assert!(reason(run).contains("time limit of 1s"), "{run:#}");
    let ends = sweep.events_of(&sweep.ids()[0], "ended");
    let starts = sweep.events_of(&sweep.ids()[0], "started");
    assert_eq!(starts[1]["step"], ends[0]["step"], "it went on where it had been stopped");
}

#[test]
fn a_worker_that_hangs_past_its_time_limit_is_killed() {
    let lab = Lab::new();
    lab.long("long", "");
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml --timeout 4s --retries 9");
    wait_for_attempt(&mut running, &sweep, 1);
    let hung = running.workers()[0];
    hung.signal("STOP");
    until("the hung worker's death", || (!hung.lives()).then_some(()));
    running.wait().exits(0);
    let first = &sweep.events_of(&sweep.ids()[0], "ended")[0];
    assert!(reason(first).contains("did not answer for 10s"), "{first}");
    assert_eq!(sweep.digests().len(), 1);
}

#[test]
fn enough_failures_stop_the_sweep_and_the_rest_can_be_resumed() {
    for (option, failed) in [("--fail-fast", 1), ("--max-failures 2", 2)] {
        let lab = Lab::new();
        lab.long("long", "sweep: { seeds: 4 }");
        let line = format!("sweep long.yaml {ENDLESS} --timeout 1s --retries 0 --jobs 1 {option}");
        let ended = lab.run(&line).exits(1);
        assert!(ended.stderr.contains("had failed"), "{}", ended.stderr);
        assert_eq!(
            lab.sweep("long").counts(),
            [one("queued", 4 - failed), one("timed-out", failed)].into(),
            "{option}"
        );
    }
    // A run that trains meanwhile is stopped with a checkpoint.
    let lab = Lab::new();
    lab.long("long", "sweep: { grid: { train.batch_size: [8, 9] } }");
    let mut running =
        lab.start("sweep long.yaml --set train.steps=100000000 --jobs 2 --threads 1 --retries 0 --fail-fast");
    let sweep = lab.sweep("long");
    wait_for_attempt(&mut running, &sweep, 1);
    until("two workers", || (running.workers().len() == 2).then_some(()));
    running.workers()[0].signal("KILL");
    running.wait().exits(1);
    assert_eq!(sweep.counts(), [one("failed", 1), one("interrupted", 1)].into());
    assert!(sweep.path().join("report.html").is_file());
}

#[test]
fn several_runs_in_one_worker_give_the_same_weights_and_survive_its_death() {
    let lab = Lab::new();
    lab.long("long", "sweep: { seeds: 4 }");
    lab.run("sweep long.yaml --results undisturbed --jobs 1").exits(0);
    let digests = lab.sweep_in("undisturbed/long").digests();
    let sweep = lab.sweep("long");
    let mut running = lab.start("sweep long.yaml --jobs 4 --slots 4 --threads 1");
    until("four runs under way", || {
        assert!(running.is_running(), "it ended too soon: {}", running.stderr());
        let ids = sweep.path().join("plan.json").is_file().then(|| sweep.ids())?;
        ids.iter().all(|id| !sweep.checkpoints(id).is_empty()).then_some(())
    });
    let workers = running.workers();
    assert_eq!(workers.len(), 1);
    workers[0].signal("KILL");
    running.wait().exits(0);
    assert_eq!(sweep.digests(), digests);
    let attempts: Vec<_> = sweep.status().iter().map(|run| run["attempts"].as_u64().unwrap()).collect();
    assert_eq!(attempts, [2; 4]);
}

/// Someone builds or installs another version while a sweep runs: its further workers still have the sweep's version.
#[test]
fn a_program_that_is_replaced_or_deleted_goes_on_to_the_end() {
    let lab = Lab::new();
    lab.long("long", "sweep: { seeds: 2 }");
    lab.run("sweep long.yaml --results undisturbed").exits(0);
    let own = lab.path("own-runner");
    fs::copy(lab.command("").get_program(), &own).unwrap();
    let mut running = lab.start_copy(&own, "sweep long.yaml --jobs 1");
    let sweep = lab.sweep("long");
    wait_for_attempt(&mut running, &sweep, 1);
    fs::remove_file(&own).unwrap();
    fs::write(&own, "not a program").unwrap();
    running.workers()[0].signal("KILL");
    running.wait().exits(0);
    assert_eq!(sweep.digests(), lab.sweep_in("undisturbed/long").digests());
}
