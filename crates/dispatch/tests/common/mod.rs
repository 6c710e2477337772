//! What the tests share: workers that are small shell scripts, and a launcher that has only a folder in common with them.

mod on_cluster;
mod shared_folder;

pub(crate) use on_cluster::on_cluster;
pub(crate) use shared_folder::SharedFolder;

use dispatch::launcher::{Event, Exit, WorkerEvent};
use dispatch::protocol::{Answer, Order, Update};
use dispatch::{Device, WorkerCommand, WorkerId, WorkerSpec};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// Far beyond what anything here takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The worker whose script is this file of this folder.
pub(crate) fn script(name: &str) -> WorkerCommand {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common").join(name);
    WorkerCommand { program: "/bin/sh".into(), arguments: vec![path.into()] }
}

pub(crate) fn spec(slots: usize) -> WorkerSpec {
    let device = Device::try_from("test:0".to_owned()).unwrap();
    WorkerSpec {
        device,
        slots,
        packs: false,
        threads: 2,
        environment: vec![("TEST_SETTING".to_owned(), "a setting".to_owned())],
    }
}

pub(crate) fn train(run: &str) -> Order {
    Order::Train(run.to_owned())
}

/// The next event of a worker; those of others are an error.
pub(crate) fn next(events: &Receiver<Event>, worker: WorkerId) -> WorkerEvent {
    match events.recv_timeout(PATIENCE) {
        Ok(Event::Worker(from, event)) if from == worker => event,
        other => panic!("waiting for worker {worker}: {other:?}"),
    }
}

/// The next answer of a worker; lines of its standard error are passed over.
pub(crate) fn answer(events: &Receiver<Event>, worker: WorkerId) -> (String, u64) {
    loop {
        match next(events, worker) {
            WorkerEvent::Stderr(_) | WorkerEvent::Warning(_) => {}
            WorkerEvent::Answer(Answer { run, update: Update::Step(step) }) => return (run, step),
            other => panic!("waiting for an answer: {other:?}"),
        }
    }
}

/// The exit of a worker, and the lines of its standard error before that.
pub(crate) fn exit(events: &Receiver<Event>, worker: WorkerId) -> (Exit, Vec<String>) {
    let mut lines = Vec::new();
    loop {
        match next(events, worker) {
            WorkerEvent::Stderr(line) => lines.push(line),
            WorkerEvent::Exited(exit) => return (exit, lines),
            other => panic!("waiting for the exit: {other:?}"),
        }
    }
}

/// Whether there is a process of this id. One that is dead and not yet waited for does not count.
pub(crate) fn lives(id: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !matches!(rest.split_whitespace().next(), Some("Z" | "X")))
}

/// Waits until there is no process of this id.
pub(crate) fn dies(id: u64) {
    let began = Instant::now();
    while lives(id) {
        assert!(began.elapsed() < PATIENCE, "process {id} lives on");
        std::thread::sleep(Duration::from_millis(2));
    }
}
