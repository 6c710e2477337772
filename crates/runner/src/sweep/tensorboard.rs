//! TensorBoard's files, kept growing beside the training.

use record::SweepFolder;
use report::{Live, ReportError};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// TensorBoard itself reads its files every five seconds.
const INTERVAL: Duration = Duration::from_secs(3);

/// Does the work while a thread writes TensorBoard's files from the sweep's records. An error ends that thread, not the
/// work; nor does one that cannot be started.
pub(crate) fn following<T>(folder: &SweepFolder, work: impl FnOnce() -> T) -> (T, Result<(), ReportError>) {
    thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        let follower = thread::Builder::new().spawn_scoped(scope, move || {
            let mut live = Live::follow(folder)?;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                live.catch_up()?;
            }
            Ok(())
        });
        let done = work();
        drop(stop);
        let followed = match follower {
            Ok(follower) => follower.join().unwrap_or(Ok(())),
            Err(source) => Err(ReportError::Write { path: folder.tensorboard(), source }),
        };
        (done, followed)
    })
}
