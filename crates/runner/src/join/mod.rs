//! `runner join`: a process that trains runs of a sweep which it did not start, beside others that do the same.
//!
//! What it trains next comes from a [`Source`]: runs that it [claims](claims) from the plan, or those that a queue's
//! [task](task) was ordered to train. Every attempt is fenced by its log, so that two who train one run at once, because one
//! was taken for dead, do no harm.

mod claims;
mod task;

pub(crate) use claims::Claims;
pub(crate) use task::{Task, answers as task_answers};

use crate::error::{Error, KILLED};
use crate::work::{Controls, Place, Work};
use dispatch::{Event, signals};
use record::{CancelRequest, EventLog, Lease, Numerics, Outcome, Status, SweepFolder};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use training::Stop;

/// Between two looks at requests and at the lease.
const INTERVAL: Duration = Duration::from_millis(500);

/// The reason of a run that ends because its process does.
const STOPPED: &str = "stopped by a signal";

/// Where runs come from.
pub(crate) trait Source: Sync {
    /// Waits for the next run that this arithmetic may train; `None` if there is none for this process any more.
    ///
    /// # Errors
    /// A file of the sweep cannot be read or written.
    fn next(&self, here: &Numerics) -> Result<Option<Next>, Error>;

    /// The attempt has ended.
    ///
    /// # Errors
    /// That cannot be written.
    fn ended(&self, run: &str, outcome: &Outcome) -> Result<(), Error>;
}

/// A run to train.
pub(crate) struct Next {
    pub run: String,
    /// Of the attempt that has begun.
    pub log: EventLog,
    pub stop: Stop,
}

/// Whether this process is to end, and with which runs under way.
#[derive(Default)]
pub(crate) struct Ending {
    controls: Arc<Controls>,
    asked: AtomicBool,
}

impl Ending {
    pub(crate) fn new(controls: Arc<Controls>) -> Self {
        Self { controls, asked: AtomicBool::new(false) }
    }

    /// Whether nothing new is to be begun.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Ends all runs under way with a checkpoint, and begins none.
    fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.controls.stop(None, Status::Interrupted, STOPPED);
    }

    /// Makes a run that can be stopped; one that comes too late is stopped at once.
    pub(crate) fn enter(&self, run: &str) -> Stop {
        let stop = self.controls.enter(run);
        if self.is_asked() {
            stop.ask(Status::Interrupted, STOPPED);
        }
        stop
    }
}

/// Trains what comes from the source in all places at once, until nothing does or a signal comes.
///
/// # Errors
/// A file of the sweep cannot be read or written, or threads cannot be started.
pub(crate) fn train(
    work: &Work,
    source: &dyn Source,
    places: &[Place],
    lease: &Lease,
    ending: &Ending,
    limit: Option<Duration>,
) -> Result<(), Error> {
    let (sender, events) = channel();
    signals::forward(sender, KILLED).map_err(Error::io(Path::new("signal handler")))?;
    std::thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        let attend = move || attend(&work.folder, &work.controls, ending, lease, &events, &is_done);
        std::thread::Builder::new().spawn_scoped(scope, attend).map_err(Error::threads)?;
        let slot = |place: Place| {
            let work = move || serve(work, source, place, ending, limit);
            std::thread::Builder::new().spawn_scoped(scope, work).map_err(Error::threads)
        };
        let slots: Vec<_> = places.iter().map(|place| slot(*place)).collect();
        let ended = slots.into_iter().map(|slot| match slot?.join() {
            Ok(ended) => ended,
            // The device is in an unknown state. Others take the runs up.
            Err(_) => std::process::exit(101),
        });
        let ended = ended.collect::<Vec<_>>().into_iter().collect();
        drop(done);
        ended
    })
}

/// One slot: one run after another on its own threads.
fn serve(
    work: &Work,
    source: &dyn Source,
    place: Place,
    ending: &Ending,
    limit: Option<Duration>,
) -> Result<(), Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(place.threads).use_current_thread().build();
    let pool = pool.map_err(Error::threads)?;
    let here = training::numerics(place.device);
    while !ending.is_asked()
        && let Some(Next { run, log, stop }) = source.next(&here)?
    {
        let timer = limit.map(|limit| timer(limit, stop.clone())).transpose()?;
        let outcome = pool.install(|| work.train(&run, place, Some(log), stop));
        drop(timer);
        work.controls.leave(&run);
        source.ended(&run, &outcome)?;
    }
    Ok(())
}

/// Stops a run when its time is over; not any more when what it returns is dropped.
fn timer(limit: Duration, stop: Stop) -> Result<Sender<()>, Error> {
    let (sender, dropped) = channel::<()>();
    let wait = move || {
        if let Err(RecvTimeoutError::Timeout) = dropped.recv_timeout(limit) {
            stop.ask(Status::TimedOut, &format!("reached its time limit of {} s", limit.as_secs()));
        }
    };
    std::thread::Builder::new().spawn(wait).map_err(Error::threads)?;
    Ok(sender)
}

/// Carries out signals and requests to cancel a run, and ends the process's work when its lease is lost.
fn attend(
    folder: &SweepFolder,
    controls: &Controls,
    ending: &Ending,
    lease: &Lease,
    events: &std::sync::mpsc::Receiver<Event>,
    is_done: &std::sync::mpsc::Receiver<()>,
) {
    loop {
        match events.recv_timeout(INTERVAL) {
            Ok(Event::Stop) => ending.ask(),
            Ok(Event::Pause) => signals::pause(),
            _ => {}
        }
        if let Err(std::sync::mpsc::TryRecvError::Disconnected) = is_done.try_recv() {
            return;
        }
        for CancelRequest { run, reason, .. } in CancelRequest::take(folder, lease.holder()) {
            controls.stop(Some(&run), Status::Interrupted, &reason);
        }
        if lease.is_lost() {
            ending.asked.store(true, Ordering::SeqCst);
        }
    }
}
