//! What of a person's files became no sample, and why.

use std::collections::BTreeMap;

use serde::Serialize;

/// Files that are no samples of a data set. Reported, never an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
