//! The events of a run: a file for each attempt, appended by it alone, readable when cut at any byte.
//!
//! The file is also the attempt's claim. It is created exclusively, and the highest number owns the run: an attempt that
//! sees a later one leaves. So a run's folder survives two live copies, as a cluster makes them when it takes a machine
//! for dead that is not.

use crate::format::{first_line, parse_older};
use crate::own_file::{open_own, read_own};
use crate::{Event, FORMAT_VERSION, Holder, Identity, OtherFormat, Outcome, RunFolder, SweepLock, now};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The one writer of an attempt's events. Each event is one `write` of one line.
#[derive(Debug)]
pub struct EventLog {
    file: File,
    folder: RunFolder,
    attempt: u32,
}

impl EventLog {
    /// Begins the next attempt at the run; every earlier one is superseded from now on. Creates the run's folder.
    ///
    /// # Errors
    /// The file cannot be written, or an earlier attempt's has [another format](OtherFormat) or is of [another
    /// run](crate::Foreign).
    pub fn begin(folder: &RunFolder, run: Option<&Identity>) -> io::Result<Self> {
        prepare(folder, run)?;
        let mut attempt = folder.attempts()?.last().map_or(1, |last| last + 1);
        let file = loop {
            match OpenOptions::new().create_new(true).append(true).open(folder.events(attempt)) {
                Ok(file) => break file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
                Err(error) => return Err(error),
            }
        };
        let by = folder.sweep().as_ref().and_then(SweepLock::holder);
        Self { file, folder: folder.clone(), attempt }.opened(run, by)
    }

    /// Begins exactly this attempt for the process `by`, if no one else has; `None` if someone has.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn claim(folder: &RunFolder, run: Option<&Identity>, attempt: u32, by: &Holder) -> io::Result<Option<Self>> {
        prepare(folder, run)?;
        match OpenOptions::new().create_new(true).append(true).open(folder.events(attempt)) {
            Ok(file) => Self { file, folder: folder.clone(), attempt }.opened(run, Some(by.clone())).map(Some),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn opened(mut self, run: Option<&Identity>, by: Option<Holder>) -> io::Result<Self> {
        self.append(&Event::Format { version: FORMAT_VERSION, run: run.cloned(), by, from: None })?;
        Ok(self)
    }

    /// Goes on with the log of the newest attempt, whose writer is dead; begins one if there is none. A line that was
    /// cut short is closed first, so that it spoils nothing after it.
    pub fn take_over(folder: &RunFolder, run: Option<&Identity>) -> io::Result<Self> {
        let Some(attempt) = folder.attempts()?.pop() else { return Self::begin(folder, run) };
        let mut file = open_own(&folder.events(attempt), OpenOptions::new().read(true).append(true))?;
        if has_cut_line(&mut file)? {
            file.write_all(b"\n")?;
        }
        Ok(Self { file, folder: folder.clone(), attempt })
    }

    /// Which attempt this is, counted from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The attempt that the run belongs to by now, if it is no longer this one.
    pub fn superseded_by(&self) -> Option<u32> {
        let next = self.attempt + 1;
        self.folder.events(next).exists().then_some(next)
    }

    /// A second handle for the same attempt.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { file: self.file.try_clone()?, folder: self.folder.clone(), attempt: self.attempt })
    }

    /// Appends one event.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Records how the attempt ended, and makes it survive a power cut.
    pub fn end(&mut self, outcome: &Outcome, wall_secs: f64) -> io::Result<()> {
        self.append(&Event::Ended { outcome: outcome.clone(), wall_secs, at: now() })?;
        self.sync()
    }

