//! The run's one way to its record and to its observer.

use crate::Observer;
use crate::error::TrainError;
use record::{Event, EventLog, RunFolder};
use std::path::{Path, PathBuf};

/// Writes events and files of one attempt, as long as no later one owns the run.
pub(crate) struct Recorder {
    log: EventLog,
    path: PathBuf,
    observer: Box<dyn Observer>,
}

impl Recorder {
    /// # Errors
    /// A later attempt owns the run.
    pub(crate) fn new(log: EventLog, folder: &RunFolder, observer: Box<dyn Observer>) -> Result<Self, TrainError> {
        let recorder = Self { path: folder.events(log.attempt()), log, observer };
        recorder.check_owner()?;
        Ok(recorder)
    }

    pub(crate) fn event(&mut self, event: Event) -> Result<(), TrainError> {
        self.check_owner()?;
        self.log.append(&event).map_err(TrainError::io(&self.path))?;
        self.observer.event(&event);
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> Result<(), TrainError> {
        self.log.sync().map_err(TrainError::io(&self.path))
    }

    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
        self.check_owner()?;
        record::write_derived(path, bytes).map_err(TrainError::io(path))
    }

    /// Reports to the observer that so many steps are done.
    pub(crate) fn step(&mut self, done: u64) {
        self.observer.step(done);
    }

    /// Call it before anything is written that a later attempt writes as well.
    pub(crate) fn check_owner(&self) -> Result<(), TrainError> {
        self.log.superseded_by().map_or(Ok(()), |attempt| Err(TrainError::Superseded(attempt)))
    }
}
