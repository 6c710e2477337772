//! Workers as processes of this machine.

use super::protocol::{Answer, Order};
use crate::scheduler::Slot;
use record::SweepFolder;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use training::DeviceKind;

/// Lines of a worker's standard error that are kept to explain its death.
const LAST_LINES: usize = 20;

/// Where a slot's runs train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// On what.
    pub device: DeviceKind,
    /// With so many CPU threads.
    pub threads: usize,
}

/// One worker process.
pub struct Worker {
    child: Child,
    orders: ChildStdin,
    errors: JoinHandle<()>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
}

/// What comes from the workers, with the slot it comes from.
pub enum Report {
    /// The worker says.
    Says(Slot, Answer),
    /// The worker wrote to its standard error.
    Mutters(Slot, String),
    /// The worker's output ended: it is dead or dying.
    Silent(Slot),
    /// A signal asks the sweep to stop.
    Signal,
}

impl Worker {
    /// Starts a worker for the slot. It lives in a process group of its own, so that Ctrl-C reaches the sweep alone.
    ///
    /// # Errors
    /// The process cannot be started.
    pub fn start(
        folder: &SweepFolder,
        slot: Slot,
        place: Place,
        time_limit: Option<Duration>,
        reports: &Sender<Report>,
    ) -> io::Result<Self> {
        let Place { device, threads } = place;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").arg(folder.path());
        command.args(["--device", &device.to_string(), "--threads", &threads.to_string()]);
        if let Some(limit) = time_limit {
            command.args(["--time-limit", &limit.as_secs().to_string()]);
        }
        if device.is_cpu() {
            // Burn loads optimizer records onto its default device, which is CUDA in a binary that has it.
            command.env("BURN_DEVICE", "flex");
        }
        // glibc gives the memory of every large tensor back to the system and faults it in again; keep it instead.
        // Other C libraries do not know these names. What the user has set stays.
        for (name, value) in [("MALLOC_MMAP_THRESHOLD_", "1073741824"), ("MALLOC_TRIM_THRESHOLD_", "4294967296")] {
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
                let mut kept = kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                if kept.len() == LAST_LINES {
                    kept.pop_front();
                }
                kept.push_back(line.clone());
                let _ = sender.send(Report::Mutters(slot, line));
            }
        });
        let sender = reports.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(answers).lines().map_while(Result::ok) {
                if let Ok(answer) = serde_json::from_str(&line) {
                    let _ = sender.send(Report::Says(slot, answer));
                }
            }
            let _ = sender.send(Report::Silent(slot));
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

    /// Ends the worker if it has not ended, and says what it died of.
    pub fn bury(mut self) -> String {
        let _ = self.child.kill();
        let status = self.child.wait();
        let _ = self.errors.join();
        let lines = self.last_lines.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        if lines.is_empty() { how } else { format!("{how}: {}", lines.join(" | ")) }
    }

    /// Lets the worker end by itself: its orders have ended.
    pub fn dismiss(self) {
        let Self { mut child, orders, errors, .. } = self;
        drop(orders);
        let _ = child.wait();
        let _ = errors.join();
    }
}
