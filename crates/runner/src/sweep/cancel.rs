//! `runner cancel`, as the sweep sees it: requests in its folder.

use dispatch::Event;
use record::{CancelRequest, Holder, SweepFolder};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(500);

/// Does the work while a thread passes requests to the sweep `own` on as events. A sweep without a lock, and one whose
/// thread cannot be started, takes no requests.
pub(crate) fn listening<T>(
    folder: &SweepFolder,
    own: Option<&Holder>,
    events: Sender<Event>,
    work: impl FnOnce() -> T,
) -> T {
    thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        let listen = move |own: &Holder| {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                for CancelRequest { run, reason, .. } in CancelRequest::take(folder, own) {
                    let _ = events.send(Event::Cancel { run, reason });
                }
            }
        };
        if let Some(own) = own {
            let _ = thread::Builder::new().spawn_scoped(scope, move || listen(own));
        }
        let done = work();
        drop(stop);
        done
    })
}
