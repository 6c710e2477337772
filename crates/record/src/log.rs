//! `events.jsonl`: appended by one writer, readable when cut at any byte.

use crate::{Event, FORMAT_VERSION, Outcome, RunFolder, now};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The one writer of a run's events. Each event is one `write` of one line.
#[derive(Debug)]
pub struct EventLog {
    file: File,
}

impl EventLog {
    /// Opens the log for appending; creates it with its format line. A line that a crash cut short is closed first,
    /// so that it spoils nothing after it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        if length > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        let mut log = Self { file };
        if length == 0 {
            log.append(&Event::Format { version: FORMAT_VERSION })?;
        }
        Ok(log)
    }

    /// Appends one event.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Records how the newest attempt at a run ended, and makes it survive a power cut.
    pub fn end(folder: &RunFolder, outcome: &Outcome, wall_secs: f64) -> io::Result<()> {
        let mut log = Self::open(&folder.events())?;
        log.append(&Event::Ended { outcome: outcome.clone(), wall_secs, at: now() })?;
        log.sync()
    }

    /// Makes all events so far survive a power cut.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// All events that can be read; lines that are cut or foreign are passed over. A missing file has no events.
pub fn read_events(path: &Path) -> io::Result<Vec<Event>> {
    match std::fs::read(path) {
        Ok(bytes) => {
            Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Scalars, Status};

    fn events() -> Vec<Event> {
        let values = [("loss/generator", 0.5), ("loss/discriminator", f64::NAN), ("x", f64::NEG_INFINITY)];
        vec![
            Event::Format { version: FORMAT_VERSION },
            Event::Started { attempt: 1, step: 0, device: "cpu:flex".into(), threads: 1, at: 1.0 },
            Event::Scalars(Scalars { step: 10, at: 2.0, values: values.map(|(k, v)| (k.into(), v)).into() }),
            Event::Ended {
                outcome: Outcome { status: Status::Done, step: 10, reason: None, weights_digest: Some("d".into()) },
                wall_secs: 1.5,
                at: 3.0,
            },
        ]
    }

    /// NaN is not equal to itself: compare what is written.
    fn lines(events: &[Event]) -> Vec<String> {
        events.iter().map(|event| serde_json::to_string(event).unwrap()).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut log = EventLog::open(&path).unwrap();
        for event in &events()[1..] {
            log.append(event).unwrap();
        }
        assert_eq!(lines(&read_events(&path).unwrap()), lines(&events()));
    }

    #[test]
    fn a_file_cut_at_any_byte_is_read_up_to_the_cut_and_can_be_appended_to() {
        let whole: String = lines(&events()).iter().map(|line| format!("{line}\n")).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let complete = read_events(&path).unwrap();
            assert_eq!(lines(&complete), lines(&events())[..complete.len()]);
            assert!(complete.len() >= whole[..cut].matches('\n').count());

            let mut log = EventLog::open(&path).unwrap();
            log.append(&events()[1]).unwrap();
            let last = read_events(&path).unwrap().pop().unwrap();
            assert_eq!(last, events()[1], "cut at byte {cut}");
        }
    }

    #[test]
    fn foreign_bytes_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(&path, b"\xff\xfe\0\n{\"event\":\"of tomorrow\"}\n\n{\"event\":\"format\",\"version\":1}\n")
            .unwrap();
        assert_eq!(read_events(&path).unwrap(), [Event::Format { version: 1 }]);
    }
}
