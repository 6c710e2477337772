//! What signals do to a sweep.

use crate::error::{Error, KILLED};
use crate::sweep::launcher::local::Report;
use signal_hook::consts::{SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Signals that come this close together are one: `timeout` sends its signal to the process and to its group.
const ONE_SIGNAL: Duration = Duration::from_millis(500);

/// The first SIGINT or SIGTERM asks the sweep to stop; the second ends the process at once, and the workers with it:
/// their orders end. SIGTSTP asks it to pause.
///
/// # Errors
/// The system does not take the handler.
pub fn pass_on(reports: Sender<Report>) -> Result<(), Error> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGTSTP]).map_err(Error::io(Path::new("signal handler")))?;
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

/// Sleeps until SIGCONT, as SIGTSTP makes a process do that does not listen to it.
pub fn pause() {
    let _ = emulate_default_handler(SIGTSTP);
}