    /// Makes all events so far survive a power cut.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Makes the run's folder; earlier attempts in it are of this run, and of a format that is known.
fn prepare(folder: &RunFolder, run: Option<&Identity>) -> io::Result<()> {
    fs::create_dir_all(folder.path())?;
    for attempt in folder.attempts()? {
        admit(&first_line(&folder.events(attempt))?, folder, attempt, run)?;
    }
    Ok(())
}

/// Whether the last line of a file was cut short.
pub(crate) fn has_cut_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// All events of a run that can be read, attempt by attempt; lines that are cut or foreign are passed over. A run that
/// never started has none.
///
/// # Errors
/// A file is there and cannot be read, has [another format](OtherFormat), or is of another run than the one before it.
pub fn read_events(folder: &RunFolder) -> io::Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut run = None;
    for attempt in folder.attempts()? {
        match read_own(&folder.events(attempt)) {
            Ok(bytes) => {
                for line in bytes.split(|byte| *byte == b'\n') {
                    let Some(event) = admit(line, folder, attempt, run.as_ref())? else { continue };
                    if let (None, Event::Format { run: Some(found), .. }) = (&run, &event) {
                        run = Some(found.clone());
                    }
                    events.push(event);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(events)
}

/// The event of a line, of this run and of a format that this version reads; `None` where the line is cut or foreign.
fn admit(line: &[u8], folder: &RunFolder, attempt: u32, run: Option<&Identity>) -> io::Result<Option<Event>> {
    let event = parse_event(line);
    OtherFormat::refuse(line, event.as_ref(), folder, attempt)?;
    if let Some(Event::Format { run: found, .. }) = &event {
        Identity::check(found.as_ref(), run, &folder.events(attempt))?;
    }
    Ok(event)
}

/// The event of a line, of this format or an older one; `None` where it is cut or foreign.
///
/// Scalars are nearly all of a log. What looks like them is read as such at once, which takes a fifth of the time of
/// finding out which event it is.
pub fn parse_event(line: &[u8]) -> Option<Event> {
    let scalars = || serde_json::from_slice(line).ok().map(Event::Scalars);
    match line.starts_with(br#"{"event":"scalars","#) {
        true => scalars(),
        false => serde_json::from_slice(line).ok().or_else(|| parse_older(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scalars, Status};

    fn events() -> Vec<Event> {
        let values = [("loss/generator", 0.5), ("loss/discriminator", f64::NAN), ("x", f64::NEG_INFINITY)];
        let done =
            Outcome { status: Status::Done, step: 10, reason: None, cause: None, weights_digest: Some("d".into()) };
        vec![
            Event::Format { version: FORMAT_VERSION, run: None, by: None, from: None },
            Event::Started {
                attempt: 1,
                step: 0,
                device: "cpu:flex".into(),
                threads: 1,
                numerics: Vec::new(),
                at: 1.0,
            },
            Event::Scalars(Scalars { step: 10, at: 2.0, values: values.map(|(k, v)| (k.into(), v)).into() }),
            Event::Ended { outcome: done, wall_secs: 1.5, at: 3.0 },
        ]
    }

    /// NaN is not equal to itself: compare what is written.
    fn lines(events: &[Event]) -> Vec<String> {
        events.iter().map(|event| serde_json::to_string(event).unwrap()).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        assert!(read_events(&folder).unwrap().is_empty());
        let mut log = EventLog::begin(&folder, None).unwrap();
        for event in &events()[1..] {
            log.append(event).unwrap();
        }
        assert_eq!(lines(&read_events(&folder).unwrap()), lines(&events()));
    }

    #[test]
    fn a_file_cut_at_any_byte_is_read_up_to_the_cut_and_can_be_appended_to() {
        let whole: String = lines(&events()).iter().map(|line| format!("{line}\n")).collect();
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        for cut in 0..=whole.len() {
            fs::write(folder.events(1), &whole[..cut]).unwrap();
            let complete = read_events(&folder).unwrap();
            assert_eq!(lines(&complete), lines(&events())[..complete.len()]);
            assert!(complete.len() >= whole[..cut].matches('\n').count());

            EventLog::take_over(&folder, None).unwrap().append(&events()[1]).unwrap();
            let last = read_events(&folder).unwrap().pop().unwrap();
            assert_eq!(last, events()[1], "cut at byte {cut}");
        }
    }

    #[test]
    fn foreign_bytes_are_passed_over() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        fs::write(
            folder.events(1),
            b"\xff\xfe\0\n{\"event\":\"of tomorrow\"}\n\n{\"event\":\"format\",\"version\":1}\n",
        )
        .unwrap();
        for name in ["events.txt", "events.0.jsonl", "events.1.jsonl", "events.x.jsonl", "events.2.jsonl.swp"] {
            fs::write(folder.path().join(name), "{\"event\":\"format\",\"version\":1}\n").unwrap();
        }
        assert_eq!(read_events(&folder).unwrap(), [Event::Format { version: 1, run: None, by: None, from: None }]);
    }

    #[test]
    fn of_many_who_begin_at_once_each_has_an_attempt_of_its_own_and_the_last_one_owns_the_run() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        let logs: Vec<EventLog> = std::thread::scope(|scope| {
            let begin = || scope.spawn(|| EventLog::begin(&folder, None).unwrap());
            let threads: Vec<_> = (0..16).map(|_| begin()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut attempts: Vec<u32> = logs.iter().map(EventLog::attempt).collect();
        attempts.sort_unstable();
        assert_eq!(attempts, (1..=16).collect::<Vec<_>>());
        assert_eq!(folder.attempts().unwrap(), attempts);
        let owners: Vec<_> = logs.iter().filter(|log| log.superseded_by().is_none()).map(EventLog::attempt).collect();
        assert_eq!(owners, [16]);
    }
}
