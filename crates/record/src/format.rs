//! The number of the record's format, and what older formats had in place of today's events.

use crate::own_file::read_own;
use crate::{Artifact, Event, Media, Role, RunFolder};
use serde::Deserialize;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Format of plan and events. Older ones are read; others are refused. It has nothing to do with a run's identity.
///
/// - 1: events `sample` and `picture`, PNG alone.
/// - 2: one event `artifact` with role and media type in their place.
pub const FORMAT_VERSION: u32 = 2;

/// Bytes that the first line of a file of events may have.
const MAX_FIRST_LINE: u64 = 4096;

/// The oldest one.
pub(crate) const FIRST_FORMAT: u32 = 1;

/// A record that another version of this program wrote, in a format that this one does not know.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} has record format {found}, and this version reads {FIRST_FORMAT} to {FORMAT_VERSION}: use {needed}",
    path.display()
)]
pub struct OtherFormat {
    /// The file.
    pub path: PathBuf,
    /// Its format, as it stands there.
    pub found: String,
    /// The version that wrote it, as far as the run's folder records it.
    pub needed: String,
}

impl OtherFormat {
    /// Passes lines of formats that this version reads, and all that tell no format.
    ///
    /// # Errors
    /// As an [`io::Error`], so that it takes the way of everything else that keeps a record from being read.
    pub(crate) fn refuse(line: &[u8], event: Option<&Event>, folder: &RunFolder, attempt: u32) -> io::Result<()> {
        let found = match event {
            Some(Event::Format { version, .. }) if is_read(*version) => return Ok(()),
            Some(Event::Format { version, .. }) => version.to_string(),
            Some(_) => return Ok(()),
            None => match serde_json::from_slice(line) {
                Ok(AnyFormat { event, version }) if event == "format" => version.to_string(),
                _ => return Ok(()),
            },
        };
        let (path, needed) = (folder.events(attempt), writer(folder));
        Err(io::Error::new(io::ErrorKind::InvalidData, Self { path, found, needed }))
    }
}

/// The first line of a log of any format.
#[derive(Deserialize)]
struct AnyFormat {
    event: String,
    version: serde_json::Value,
}

/// Whether this version reads records of the format.
pub(crate) fn is_read(format: u32) -> bool {
    (FIRST_FORMAT..=FORMAT_VERSION).contains(&format)
}

/// Line 1 of a file of events, without its end; empty if there is no such file.
pub(crate) fn first_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    match files::open(path) {
        Ok((file, _)) => BufReader::new(file.take(MAX_FIRST_LINE)).read_until(b'\n', &mut line)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    line.truncate(line.trim_ascii_end().len());
    Ok(line)
}

/// Of a provenance of any format only the version is read.
fn writer(folder: &RunFolder) -> String {
    #[derive(Deserialize)]
    struct Version {
        version: String,
    }
    let bytes = read_own(&folder.provenance()).unwrap_or_default();
    let version = serde_json::from_slice::<Version>(&bytes).ok();
    version.map_or_else(|| "a later one".into(), |found| format!("version {:?} or a later one", found.version))
}

/// The events of format 1 that format 2 has not.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Format1 {
    Sample {
        step: u64,
        file: String,
        #[serde(default)]
        spread: Option<f64>,
        at: f64,
    },
    Picture {
        kind: Role,
        step: u64,
        file: String,
        #[serde(default)]
        spread: Option<f64>,
        at: f64,
    },
}

/// Reads a line that is no event of today.
pub(crate) fn parse_older(line: &[u8]) -> Option<Event> {
    let (role, step, file, spread, at) = match serde_json::from_slice(line).ok()? {
        Format1::Sample { step, file, spread, at } => (Role::SAMPLES, step, file, spread, at),
        Format1::Picture { kind, step, file, spread, at } => (kind, step, file, spread, at),
    };
    Some(Event::Artifact(Artifact { role, media: Media::Png.into(), step, file, label: None, spread, at }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventLog, RunRecord, parse_event, read_events};
    use std::fs;

    #[test]
    fn pictures_of_format_1_are_artifacts() {
        let check = |line: &str, role, step, file: &str, spread| {
            let Some(Event::Artifact(found)) = parse_event(line.as_bytes()) else { panic!("not read: {line}") };
            let expected =
                Artifact { role, media: Media::Png.into(), step, file: file.into(), label: None, spread, at: found.at };
            assert_eq!(found, expected);
        };
        check(
            r#"{"event":"sample","step":8,"file":"samples/step-000008.png","spread":0.25,"at":1.5}"#,
            Role::SAMPLES,
            8,
            "samples/step-000008.png",
            Some(0.25),
        );
        check(
            r#"{"event":"picture","kind":"neighbours","step":9,"file":"samples/neighbours.png","at":2.5}"#,
            Role::NEIGHBOURS,
            9,
            "samples/neighbours.png",
            None,
        );
        assert_eq!(parse_event(br#"{"event":"picture","kind":"neighbours"}"#), None);
    }

    #[test]
    fn another_format_is_neither_read_nor_continued() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        fs::create_dir(folder.path()).unwrap();
        fs::write(folder.events(1), "{\"event\":\"format\",\"version\":1}\n").unwrap();
        for version in ["0", "99999999999", "\"3\"", "2.5", "3"] {
            let line = format!("{{\"event\":\"format\",\"version\":{version},\"more\":0}}\n");
            fs::write(folder.events(2), line).unwrap();
            let error = EventLog::begin(&folder, None).unwrap_err().to_string();
            assert!(error.contains(&format!("record format {version}, and")), "{error}");
        }
        let message = |error: io::Error| error.to_string().replace(&folder.path().display().to_string(), "");
        let expected = "/events.2.jsonl has record format 3, and this version reads 1 to 2: use a later one";
        assert_eq!(message(read_events(&folder).unwrap_err()), expected);
        assert_eq!(message(EventLog::begin(&folder, None).unwrap_err()), expected);
        assert_eq!(folder.attempts().unwrap(), [1, 2], "nothing was begun");
        fs::write(folder.provenance(), r#"{"version": "0.9.0", "of": "tomorrow"}"#).unwrap();
        let expected = expected.replace("a later one", "version \"0.9.0\" or a later one");
        assert_eq!(message(RunRecord::read(folder.clone()).unwrap_err()), expected);
    }
}
