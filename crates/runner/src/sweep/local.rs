//! Training on workers of this machine.

use super::execute::{Options, Training};
use crate::error::{Error, KILLED};
use crate::sweep::progress::Progress;
use crate::sweep::{cancel, tensorboard, workers};
use dispatch::{Dispatched, Dispatcher, Job, Local, Run, Settings, TrainAll, signals};
use record::{Plan, SweepLock};
use report::ReportError;
use serde::Deserialize;
use std::num::NonZeroUsize;
use std::path::Path;
use training::{RunConfig, Selection};

/// Trains the pending runs on workers of this machine, which have ended when this returns.
pub(super) fn train(
    training: Training,
    devices: &Selection,
    options: Options,
) -> Result<(Dispatched, Result<(), ReportError>), Error> {
    let Training { plan, sweep, pending, execution } = training;
    check_precision(plan, &pending, devices)?;
    options.display.line(&format!("devices: {}", devices.because));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let workers = workers::workers(&devices.devices, execution, options.slots, pending.len(), cores);
    let mut progress = Progress::new(plan, &pending, options.display);
    let job = Job { plan, folder: sweep, pending, workers, ordered: Vec::new() };
    let settings =
        Settings { retries: execution.retries, max_failures: options.max_failures, time_limit: execution.timeout };
    let mut launcher = Local::new(workers::local_command(sweep, options.mix)?);
    let dispatcher = Dispatcher::new(job, settings, Box::new(TrainAll), &mut launcher, &mut progress);
    signals::forward(dispatcher.events(), KILLED).map_err(Error::io(Path::new("signal handler")))?;
    let (own, events) = (SweepLock::holder(sweep), dispatcher.events());
    let work = || cancel::listening(sweep, own.as_ref(), events, || dispatcher.run());
    let (dispatched, followed) = tensorboard::following(sweep, work);
    Ok((dispatched?, followed))
}

/// Every pending run's precision is one that each device has.
fn check_precision(plan: &Plan, pending: &[Run], devices: &Selection) -> Result<(), Error> {
    for run in pending {
        // A configuration that cannot be read is an error of its run, when that starts.
        let Ok(config) = RunConfig::deserialize(&plan.runs[*run].config) else { continue };
        devices.devices.iter().try_for_each(|device| config.train.precision.check(*device))?;
    }
    Ok(())
}
