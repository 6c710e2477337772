//! Reading checkpoints.

use super::manifest::Files;
use super::{AVERAGE, CheckpointError, NETWORKS, optimizer_file};
use crate::state::{PhaseState, State};
use crate::window::Sums;
use burn::store::ModuleRecord;
use models::task::{AnyNetworks, AnySampler};
use record::{Numerics, RunFolder};

/// The number of the arithmetic whose checkpoints do not name it. They do not name its class either: it counts as this one.
const FIRST_NUMERICS: u32 = 1;

/// Where a run goes on.
pub(crate) struct Restored {
    pub state: State,
    /// What was recorded of no window yet.
    pub sums: Sums,
    /// Errors of newer checkpoints, which are of no use.
    pub passed_over: Vec<CheckpointError>,
}

impl State {
    /// The newest sound checkpoint, if there is one, else this state. `steps` is the run's last step.
    ///
    /// # Errors
    /// A checkpoint is whole, but of another run or of another version's format: to pass it over would lose it.
    pub(crate) fn restore(self, folder: &RunFolder, steps: u64) -> Result<Restored, CheckpointError> {
        let mut passed_over = Vec::new();
        for step in folder.checkpoint_steps() {
            match self.load(folder, step, step == steps) {
                Ok((state, sums)) => return Ok(Restored { state, sums, passed_over }),
                Err(error @ (CheckpointError::Foreign(_) | CheckpointError::Format { .. })) => return Err(error),
                Err(error) => passed_over.push(error),
            }
        }
        Ok(Restored { state: self, sums: Sums::default(), passed_over })
    }

    fn load(&self, folder: &RunFolder, step: u64, last: bool) -> Result<(Self, Sums), CheckpointError> {
        let files = Files::open(folder, step)?;
        let (found, expected) = (&files.manifest.networks, self.names());
        if *found != expected {
            let (found, expected) = (found.to_string(), expected.to_string());
            return Err(CheckpointError::Task { step, found, expected });
        }
        let record = |source| CheckpointError::Record { step, source };
        let phases = self.phases.iter().map(|PhaseState { phase, settings, optimizer }| {
            let (phase, settings, optimizer) = (phase.clone(), settings.clone(), optimizer.clone());
            let optimizer = match last {
                true => optimizer,
                false => optimizer.from_bytes(files.read(&optimizer_file(phase.name))?).map_err(record)?,
            };
            Ok(PhaseState { phase, settings, optimizer })
        });
        let average = self.sampler().with_record(module(&files, step, AVERAGE)?).map_err(record)?;
        let numerics = match &files.manifest.numerics[..] {
            [] => self.numerics.iter().map(|here| Numerics { version: FIRST_NUMERICS, ..here.clone() }).collect(),
            known => known.to_vec(),
        };
        let state = Self {
            step,
            numerics,
            task: self.task,
            networks: self.networks.with_record(module(&files, step, NETWORKS)?).map_err(record)?,
            average: self.average.is_some().then_some(average),
            phases: phases.collect::<Result<_, CheckpointError>>()?,
        };
        Ok((state, files.sums()?))
    }
}

fn module(files: &Files, step: u64, name: &str) -> Result<ModuleRecord, CheckpointError> {
    ModuleRecord::from_bytes(files.read(name)?).map_err(|source| CheckpointError::Record { step, source })
}

/// The averaged networks of the newest sound checkpoint, or of that of a step; `None` where there is none. They are those
/// that `fresh` has.
pub(crate) fn restore_average(
    fresh: &dyn AnyNetworks,
    folder: &RunFolder,
    of: Option<u64>,
) -> Option<(u64, Box<dyn AnySampler>)> {
    steps(folder, of).find_map(|step| Some((step, load_average(fresh, folder, step).ok()?)))
}

/// Those of the checkpoints that are there, newest first, or only the one asked for.
fn steps(folder: &RunFolder, of: Option<u64>) -> impl Iterator<Item = u64> {
    folder.checkpoint_steps().into_iter().filter(move |step| of.is_none_or(|of| of == *step))
}

/// The averaged networks of a checkpoint.
pub(crate) fn load_average(
    fresh: &dyn AnyNetworks,
    folder: &RunFolder,
    step: u64,
) -> Result<Box<dyn AnySampler>, CheckpointError> {
    let record = module(&Files::open(folder, step)?, step, AVERAGE)?;
    fresh.sampler().with_record(record).map_err(|source| CheckpointError::Record { step, source })
}

/// A checkpoint's step, its networks and what samples from them.
type RestoredNetworks = (u64, Box<dyn AnyNetworks>, Box<dyn AnySampler>);

/// The networks and the averaged ones of the newest sound checkpoint, or of that of a step; `None` where there is none.
pub(crate) fn restore_networks(
    fresh: &dyn AnyNetworks,
    folder: &RunFolder,
    of: Option<u64>,
) -> Option<RestoredNetworks> {
    steps(folder, of).find_map(|step| {
        let record = module(&Files::open(folder, step).ok()?, step, NETWORKS).ok()?;
        Some((step, fresh.with_record(record).ok()?, load_average(fresh, folder, step).ok()?))
    })
}
