//! The count of failed attempts, kept on disk while a run is to be tried again.

use crate::scheduler::Run;
use record::{FailureCount, Failures, Plan, SweepFolder};
use std::collections::BTreeMap;
use std::io;

/// Failed attempts of the runs of a plan, as they stand in `failures.json`.
pub(crate) struct FailureLog<'a> {
    plan: &'a Plan,
    folder: &'a SweepFolder,
    failures: Failures,
}

impl<'a> FailureLog<'a> {
    /// Reads what earlier sweeps counted of these runs; counts of others are forgotten with the next write.
    pub(crate) fn read(plan: &'a Plan, folder: &'a SweepFolder, pending: &[Run]) -> Self {
        let mut known = Failures::read(folder).0;
        let ids = pending.iter().map(|run| &plan.runs[*run].id);
        let failures = Failures(ids.filter_map(|id| known.remove_entry(id)).collect());
        Self { plan, folder, failures }
    }

    /// By run.
    pub(crate) fn counts(&self, pending: &[Run]) -> BTreeMap<Run, FailureCount> {
        let count = |run: &Run| Some((*run, *self.failures.0.get(&self.plan.runs[*run].id)?));
        pending.iter().filter_map(count).collect()
    }

    /// The run has failed this often and is to be tried again.
    pub(crate) fn set(&mut self, run: Run, count: FailureCount) -> io::Result<()> {
        self.failures.0.insert(self.plan.runs[run].id.clone(), count);
        self.failures.write(self.folder)
    }

    /// The run has its final status.
    pub(crate) fn remove(&mut self, run: Run) -> io::Result<()> {
        match self.failures.0.remove(&self.plan.runs[run].id) {
            Some(_) => self.failures.write(self.folder),
            None => Ok(()),
        }
    }
}
