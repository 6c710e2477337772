//! What signals do to a sweep.

use crate::error::{Error, KILLED};
use crate::sweep::launcher::local::Report;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Signals that come this close together are one: `timeout` sends its signal to the process and to its group.
const ONE_SIGNAL: Duration = Duration::from_millis(500);

/// The first SIGINT, SIGTERM or SIGHUP (a terminal that closes) asks the sweep to stop; the second ends the process at once, and the workers with it:
/// their orders end. SIGTSTP asks it to pause.
///
/// # Errors
/// The system does not take the handler.
pub fn pass_on(reports: Sender<Report>) -> Result<(), Error> {
    let mut heard = vec![SIGINT, SIGTERM, SIGTSTP];
    if !is_ignored(SIGHUP) {
        heard.push(SIGHUP);
    }
    let mut signals = Signals::new(heard).map_err(Error::io(Path::new("signal handler")))?;
    std::thread::spawn(move || {
        let mut first: Option<Instant> = None;
        for signal in signals.forever() {
            match first {
                _ if signal == SIGTSTP => {
                    if reports.send(Report::Pause).is_err() {
                        pause();
                    }
                }
                None => {
                    first = Some(Instant::now());
                    let _ = reports.send(Report::Stop);
                }
                Some(first) if first.elapsed() < ONE_SIGNAL => {}
                Some(_) => std::process::exit(i32::from(KILLED)),
            }
        }
    });
    Ok(())
}

/// Whether whoever started this process wants the signal ignored, as `nohup` does with SIGHUP.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Sleeps until SIGCONT, as SIGTSTP makes a process do that does not listen to it.
pub fn pause() {
    let _ = emulate_default_handler(SIGTSTP);
}
