//! Workers as processes of this machine: orders on standard input, answers on standard output.

use super::exit::{Exit, LastLines};
use super::{Event, Launcher, WorkerCommand, WorkerEvent, WorkerSpec};
use crate::protocol::Order;
use crate::scheduler::WorkerId;
use record::Cause;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Workers that have not ended this long after their orders are killed.
const GRACE: Duration = Duration::from_secs(5);

/// Bytes of a line that are read; a worker's lines have a few hundred, an evaluation's some thousands.
const LINE_BYTES: u64 = 1 << 24;

/// Starts child processes.
#[derive(Debug)]
pub struct Local {
    command: WorkerCommand,
    workers: HashMap<WorkerId, Worker>,
}

impl Local {
    /// Every worker executes this command.
    pub fn new(command: WorkerCommand) -> Self {
        Self { command, workers: HashMap::new() }
    }
}

impl Launcher for Local {
    fn start(&mut self, worker: WorkerId, spec: &WorkerSpec, events: &Sender<Event>) -> io::Result<()> {
        let mut command = Command::new(&self.command.program);
        command.arg0("runner").args(self.command.arguments(spec));
        command.envs(spec.environment.iter().map(|(name, value)| (name, value)));
        let started = Worker::start(command, worker, events.clone())?;
        self.workers.insert(worker, started);
        Ok(())
    }

    fn send(&mut self, worker: WorkerId, order: &Order) {
        if let Some(worker) = self.workers.get_mut(&worker) {
            worker.send(order);
        }
    }

    fn kill(&mut self, worker: WorkerId) {
        if let Some(worker) = self.workers.get(&worker) {
            worker.process.kill();
        }
    }

    fn dismiss(&mut self, worker: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&worker) {
            worker.orders = None;
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.workers.values_mut().for_each(|worker| worker.orders = None);
        let deadline = Instant::now() + GRACE;
        for (_, worker) in self.workers.drain() {
            while !worker.watcher.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(2));
            }
            worker.process.kill();
            let _ = worker.watcher.join();
        }
    }
}

/// One child process.
#[derive(Debug)]
struct Worker {
    process: Arc<Process>,
    /// `None` when it is dismissed.
    orders: Option<ChildStdin>,
    /// Ends after it has reported the exit.
    watcher: JoinHandle<()>,
}

impl Worker {
    /// It lives in a process group of its own, so that Ctrl-C and Ctrl-Z reach the sweep alone.
    fn start(mut command: Command, id: WorkerId, events: Sender<Event>) -> io::Result<Self> {
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (orders, answers, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let process = Arc::new(Process::new(child));
        let _ = events.send(Event::Worker(id, WorkerEvent::Ready));
        let report = move |event| drop(events.send(Event::Worker(id, event)));
        let watcher = watch(&process, answers, errors, report).inspect_err(|_| {
            process.kill();
            let _ = process.wait();
        })?;
        Ok(Self { process, orders, watcher })
    }

    fn send(&mut self, order: &Order) {
        let Some(orders) = &mut self.orders else { return };
        let mut line = serde_json::to_vec(order).expect("orders are plain data");
        line.push(b'\n');
        // A worker that is gone is reported by its watcher.
        let _ = orders.write_all(&line);
    }
}

/// Reports what a worker writes, and then its exit.
///
/// # Errors
/// A thread cannot be started. Those that were end with the worker.
fn watch(
    process: &Arc<Process>,
    answers: Option<ChildStdout>,
    errors: Option<ChildStderr>,
    report: impl Fn(WorkerEvent) + Clone + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let (watched, answered) = (process.clone(), report.clone());
    let answers = thread::Builder::new().spawn(move || {
        each_line(answers, |line| {
            if let Ok(answer) = serde_json::from_slice(line) {
                answered(WorkerEvent::Answer(answer));
            }
        });
        // Without its output it is of no use.
        watched.kill();
    })?;
    let lines = report.clone();
    let errors = thread::Builder::new().spawn(move || {
        let mut last = LastLines::default();
        each_line(errors, |line| {
            let line = String::from_utf8_lossy(line).into_owned();
            last.push(&line);
            lines(WorkerEvent::Stderr(line));
        });
        last
    })?;
    let process = process.clone();
    thread::Builder::new().spawn(move || {
        let status = process.wait();
        let _ = answers.join();
        let last = errors.join().unwrap_or_default();
        report(WorkerEvent::Exited(match status {
            Ok(status) => Exit::of(status, &last),
            Err(error) => Exit { cause: Cause::LostWorker, reason: error.to_string(), is_blameless: false },
        }));
    })
}

/// Calls `each` with every line, without its end, until the output ends. Bytes that are no text, and lines without an
/// end, do not stop it: a writer whose pipe is closed dies.
fn each_line(output: Option<impl Read>, mut each: impl FnMut(&[u8])) {
    let Some(output) = output else { return };
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while (&mut output).take(LINE_BYTES).read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        each(line.trim_ascii_end());
        line.clear();
    }
}

/// A process group by its first process, which can be killed while it is waited for.
#[derive(Debug)]
struct Process {
    id: Pid,
    /// `None` when the id may belong to another process.
    child: Mutex<Option<Child>>,
}

impl Process {
    fn new(child: Child) -> Self {
        Self { id: Pid::from_child(&child), child: Mutex::new(Some(child)) }
    }

    fn kill(&self) {
        if self.child().is_some() {
            let _ = kill_process_group(self.id, Signal::KILL);
        }
    }

    /// Waits for the end of the first process, and then ends the rest of its group, which might hold the pipes.
    fn wait(&self) -> io::Result<ExitStatus> {
        // Its id stays taken until it has been waited for below.
        while let Err(error) = waitid(WaitId::Pid(self.id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            if error != rustix::io::Errno::INTR {
                break;
            }
        }
        let mut child = self.child();
        let _ = kill_process_group(self.id, Signal::KILL);
        match child.take() {
            Some(mut child) => child.wait(),
            None => Err(io::Error::other("the worker was waited for twice")),
        }
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
