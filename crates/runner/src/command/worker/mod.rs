//! `runner worker`: trains the runs that are ordered on standard input, as many at once as it has slots.

mod answers;
mod describe;
mod orders;

use crate::cli::WorkerArgs;
use crate::error::{Error, MACHINE};
use crate::plan::identity;
use answers::{RunObserver, send};
use data::{DataConfig, DataError, Dataset};
use describe::{Git, describe, git};
use dispatch::protocol::Update;
use dispatch::signals;
use orders::{Controls, listen};
use record::{Cause, Outcome, Plan, PlannedRun, SweepFolder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use training::{Job, RunConfig, Stop};

/// Exit status of Rust's own after a panic.
const PANICKED: i32 = 101;

pub(crate) fn run(arguments: &WorkerArgs) -> Result<ExitCode, Error> {
    // It was started by a path with another name at its end.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"runner");
    // One that is stopped cannot see its orders end. The sweep's main thread starts workers, and ends last.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    signals::leave_to_sweep().map_err(Error::io(Path::new("signal handler")))?;
    let controls = Arc::new(Controls::default());
    // First of all, so that the worker ends with its sweep whatever it is doing.
    let orders = Mutex::new(listen(controls.clone()).map_err(Error::threads)?);
    let folder = SweepFolder::new(&arguments.dir);
    let plan = Plan::read(&folder)?;
    let worker = Worker { arguments, folder, plan, git: git(), dataset: Mutex::new(None), controls };
    // Each error ends the process: a slot must not wait for the orders of the others to end.
    let fail = |error: Error| -> ! {
        eprint!("{}", error.report());
        std::process::exit(i32::from(MACHINE));
    };
    std::thread::scope(|scope| {
        for _ in 0..arguments.slots.get() {
            let slot = std::thread::Builder::new().spawn_scoped(scope, || {
                // A panic in one run leaves the device in an unknown state: the whole worker ends, and its sweep starts
                // a new one, which resumes all of its runs from their checkpoints.
                match catch_unwind(AssertUnwindSafe(|| worker.work(&orders))) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => fail(error),
                    Err(_) => std::process::exit(PANICKED),
                }
            });
            let _ = slot.map_err(|error| fail(Error::threads(error)));
        }
    });
    Ok(ExitCode::SUCCESS)
}

struct Worker<'a> {
    arguments: &'a WorkerArgs,
    folder: SweepFolder,
    plan: Plan,
    git: Option<Git>,
    /// The data set of the run before: most often that of the next one.
    dataset: Mutex<Option<(DataConfig, Arc<Dataset>)>>,
    controls: Arc<Controls>,
}

impl Worker<'_> {
    /// The work of one slot: one run after another on its own threads. The same thread leads all of them, so that a run
    /// uses the memory that the one before has freed: threads have separate heaps.
    ///
    /// # Errors
    /// Its threads cannot be started.
    fn work(&self, orders: &Mutex<Receiver<(String, Stop)>>) -> Result<(), Error> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.arguments.threads).use_current_thread().build();
        let pool = pool.map_err(Error::threads)?;
        let next = || orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok((id, stop)) = next() {
            let outcome = pool.install(|| self.train(&id, stop));
            self.controls.stops().remove(&id);
            send(&id, Update::Ended(outcome));
        }
        Ok(())
    }

    fn train(&self, id: &str, stop: Stop) -> Outcome {
        match self.prepare(id) {
            Ok((job, observer)) => training::train(job, Box::new(observer), stop),
            Err(outcome) => {
                // Best effort: the folder itself may be what failed, and the sweep gets the outcome in any case.
                let identity = self.planned(id).and_then(PlannedRun::identity);
                let log = record::EventLog::begin(&self.folder.run(id), identity.as_ref());
                let _ = log.and_then(|mut log| log.end(&outcome, 0.0));
                outcome
            }
        }
    }

    fn planned(&self, id: &str) -> Option<&PlannedRun> {
        self.plan.runs.iter().find(|run| run.id == id)
    }

    fn prepare(&self, id: &str) -> Result<(Job, RunObserver), Outcome> {
        let planned = self.planned(id).ok_or_else(|| Outcome::failed(Cause::Config, "the run is not in the plan"))?;
        let config: RunConfig = serde_json::from_value(planned.config.clone())
            .map_err(|error| Outcome::failed(Cause::Config, error.to_string()))?;
        let folder = self.folder.run(id);
        let dataset = self.dataset(&config.data).map_err(|error| {
            let cause = if matches!(error, DataError::Io { .. }) { Cause::Io } else { Cause::Data };
            Outcome::failed(cause, Error::from(error).message())
        })?;
        // Planning knows one's own files by their sizes and times.
        let is_own = dataset.held_out().is_some();
        if is_own
            && planned.digest.as_ref().is_some_and(|digest| *digest != identity::digest(&config, dataset.fingerprint()))
        {
            let message =
                "the data are not those that were planned: their files have changed. `runner sweep` plans again";
            return Err(Outcome::failed(Cause::Data, message));
        }
        let io = |error: Error| Outcome::failed(Cause::Io, error.message());
        describe(planned, &config, &folder, &dataset, self.arguments, self.git.as_ref()).map_err(io)?;
        let log = folder.open_log().map_err(Error::io(&folder.log())).map_err(io)?;
        let observer = RunObserver::new(id, self.controls.clone(), log);
        let WorkerArgs { device, threads, mix, .. } = *self.arguments;
        let (identity, cache) = (planned.identity(), self.folder.cache());
        Ok((Job { config, folder, identity, dataset, device, cache, threads, mix }, observer))
    }

    fn dataset(&self, config: &DataConfig) -> Result<Arc<Dataset>, DataError> {
        // Held while a data set is opened: slots that start together wait for the one copy that they share.
        let mut known = self.dataset.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, dataset)) = &*known
            && of == config
        {
            return Ok(dataset.clone());
        }
        let dataset = Arc::new(config.open(data::Split::Train)?);
        *known = Some((config.clone(), dataset.clone()));
        Ok(dataset)
    }
}
