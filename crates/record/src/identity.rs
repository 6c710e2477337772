//! Which run it is, under any name of its folder.

use crate::format::first_line;
use crate::{Event, RunFolder, parse_event};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A run's name and what distinguishes it from any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The run's id. Another run may have had it before.
    pub id: String,
    /// 32 hexadecimal digits over all that changes the run's numbers.
    pub digest: String,
}

/// A log or a checkpoint of another run than the one whose folder it lies in.
#[derive(Debug, thiserror::Error)]
#[error("{} is of run {found}, not of {expected}: move it away, or put back what was there", path.display())]
pub struct Foreign {
    /// The file.
    pub path: PathBuf,
    /// Whose it is.
    pub found: Box<Identity>,
    /// Whose it should be.
    pub expected: Box<Identity>,
}

impl Identity {
    /// That of the run whose logs lie in the folder; `None` where there are none and of those of version 0.1.0.
    ///
    /// # Errors
    /// A log cannot be read.
    pub fn of_folder(folder: &RunFolder) -> io::Result<Option<Self>> {
        for attempt in folder.attempts()? {
            if let Some(Event::Format { run: Some(found), .. }) = parse_event(&first_line(&folder.events(attempt))?) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Passes what is of the expected run, and what does not say of which it is.
    ///
    /// # Errors
    /// It is of another run.
    pub fn check(found: Option<&Self>, expected: Option<&Self>, path: &Path) -> Result<(), Foreign> {
        match (found, expected) {
            (Some(found), Some(expected)) if found.digest != expected.digest => {
                let (found, expected) = (found.clone().into(), expected.clone().into());
                Err(Foreign { path: path.to_owned(), found, expected })
            }
            _ => Ok(()),
        }
    }
}

impl From<Foreign> for io::Error {
    /// So that it takes the way of everything else that keeps a record from being read.
    fn from(foreign: Foreign) -> Self {
        Self::new(io::ErrorKind::InvalidData, foreign)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventLog, LaterEvaluation, RunRecord, append_evaluations, read_events};
    use std::fs;

    fn identity(id: &str, digest: &str) -> Identity {
        Identity { id: id.into(), digest: digest.into() }
    }

    fn later() -> LaterEvaluation {
        let line = r#"{"step": 1, "at": 1.0, "count": 8, "features": "pixels", "features_hash": "x", "split": "train",
            "values": {}, "floors": {}, "version": "1", "host": "here", "device": "cpu:flex"}"#;
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_log_of_another_run_is_refused_with_both_names() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = |name: &str| RunFolder::new(temporary.path().join(name));
        let (a, b) = (identity("a-s0-11", "1122"), identity("b-s0-33", "3344"));
        for (run, of) in [("a", Some(&a)), ("b", Some(&b)), ("old", None)] {
            EventLog::begin(&folder(run), of).unwrap();
        }
        assert_eq!(Identity::of_folder(&folder("a")).unwrap(), Some(a.clone()));
        assert_eq!(RunRecord::read(folder("a")).unwrap().identity, Some(a.clone()));
        assert_eq!(Identity::of_folder(&folder("old")).unwrap(), None);
        EventLog::begin(&folder("old"), Some(&a)).unwrap();

        fs::copy(folder("b").events(1), folder("a").events(2)).unwrap();
        let message = |error: io::Error| error.to_string();
        let mixed = message(read_events(&folder("a")).unwrap_err());
        assert!(mixed.contains("events.2.jsonl is of run b-s0-33 (3344), not of a-s0-11 (1122)"), "{mixed}");
        fs::remove_file(folder("a").events(2)).unwrap();
        let line = |run: &Identity| LaterEvaluation { run: Some(run.clone()), ..later() };
        append_evaluations(&folder("a"), &[line(&a)]).unwrap();
        append_evaluations(&folder("b"), &[line(&b)]).unwrap();
        assert_eq!(RunRecord::read(folder("a")).unwrap().evaluations.len(), 1);
        fs::copy(folder("b").evaluations(), folder("a").evaluations()).unwrap();
        let foreign = message(RunRecord::read(folder("a")).unwrap_err());
        assert!(foreign.contains("evaluations.jsonl is of run b-s0-33 (3344), not of a-s0-11 (1122)"), "{foreign}");
        fs::copy(folder("b").events(1), folder("a").events(1)).unwrap();
        let foreign = message(EventLog::begin(&folder("a"), Some(&a)).unwrap_err());
        assert!(foreign.contains("events.jsonl is of run b-s0-33 (3344), not of a-s0-11 (1122)"), "{foreign}");
        assert_eq!(folder("a").attempts().unwrap(), [1], "nothing was begun");
    }
}
