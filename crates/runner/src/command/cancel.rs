//! `runner cancel`.

use super::out;
use crate::cli::CancelArgs;
use crate::error::Error;
use crate::inspect::known::Known;
use crate::inspect::{find, tasks};
use crate::text;
use dispatch::launcher::slurm::TaskFolder;
use dispatch::protocol::Order;
use record::{CancelRequest, Glance, Live, Outcome, Status, SweepFolder, SweepLock};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a sweep may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) fn run(arguments: &CancelArgs) -> Result<ExitCode, Error> {
    let sweep = SweepFolder::new(&arguments.run);
    if let Some(tasks) = TaskFolder::existing(&sweep).filter(|_| sweep.plan().is_file()) {
        return cancel_tasks(&sweep, &tasks);
    }
    if sweep.plan().is_file() {
        let why = "a sweep without tasks of a cluster is ended by Ctrl-C, and a process that has joined it by SIGTERM";
        let way = "`runner cancel RUN` ends one of its runs";
        return Err(Error::Usage(format!("{}: {why}; {way}", sweep.path().display())));
    }
    let folder = find::known(&arguments.run, &arguments.results)?;
    let id = folder.id();
    let nothing = |why: String| Error::Usage(format!("{id}: {why}; nothing was cancelled"));
    let sweep = folder.sweep().ok_or_else(|| nothing("it lies in no sweep's folder".to_owned()))?;
    let status = Known::read(&folder)?.0.row().status;
    if status.is_finished() || status == Status::Failed || status == Status::TimedOut {
        return Err(nothing(format!("it is {status}")));
    }
    let live = || Live::of(&sweep);
    let by = Glance::of(&folder).ok().filter(|glance| glance.outcome.is_none()).and_then(|glance| glance.by);
    // Who trains it, else the sweep.
    let holder = by.filter(|by| live().holders().any(|holder| holder.is(by)));
    let reason = Outcome::cancelled(arguments.reason.as_deref());
    let Some(holder) = SweepLock::holder(&sweep).filter(|_| holder.is_none()).or(holder) else {
        if let Some(task) = cancel_ordered(&sweep, &id, reason)? {
            out(format_args!("{id}: is not trained any more by its task {task}; the next `runner sweep` trains it"))?;
            return Ok(ExitCode::SUCCESS);
        }
        return Err(nothing(format!("no sweep works in {}", sweep.path().display())));
    };
    let request = CancelRequest { run: id.clone(), sweep: holder.clone(), reason };
    request.write(&sweep).map_err(Error::io(&sweep.cancel_requests()))?;
    let began = Instant::now();
    let lives = || live().holders().any(|now| now.is(&holder));
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

/// Tells the task of a cluster that has yet to train the run, in a sweep that no command follows; which that is.
fn cancel_ordered(sweep: &SweepFolder, run: &str, reason: String) -> Result<Option<String>, Error> {
    let Some(tasks) = TaskFolder::existing(sweep) else { return Ok(None) };
    let Some(task) = tasks::of_run(&tasks, run)? else { return Ok(None) };
    let order = Order::Stop { run: Some(run.to_owned()), status: Status::Interrupted, reason };
    let taken = task.channel.order(&order).map_err(Error::io(task.channel.folder()))?;
    Ok(taken.then_some(task.id))
}

/// Ends all tasks that a cluster has of the sweep; a sweep that follows them leaves first.
fn cancel_tasks(sweep: &SweepFolder, tasks: &TaskFolder) -> Result<ExitCode, Error> {
    tasks.give_up().map_err(Error::io(tasks.path()))?;
    let began = Instant::now();
    while SweepLock::is_held(sweep) && began.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
    }
    let count = tasks.cancel()?;
    let what = text::count(count, "job");
    out(format_args!(
        "{}: {what} cancelled; the next `runner sweep` goes on from their checkpoints",
        sweep.path().display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
