//! Signals to a sweep: stop, stop at once, pause. Its workers leave them to it.

use crate::launcher::Event;
use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGXCPU};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Signals that come this close together are one: `timeout` sends its signal to the process and to its group.
const ONE_SIGNAL: Duration = Duration::from_millis(500);

/// From a person, a service manager, or a terminal that closes.
const STOPS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// Of an end that is to come: a queue's warning (`sbatch --signal=USR1@60`), a timer, a limit of processor time, a power
/// failure. Each would kill a process that does not expect it.
const WARNINGS: &[i32] = &[
    SIGUSR1,
    SIGUSR2,
    SIGALRM,
    SIGXCPU,
    #[cfg(target_os = "linux")]
    rustix::process::Signal::POWER.as_raw(),
];

/// From now on the first SIGINT, SIGTERM or SIGHUP, or a warning, becomes [`Event::Stop`]. The second of those three ends this
/// process at once with the exit code `killed`, and the workers with it: their orders end. SIGTSTP becomes
/// [`Event::Pause`].
///
/// # Errors
/// The system does not take the handler, or no thread can be started.
pub fn forward(events: Sender<Event>, killed: u8) -> io::Result<()> {
    let others = [SIGHUP].iter().chain(WARNINGS).copied().filter(|signal| !is_ignored(*signal));
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGTSTP].into_iter().chain(others))?;
    std::thread::Builder::new().spawn(move || {
        let (mut is_stopping, mut first) = (false, None::<Instant>);
        for signal in signals.forever() {
            if signal == SIGTSTP {
                if events.send(Event::Pause).is_err() {
                    pause();
                }
                continue;
            }
            if !std::mem::replace(&mut is_stopping, true) {
                let _ = events.send(Event::Stop);
            }
            match first {
                _ if WARNINGS.contains(&signal) => {}
                None => first = Some(Instant::now()),
                Some(first) if first.elapsed() < ONE_SIGNAL => {}
                Some(_) => std::process::exit(i32::from(killed)),
            }
        }
    })?;
    Ok(())
}

/// For a worker: signals that stop a sweep are not for it, even where they are sent to all processes of a job. Its sweep
/// orders it to stop, and ends it.
///
/// # Errors
/// The system does not take the handler.
pub fn leave_to_sweep() -> io::Result<()> {
    let unread = Arc::new(AtomicBool::new(false));
    let register = |signal: &i32| signal_hook::flag::register(*signal, unread.clone()).map(drop);
    STOPS.iter().chain(WARNINGS).try_for_each(register)
}

/// Whether the parent process had the signal ignored, as `nohup` does with SIGHUP.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Stops this process until SIGCONT, as an unhandled SIGTSTP does.
pub fn pause() {
    let _ = emulate_default_handler(SIGTSTP);
}
