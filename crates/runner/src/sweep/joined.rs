//! A sweep whose runs are trained by processes that join it.

use super::execute::{Options, Training};
use crate::error::{Error, KILLED};
use crate::sweep::tensorboard;
use dispatch::{Dispatched, Event, Run, signals};
use record::{Glance, Joined, Outcome, Status};
use report::ReportError;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Between two looks at the first unfinished runs.
const INTERVAL: Duration = Duration::from_secs(1);

/// Waits until each pending run has ended, or leaves at once; nothing is stopped when this ends.
pub(super) fn train(training: Training, options: &Options) -> Result<(Dispatched, Result<(), ReportError>), Error> {
    let Training { plan, sweep, mut pending, .. } = training;
    let mut done = Dispatched { outcomes: BTreeMap::new(), stopped: false, left: false, stranded: None };
    let way = format!("on each machine that sees it: runner join {}", sweep.path().display());
    options.display.line(&way);
    if options.detach {
        return Ok((Dispatched { left: true, ..done }, Ok(())));
    }
    let (sender, events) = channel();
    signals::forward(sender, KILLED).map_err(Error::io(Path::new("signal handler")))?;
    let (mut joined, mut count, total) = (Joined::new(sweep), 0, pending.len());
    let work = || {
        while !pending.is_empty() {
            match events.recv_timeout(INTERVAL) {
                Ok(Event::Stop) => {
                    options.display.line("leaving: who has joined trains on; the same command follows them again");
                    (done.stopped, done.left) = (true, true);
                    break;
                }
                Ok(Event::Pause) => signals::pause(),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = joined.look().len();
            if now != count {
                options.display.line(&format!("{now} at work"));
                count = now;
            }
            pending.retain(|run: &Run| {
                let id = &plan.runs[*run].id;
                let Some(outcome) = Glance::of(&sweep.run(id)).ok().and_then(|glance| glance.outcome) else {
                    return true;
                };
                if !is_over(&outcome) {
                    return true;
                }
                done.outcomes.insert(*run, outcome.clone());
                options.display.line(&format!("[{}/{total}] {id}  {}", done.outcomes.len(), outcome.status));
                false
            });
        }
        done
    };
    Ok(tensorboard::following(sweep, work))
}

/// Whether those who have joined leave the run alone, apart from their count of tries.
fn is_over(outcome: &Outcome) -> bool {
    let failed = outcome.status == Status::Failed && outcome.cause.is_some_and(|cause| !cause.is_transient());
    outcome.status.is_finished() || failed || outcome.is_cancelled()
}
