//! Signals to a sweep: stop, stop at once, pause.

use crate::launcher::Event;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Signals that come this close together are one: `timeout` sends its signal to the process and to its group.
const ONE_SIGNAL: Duration = Duration::from_millis(500);

/// From now on the first SIGINT, SIGTERM or SIGHUP (a terminal that closes) becomes [`Event::Stop`]. The second ends this
/// process at once with the exit code `killed`, and the workers with it: their orders end. SIGTSTP becomes
/// [`Event::Pause`].
///
/// # Errors
/// The system does not take the handler.
pub fn forward(events: Sender<Event>, killed: u8) -> io::Result<()> {
    let mut handled = vec![SIGINT, SIGTERM, SIGTSTP];
    if !is_ignored(SIGHUP) {
        handled.push(SIGHUP);
    }
    let mut signals = Signals::new(handled)?;
    std::thread::spawn(move || {
        let mut first: Option<Instant> = None;
        for signal in signals.forever() {
            match first {
                _ if signal == SIGTSTP => {
                    if events.send(Event::Pause).is_err() {
                        pause();
                    }
                }
                None => {
                    first = Some(Instant::now());
                    let _ = events.send(Event::Stop);
                }
                Some(first) if first.elapsed() < ONE_SIGNAL => {}
                Some(_) => std::process::exit(i32::from(killed)),
            }
        }
    });
    Ok(())
}

/// Whether the parent process had the signal ignored, as `nohup` does with SIGHUP.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Stops this process until SIGCONT, as an unhandled SIGTSTP does.
pub(crate) fn pause() {
    let _ = emulate_default_handler(SIGTSTP);
}
