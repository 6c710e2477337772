//! What every launcher must do, with real processes. A new one is a line in the list below.

use crate::common::{SharedFolder, answer, dies, exit, lives, next, on_cluster, script, spec, train};
use dispatch::launcher::{Event, WorkerEvent};
use dispatch::protocol::Order;
use dispatch::{Launcher, Local, WorkerCommand};
use record::{Cause, Status};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Makes a launcher of such workers, with a folder for what it needs; `None` where this machine lacks it.
type Make = fn(WorkerCommand, &Path) -> Option<Box<dyn Launcher>>;

/// A folder, a launcher with worker 0 started, and the two ends of its events.
type Started = (TempDir, Box<dyn Launcher>, Receiver<Event>, Sender<Event>);

macro_rules! launchers {
    ($($name:ident: $make:expr,)*) => { $(mod $name {
        contract!($make, starts_what_it_is_asked_to_start);
        contract!($make, orders_arrive_and_answers_come_back_in_order);
        contract!($make, reports_an_exit_once_with_its_cause_and_its_last_lines);
        contract!($make, kills_a_worker_with_its_children);
        contract!($make, lets_a_dismissed_worker_end_by_itself);
        contract!($make, starts_a_worker_again_after_its_exit);
        contract!($make, passes_over_bytes_that_are_no_text);
        contract!($make, takes_orders_for_workers_that_are_gone);
        contract!($make, has_many_workers_at_once);
        contract!($make, nothing_outlives_it);
    })* };
}

macro_rules! contract {
    ($make:expr, $test:ident) => {
        #[test]
        fn $test() {
            super::$test($make);
        }
    };
}

launchers! {
    local: |command, _| Some(Box::new(super::Local::new(command))),
    shared_folder: |command, folder| Some(Box::new(super::SharedFolder::new(command, folder))),
    slurm: |command, folder| Some(Box::new(super::on_cluster(command, folder)?)),
}

/// A launcher of workers that are `worker.sh`, with worker 0 started. The folder is the last to go.
fn started(make: Make) -> Option<Started> {
    let folder = tempfile::tempdir().unwrap();
    let mut launcher = make(script("worker.sh"), folder.path())?;
    let (sender, events) = channel();
    launcher.start(0, &spec(1), &sender).unwrap();
    Some((folder, launcher, events, sender))
}

fn starts_what_it_is_asked_to_start(make: Make) {
    let Some((_folder, mut launcher, events, _sender)) = started(make) else { return };
    launcher.send(0, &train("options"));
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    let expected = "--device test:0 --slots 1 --threads 2 a setting";
    assert_eq!(answer(&events, 0), (expected.to_owned(), 1));
}

fn orders_arrive_and_answers_come_back_in_order(make: Make) {
    let Some((_folder, mut launcher, events, _sender)) = started(make) else { return };
    let runs: Vec<String> = (0..300).map(|number| format!("run-{number}")).collect();
    let (early, late) = runs.split_at(100);
    early.iter().for_each(|run| launcher.send(0, &train(run)));
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    late.iter().for_each(|run| launcher.send(0, &train(run)));
    for run in &runs {
        assert_eq!(answer(&events, 0), (run.clone(), 1));
    }
    let stop = Order::Stop { run: None, status: Status::Interrupted, reason: "x".to_owned() };
    for order in [stop, Order::Pause, Order::Resume] {
        launcher.send(0, &order);
        assert_eq!(answer(&events, 0), ("other".to_owned(), 1));
    }
}

fn reports_an_exit_once_with_its_cause_and_its_last_lines(make: Make) {
    let Some((_folder, mut launcher, events, sender)) = started(make) else { return };
    let check = |run: &str, cause, reason: &str, launcher: &mut dyn Launcher| {
        launcher.send(0, &train(run));
        assert_eq!(next(&events, 0), WorkerEvent::Ready);
        let (exit, lines) = exit(&events, 0);
        assert_eq!((exit.cause, exit.reason.as_str()), (cause, reason));
        assert!(!lines.is_empty());
        assert!(events.recv_timeout(Duration::from_millis(50)).is_err(), "something came after the exit");
    };
    check("exit", Cause::LostWorker, "exit status: 3: the first line | the last line", &mut *launcher);
    launcher.start(0, &spec(1), &sender).unwrap();
    let reason = "signal: 6 (SIGABRT): memory allocation of 64 bytes failed";
    check("memory", Cause::OutOfMemory, reason, &mut *launcher);
}

