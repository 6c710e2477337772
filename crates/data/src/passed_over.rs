//! What of a person's files became no sample, and why.

use std::collections::BTreeMap;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::DataError;

/// Files that are named when they are left out.
const MAX_NAMED: usize = 10;

/// Files that are no samples of a data set. Reported, never an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Number of files by what they are, in the plural: `hidden files`.
    pub counts: BTreeMap<String, usize>,
    /// What a person may not have meant, in sentences without a full stop.
    pub warnings: Vec<String>,
}

impl PassedOver {
    /// Counts one.
    pub(crate) fn add(&mut self, kind: impl Into<String>) {
        *self.counts.entry(kind.into()).or_default() += 1;
    }

    /// Adds what was passed over in another place.
    pub(crate) fn merge(&mut self, other: &PassedOver) {
        for (kind, count) in &other.counts {
            *self.counts.entry(kind.clone()).or_default() += count;
        }
        self.warnings.extend(other.warnings.iter().cloned());
    }

    /// Counts files of `place`, of so many, that cannot be used, and says why of some. `noun` is what they are: `images`.
    pub(crate) fn skip(&mut self, place: &Path, noun: &str, of: usize, errors: &[DataError]) {
        if errors.is_empty() {
            return;
        }
        *self.counts.entry(format!("{noun} that cannot be used")).or_default() += errors.len();
        let mut why: Vec<String> = errors.iter().take(MAX_NAMED).map(DataError::with_cause).collect();
        if errors.len() > MAX_NAMED {
            why.push(format!("and {} more", errors.len() - MAX_NAMED));
        }
        let count = format!("{} of {of} {noun} cannot be used and are left out", errors.len());
        self.warnings.push(format!("{}: {count}: {}", place.display(), why.join("; ")));
    }

    /// `GIF images (30), hidden files (2)`; nothing if there are none.
    pub fn summary(&self) -> Option<String> {
        list(self.counts.iter())
    }
}

/// Counts of some kinds of files in a line.
pub(crate) fn list<'a>(counts: impl Iterator<Item = (&'a String, &'a usize)>) -> Option<String> {
    let parts: Vec<String> = counts.map(|(kind, count)| format!("{kind} ({count})")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
