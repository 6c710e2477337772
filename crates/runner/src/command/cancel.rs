//! `runner cancel`.

use super::out;
use crate::cli::CancelArgs;
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::known::Known;
use record::{CancelRequest, Status, SweepLock};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a sweep may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) fn run(arguments: &CancelArgs) -> Result<ExitCode, Error> {
    let folder = find::known(&arguments.run, &arguments.results)?;
    let id = folder.id();
    let nothing = |why: String| Error::Usage(format!("{id}: {why}; nothing was cancelled"));
    let sweep = folder.sweep().ok_or_else(|| nothing("it lies in no sweep's folder".to_owned()))?;
    let status = Known::read(&folder)?.0.row().status;
    if status.is_finished() || status == Status::Failed || status == Status::TimedOut {
        return Err(nothing(format!("it is {status}")));
    }
    let Some(holder) = SweepLock::holder(&sweep) else {
        return Err(nothing(format!("no sweep works in {}", sweep.path().display())));
    };
    let reason = match &arguments.reason {
        Some(reason) => format!("cancelled: {reason}"),
        None => "cancelled".to_owned(),
    };
    let request = CancelRequest { run: id.clone(), sweep: holder.clone(), reason };
    request.write(&sweep).map_err(Error::io(&sweep.cancel_requests()))?;
    let began = Instant::now();
    let lives = || SweepLock::holder(&sweep).is_some_and(|now| now.is(&holder));
    while request.is_waiting(&sweep) {
        let lives = lives();
        if lives && began.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
        } else if request.withdraw(&sweep).map_err(Error::io(&sweep.cancel_requests()))? {
            return Err(nothing(match lives {
                false => "the sweep has just ended".to_owned(),
                true => {
                    let seconds = PATIENCE.as_secs();
                    format!("process {} on {} did not answer in {seconds} s; is it paused?", holder.pid, holder.host)
                }
            }));
        }
    }
    let how = match status {
        Status::Running => "ends with a checkpoint; the next `runner sweep` goes on from it",
        _ => "is left out of the sweep that works; the next `runner sweep` trains it",
    };
    out(format_args!("{id}: {how}"))?;
    Ok(ExitCode::SUCCESS)
}