fn kills_a_worker_with_its_children(make: Make) {
    let Some((_folder, mut launcher, events, _sender)) = started(make) else { return };
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    launcher.send(0, &train("pid"));
    let (_, worker) = answer(&events, 0);
    launcher.send(0, &train("child"));
    let (_, child) = answer(&events, 0);
    assert!(lives(worker) && lives(child));
    launcher.kill(0);
    let (exit, _) = exit(&events, 0);
    assert_eq!(exit.cause, Cause::Signal);
    assert!(exit.reason.starts_with("signal: 9 (SIGKILL)"), "{}", exit.reason);
    assert!(!lives(worker));
    dies(child);
}

/// Its child holds its output, which must not delay the report.
fn lets_a_dismissed_worker_end_by_itself(make: Make) {
    let Some((_folder, mut launcher, events, _sender)) = started(make) else { return };
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    launcher.send(0, &train("child"));
    let (_, child) = answer(&events, 0);
    launcher.dismiss(0);
    assert_eq!(exit(&events, 0).0.reason, "exit status: 0");
    dies(child);
}

fn starts_a_worker_again_after_its_exit(make: Make) {
    let Some((_folder, mut launcher, events, sender)) = started(make) else { return };
    let mut pids = Vec::new();
    for _ in 0..3 {
        launcher.send(0, &train("pid"));
        assert_eq!(next(&events, 0), WorkerEvent::Ready);
        pids.push(answer(&events, 0).1);
        launcher.kill(0);
        exit(&events, 0);
        launcher.start(0, &spec(1), &sender).unwrap();
    }
    pids.dedup();
    assert_eq!(pids.len(), 3);
}

fn passes_over_bytes_that_are_no_text(make: Make) {
    let Some((_folder, mut launcher, events, _sender)) = started(make) else { return };
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    launcher.send(0, &train("bytes"));
    launcher.send(0, &train("exit"));
    assert_eq!(answer(&events, 0), ("bytes".to_owned(), 1));
    let (exit, _) = exit(&events, 0);
    assert_eq!(exit.reason, "exit status: 3: \u{fffd}\u{fffd} | still here | the first line | the last line");
}

fn takes_orders_for_workers_that_are_gone(make: Make) {
    let Some((_folder, mut launcher, events, _sender)) = started(make) else { return };
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    launcher.kill(0);
    exit(&events, 0);
    for worker in [0, 7] {
        launcher.send(worker, &train("pid"));
        launcher.kill(worker);
        launcher.dismiss(worker);
    }
    assert!(events.recv_timeout(Duration::from_millis(50)).is_err());
}

fn has_many_workers_at_once(make: Make) {
    const WORKERS: usize = 24;
    const ORDERS: usize = 20;
    let Some((_folder, mut launcher, events, sender)) = started(make) else { return };
    (1..WORKERS).for_each(|worker| launcher.start(worker, &spec(1), &sender).unwrap());
    for order in 0..ORDERS {
        (0..WORKERS).for_each(|worker| launcher.send(worker, &train(&format!("run-{worker}-{order}"))));
    }
    let (mut ready, mut answers) = (0, [0; WORKERS]);
    while answers.iter().sum::<usize>() < WORKERS * ORDERS {
        match events.recv_timeout(crate::common::PATIENCE).unwrap() {
            Event::Worker(_, WorkerEvent::Ready) => ready += 1,
            Event::Worker(worker, WorkerEvent::Answer(answer)) => {
                assert_eq!(answer.run, format!("run-{worker}-{}", answers[worker]));
                answers[worker] += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ready, WORKERS);
    // One dies, the others stay.
    launcher.kill(5);
    exit(&events, 5);
    launcher.send(6, &train("pid"));
    assert_eq!(answer(&events, 6).0, "pid");
}

/// Neither a worker that waits for orders nor one that does not look at them.
fn nothing_outlives_it(make: Make) {
    let Some((_folder, mut launcher, events, sender)) = started(make) else { return };
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    launcher.send(0, &train("pid"));
    let (_, idle) = answer(&events, 0);
    launcher.start(1, &spec(1), &sender).unwrap();
    assert_eq!(next(&events, 1), WorkerEvent::Ready);
    launcher.send(1, &train("deaf"));
    let (_, deaf) = answer(&events, 1);
    assert!(lives(idle) && lives(deaf));
    drop(launcher);
    assert!(!lives(idle) && !lives(deaf));
}

/// Pipes are the local launcher's own.
#[test]
fn a_local_worker_that_closes_its_output_is_killed() {
    let Some((_folder, mut launcher, events, _sender)) = started(|command, _| Some(Box::new(Local::new(command))))
    else {
        return;
    };
    assert_eq!(next(&events, 0), WorkerEvent::Ready);
    launcher.send(0, &train("mute"));
    assert_eq!(exit(&events, 0).0.cause, Cause::Signal);
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let mut launcher = Local::new(WorkerCommand { program: "/nowhere".into(), arguments: Vec::new() });
    assert!(launcher.start(0, &spec(1), &channel().0).is_err());
}
