//! Ending a run from outside.

use burn::train::Interrupter;
use record::Status;
use std::sync::{Arc, OnceLock};

/// Asks a run to write a checkpoint after its current step and to end. Clones ask the same run.
#[derive(Clone, Default)]
pub struct Stop {
    interrupter: Interrupter,
    status: Arc<OnceLock<Status>>,
}

impl Stop {
    /// The run will end with this status, `interrupted` or `timed-out`, and reason. The first request counts.
    pub fn ask(&self, status: Status, reason: &str) {
        if self.status.set(status).is_ok() {
            self.interrupter.stop(Some(reason));
        }
    }

    /// The request, if there was one.
    pub(crate) fn asked(&self) -> Option<(Status, String)> {
        let reason = self.interrupter.interruption()?.reason?;
        Some((*self.status.get()?, reason))
    }
}
