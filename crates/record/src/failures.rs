//! `failures.json`: how often runs have failed that are to be tried again. It outlives the sweep's process, so that a
//! sweep which is itself killed and started again and again does not try a hopeless run for ever.

use crate::own_file::read_own;
use crate::{SweepFolder, write_atomic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Failed attempts by run id. A run that has its final status is not in here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failures(pub BTreeMap<String, FailureCount>);

/// Failed attempts at one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureCount {
    /// Of all transient causes.
    pub failures: u32,
    /// How many of them were deaths of its worker.
    pub deaths: u32,
    /// Attempts that the cluster ended, which are no failures.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interruptions: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Failures {
    /// Reads them. What is missing or damaged counts as no failures: nothing but patience is lost.
    pub fn read(folder: &SweepFolder) -> Self {
        let bytes = read_own(&folder.failures()).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Replaces the file; without failures there is none.
    ///
    /// # Errors
    /// The file cannot be written or deleted.
    pub fn write(&self, folder: &SweepFolder) -> io::Result<()> {
        let path = folder.failures();
        if !self.0.is_empty() {
            return write_atomic(&path, &serde_json::to_vec_pretty(self)?);
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_read_back_and_a_cut_file_counts_as_none() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        let failures = Failures([("a".to_owned(), FailureCount { failures: 2, deaths: 1, interruptions: 0 })].into());
        assert_eq!(Failures::read(&folder), Failures::default());
        failures.write(&folder).unwrap();
        assert_eq!(Failures::read(&folder), failures);
        std::fs::write(folder.failures(), "{\"a\": {").unwrap();
        assert_eq!(Failures::read(&folder), Failures::default());
        Failures::default().write(&folder).unwrap();
        assert!(!folder.failures().exists());
        Failures::default().write(&folder).unwrap();
    }
}
