//! A launcher as a cluster is one: a worker appears late, somewhere else, and only files go between it and the sweep.

use dispatch::launcher::{Event, Exit, LastLines, WorkerEvent};
use dispatch::protocol::Order;
use dispatch::{Launcher, WorkerCommand, WorkerId, WorkerSpec};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long a worker waits for a machine.
const QUEUE: Duration = Duration::from_millis(300);

/// How often each side looks into the folder.
const POLL: Duration = Duration::from_millis(3);

pub(crate) struct SharedFolder {
    command: WorkerCommand,
    folder: PathBuf,
    /// How long a worker waits for a machine.
    pub queue: Duration,
    /// All orders so far.
    pub orders: Vec<Order>,
    workers: HashMap<WorkerId, PathBuf>,
    threads: Vec<JoinHandle<()>>,
}

impl SharedFolder {
    pub(crate) fn new(command: WorkerCommand, folder: &Path) -> Self {
        Self {
            command,
            folder: folder.to_owned(),
            queue: QUEUE,
            orders: Vec::new(),
            workers: HashMap::new(),
            threads: Vec::new(),
        }
    }

    fn mark(&self, worker: WorkerId, name: &str) {
        if let Some(folder) = self.workers.get(&worker) {
            let _ = File::create(folder.join(name));
        }
    }
}

impl Launcher for SharedFolder {
    fn start(&mut self, worker: WorkerId, spec: &WorkerSpec, events: &Sender<Event>) -> io::Result<()> {
        let folder = self.folder.join(format!("worker-{worker}-{}", self.threads.len()));
        fs::create_dir_all(&folder)?;
        for name in ["orders", "answers", "errors"] {
            File::create(folder.join(name))?;
        }
        let mut command = Command::new(&self.command.program);
        command.args(self.command.arguments(spec)).envs(spec.environment.iter().map(|(name, value)| (name, value)));
        let (there, queue, events) = (folder.clone(), self.queue, events.clone());
        self.threads.push(thread::spawn(move || machine(&there, queue, command).expect("the machine works")));
        let here = folder.clone();
        self.threads.push(thread::spawn(move || watch(&here, worker, &events)));
        self.workers.insert(worker, folder);
        Ok(())
    }

    fn send(&mut self, worker: WorkerId, order: &Order) {
        self.orders.push(order.clone());
        if let Some(folder) = self.workers.get(&worker) {
            let line = serde_json::to_string(order).unwrap() + "\n";
            let orders = OpenOptions::new().append(true).open(folder.join("orders"));
            orders.and_then(|mut orders| orders.write_all(line.as_bytes())).unwrap();
        }
    }

    fn kill(&mut self, worker: WorkerId) {
        self.mark(worker, "kill");
    }

    fn dismiss(&mut self, worker: WorkerId) {
        self.mark(worker, "dismiss");
    }
}

impl Drop for SharedFolder {
    fn drop(&mut self) {
        self.workers.keys().for_each(|worker| self.mark(*worker, "kill"));
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

/// The other machine: starts the worker when it is its turn, and carries its orders from the file.
fn machine(folder: &Path, queue: Duration, mut command: Command) -> io::Result<()> {
    let asked = |name: &str| folder.join(name).exists();
    thread::sleep(queue);
    let write = |name: &str| OpenOptions::new().append(true).open(folder.join(name));
    command.process_group(0).stdin(Stdio::piped()).stdout(write("answers")?).stderr(write("errors")?);
    let mut child = command.spawn()?;
    let group = child.id();
    let end_group =
        || Command::new("sh").args(["-c", &format!("kill -s KILL -- -{group}")]).stderr(Stdio::null()).status();
    File::create(folder.join("ready"))?;
    let mut input = child.stdin.take();
    let mut orders = File::open(folder.join("orders"))?;
    let status = loop {
        if asked("kill") {
            end_group()?;
        }
        let dismissed = asked("dismiss");
        let mut bytes = Vec::new();
        orders.read_to_end(&mut bytes)?;
        if let Some(input) = &mut input {
            let _ = input.write_all(&bytes);
        }
        if dismissed {
            input = None;
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(POLL);
    };
    end_group()?;
    fs::write(folder.join("status.part"), status.into_raw().to_string())?;
    fs::rename(folder.join("status.part"), folder.join("status"))
}

/// This machine: reports what appears in the folder.
fn watch(folder: &Path, worker: WorkerId, events: &Sender<Event>) {
    let report = |event| drop(events.send(Event::Worker(worker, event)));
    let (mut answers, mut errors) = (Lines::new(folder, "answers"), Lines::new(folder, "errors"));
    let mut last = LastLines::default();
    let mut ready = false;
    loop {
        let status = fs::read_to_string(folder.join("status")).ok();
        if !ready && folder.join("ready").exists() {
            ready = true;
            report(WorkerEvent::Ready);
        }
        if !ready {
            thread::sleep(POLL);
            continue;
        }
        for line in errors.read() {
            let line = String::from_utf8_lossy(&line).into_owned();
            last.push(&line);
            report(WorkerEvent::Stderr(line));
        }
        for line in answers.read() {
            if let Ok(answer) = serde_json::from_slice(&line) {
                report(WorkerEvent::Answer(answer));
            }
        }
        if let Some(status) = status {
            let status = ExitStatus::from_raw(status.parse().unwrap());
            return report(WorkerEvent::Exited(Exit::of(status, &last)));
        }
        thread::sleep(POLL);
    }
}

/// Complete lines of a file that grows.
struct Lines {
    file: File,
    rest: Vec<u8>,
}

impl Lines {
    fn new(folder: &Path, name: &str) -> Self {
        Self { file: File::open(folder.join(name)).unwrap(), rest: Vec::new() }
    }

    fn read(&mut self) -> Vec<Vec<u8>> {
        self.file.read_to_end(&mut self.rest).unwrap();
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let complete: Vec<u8> = self.rest.drain(..=end).collect();
        complete[..end].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    }
}
