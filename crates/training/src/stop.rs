//! Ending a run from outside.

use burn::train::Interrupter;
use record::Status;
use std::sync::{Arc, OnceLock};

/// Asks a run to write a checkpoint after its current step and to end. Clones ask the same run.
#[derive(Clone, Default)]
pub struct Stop {
    interrupter: Interrupter,
    asked: Arc<OnceLock<(Status, String)>>,
}

impl Stop {
    /// The run will end with this status, `interrupted` or `timed-out`, and reason. What is asked first counts.
    pub fn ask(&self, status: Status, reason: &str) {
        let _ = self.asked.set((status, reason.to_owned()));
        self.interrupter.stop(Some(reason));
    }

    /// What the run was asked, if it was.
    pub(crate) fn asked(&self) -> Option<(Status, String)> {
        self.asked.get().cloned()
    }

    /// For burn-train.
    pub(crate) fn interrupter(&self) -> Interrupter {
        self.interrupter.clone()
    }
}
