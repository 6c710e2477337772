//! Workers as processes of this machine.

use super::protocol::{Answer, Order};
use crate::sweep::scheduler::WorkerId;
use record::{Cause, SweepFolder};
use signal_hook::consts::SIGKILL;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use training::DeviceKind;

/// Lines of a worker's standard error that are kept to explain its death.
const LAST_LINES: usize = 12;
/// Letters of such a line that are kept.
const LINE_LENGTH: usize = 300;

/// What a worker is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its device.
    pub device: DeviceKind,
    /// Runs that it trains at once.
    pub slots: usize,
    /// CPU threads of each of them.
    pub threads: usize,
}

/// One worker process.
pub struct Worker {
    child: Child,
    orders: ChildStdin,
    errors: JoinHandle<()>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
}

/// What comes from the workers and from outside.
pub enum Report {
    /// The worker says.
    Says(Answer),
    /// The worker wrote to its standard error.
    Mutters(WorkerId, String),
    /// The worker's output ended: it is dead or dying.
    Silent(WorkerId),
    /// A signal asks the sweep to stop.
    Stop,
    /// A signal asks the sweep to pause, as Ctrl-Z does.
    Pause,
}

/// How a worker ended.
#[derive(Debug, PartialEq)]
pub struct Death {
    /// Of what kind.
    pub cause: Cause,
    /// Its exit status, and its last lines.
    pub reason: String,
}

impl Worker {
    /// Starts a worker. It lives in a process group of its own, so that Ctrl-C and Ctrl-Z reach the sweep alone.
    ///
    /// # Errors
    /// The process cannot be started.
    pub fn start(folder: &SweepFolder, id: WorkerId, place: Place, reports: &Sender<Report>) -> io::Result<Self> {
        let Place { device, slots, threads } = place;
        let mut command = Command::new(program()?);
        command.arg0("runner").arg("worker").arg(folder.path()).args(["--device", &device.to_string()]);
        command.args(["--slots", &slots.to_string(), "--threads", &threads.to_string()]);
        if device.is_cpu() {
            // Burn loads optimizer records onto its default device, which is CUDA in a binary that has it.
            command.env("BURN_DEVICE", "flex");
        }
        // glibc gives the memory of every large tensor back to the system and faults it in again; keep it instead. And it has
        // more heaps than there are threads that compute, each with memory that the others lack; and what it keeps of small
        // blocks at hand parts the large ones. Other C libraries do not know these names. What the user has set stays.
        let settings = [
            ("MALLOC_MMAP_THRESHOLD_", "1073741824"),
            ("MALLOC_TRIM_THRESHOLD_", "4294967296"),
            ("MALLOC_ARENA_MAX", &(slots * threads).to_string()),
            ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0"),
        ];
        for (name, value) in settings {
            if std::env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        command.process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (Some(orders), Some(answers), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("the worker has no pipes"));
        };

        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        let (kept, sender) = (last_lines.clone(), reports.clone());
        let errors = std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if !is_frame(&line) {
                    let mut kept = kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    if kept.len() == LAST_LINES {
                        kept.pop_front();
                    }
                    kept.push_back(line.chars().take(LINE_LENGTH).collect());
                }
                let _ = sender.send(Report::Mutters(id, line));
            }
        });
        let sender = reports.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(answers).lines().map_while(Result::ok) {
                if let Ok(answer) = serde_json::from_str(&line) {
                    let _ = sender.send(Report::Says(answer));
                }
            }
            let _ = sender.send(Report::Silent(id));
        });
        Ok(Self { child, orders, errors, last_lines })
    }

    /// Sends an order.
    ///
    /// # Errors
    /// The worker is gone.
    pub fn order(&mut self, order: &Order) -> io::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.orders.write_all(&line)
    }

    /// Ends the worker at once. [`Report::Silent`] follows.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// Ends the worker if it has not ended, and says what it died of.
    pub fn bury(mut self) -> Death {
        let _ = self.child.kill();
        let status = self.child.wait();
        let _ = self.errors.join();
        let lines = self.last_lines.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        match status {
            Ok(status) => Death::of(status, &lines),
            Err(error) => Death { cause: Cause::LostWorker, reason: error.to_string() },
        }
    }

    /// Lets the worker end by itself: its orders have ended.
    pub fn dismiss(self) {
        let Self { mut child, orders, errors, .. } = self;
        drop(orders);
        let _ = child.wait();
        let _ = errors.join();
    }
}

/// This program, also after another one has been built or installed in its place: a sweep may take days.
fn program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}

/// Whether the line is a part of a backtrace, which would crowd out the message before it.
fn is_frame(line: &str) -> bool {
    let line = line.trim();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.is_empty()
        || line.starts_with("at ")
        || (digits.len() < line.len() && digits.starts_with(": "))
        || line.starts_with("stack backtrace:")
        || line.starts_with("note: ")
}

impl Death {
    fn of(status: ExitStatus, lines: &[&str]) -> Self {
        let says = |words: &str| lines.iter().any(|line| line.to_ascii_lowercase().contains(words));
        let cause = if says("memory allocation of") || says("out of memory") || says("out_of_memory") {
            Cause::OutOfMemory
        } else if status.signal().is_some() {
            Cause::Signal
        } else {
            Cause::LostWorker
        };
        let mut reason = status.to_string();
        if status.signal() == Some(SIGKILL) {
            reason += ", perhaps because memory ran out";
        }
        if !lines.is_empty() {
            reason += &format!(": {}", lines.join(" | "));
        }
        Self { cause, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtrace_is_no_last_word() {
        let frames = ["   0: __rustc::rust_begin_unwind", "             at /a/b.rs:3:9", "stack backtrace:", ""];
        assert!(frames.into_iter().all(is_frame));
        let words = ["thread 'main' panicked at src/a.rs:1:2:", "memory allocation of 9 bytes failed", "0 of 3: x"];
        assert!(!words.into_iter().any(is_frame));
    }

    #[test]
    fn a_death_is_classed_by_its_status_and_its_last_words() {
        let check = |raw, lines: &[&str], cause, reason: &str| {
            assert_eq!(Death::of(ExitStatus::from_raw(raw), lines), Death { cause, reason: reason.to_owned() });
        };
        check(101 << 8, &["thread panicked", "oh"], Cause::LostWorker, "exit status: 101: thread panicked | oh");
        check(11, &[], Cause::Signal, "signal: 11 (SIGSEGV)");
        check(9, &[], Cause::Signal, "signal: 9 (SIGKILL), perhaps because memory ran out");
        let words = "memory allocation of 8000000000 bytes failed";
        check(6, &[words], Cause::OutOfMemory, &format!("signal: 6 (SIGABRT): {words}"));
        let words = "CUDA_ERROR_OUT_OF_MEMORY";
        check(101 << 8, &[words], Cause::OutOfMemory, &format!("exit status: 101: {words}"));
    }
}
