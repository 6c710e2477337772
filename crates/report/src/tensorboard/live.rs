//! Event files that grow while a sweep trains, for a TensorBoard that someone watches.
//!
//! Each attempt gets a file that sorts after those of earlier ones; TensorBoard takes the later of two points of one step.
//! The report that follows the sweep takes the place of all of them.

use super::hparams::{Columns, session_end};
use super::run::{begin, write_file, write_histograms, write_scalars};
use super::writer::EventWriter;
use crate::media::MediaFile;
use crate::run::{as_scalars, spread};
use crate::study::{Destination, Member, Study};
use crate::{ReportError, ours};
use record::{Event, LockError, ReportLock, RunFolder, RunRecord, SweepFolder, open_own, parse_event};
use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Follows the records of a sweep.
pub struct Live {
    study: Study,
    columns: Columns,
    runs: Vec<Followed>,
    folder: SweepFolder,
}

/// How far a run was followed.
struct Followed {
    /// The attempt whose log is read; 0 before the first.
    attempt: u32,
    /// Whether that attempt began before it was followed: an earlier report contains it.
    is_old: bool,
    /// Bytes of the log that are written.
    offset: u64,
    /// The event file of the attempt.
    file: Option<PathBuf>,
}

impl Live {
    /// Follows all attempts that begin from now on.
    ///
    /// # Errors
    /// The plan cannot be read, or the folder of event files was not made by this program.
    pub fn follow(folder: &SweepFolder) -> Result<Self, ReportError> {
        let study = Study::read(std::slice::from_ref(folder))?;
        ours::check(&Destination { folder: folder.path().to_owned() })?;
        let columns = Columns::of(&study);
        let followed = |member: &Member| {
            let attempt = member.folder.attempts().ok().and_then(|mut attempts| attempts.pop()).unwrap_or(0);
            Followed { attempt, is_old: true, offset: 0, file: None }
        };
        let runs = study.members.iter().map(followed).collect();
        Ok(Self { study, columns, runs, folder: folder.clone() })
    }

    /// Writes what was recorded since the last time; while a report takes the files' place, the next time.
    ///
    /// # Errors
    /// A record cannot be read, or an event file not written.
    pub fn catch_up(&mut self) -> Result<(), ReportError> {
        let _lock = match ReportLock::acquire(&self.folder, Duration::ZERO) {
            Ok(lock) => lock,
            Err(LockError::Held { .. }) => return Ok(()),
            Err(source) => return Err(ReportError::Lock { folder: self.folder.path().to_owned(), source }),
        };
        let tensorboard = self.folder.tensorboard();
        for (member, run) in self.study.members.iter().zip(&mut self.runs) {
            loop {
                if !run.is_old && run.attempt > 0 {
                    run.catch_up(member, &self.columns, &tensorboard)?;
                }
                if !member.folder.events(run.attempt + 1).exists() {
                    break;
                }
                *run = Followed { attempt: run.attempt + 1, is_old: false, offset: 0, file: None };
            }
        }
        Ok(())
    }
}

impl Followed {
    fn catch_up(&mut self, member: &Member, columns: &Columns, folder: &Path) -> Result<(), ReportError> {
        let log = member.folder.events(self.attempt);
        let mut bytes = read_from(&log, self.offset).map_err(ReportError::read(&log))?;
        // A line that is still being written waits for the next time.
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        if bytes.is_empty() {
            return Ok(());
        }
        let known = self.file.as_deref().map(EventWriter::append).transpose()?.flatten();
        let mut writer = match known {
            Some(writer) => writer,
            // A report has taken the place of all files: from the attempt's beginning, in a file of our own again.
            None if self.offset > 0 => {
                (self.offset, self.file) = (0, None);
                return self.catch_up(member, columns, folder);
            }
            None => {
                let record = RunRecord::of(&member.planned, member.folder.clone()).map_err(ReportError::read(&log))?;
                let Some(first) = record.started_at else { return Ok(()) };
                let folder = folder.join(&member.planned.id);
                // After what an earlier attempt or a report left there; before the report that is to come.
                let attempt = if folder.exists() { None } else { Some(first) };
                let mut writer = EventWriter::create(&folder, first, attempt.unwrap_or_else(record::now))?;
                begin(&mut writer, &member.planned, columns, first)?;
                writer
            }
        };
        for event in bytes.split(|byte| *byte == b'\n').filter_map(parse_event) {
            write_event(&mut writer, &member.folder, event)?;
        }
        self.offset += bytes.len() as u64;
        self.file = Some(writer.path().to_owned());
        writer.finish()
    }
}

fn write_event(writer: &mut EventWriter, folder: &RunFolder, event: Event) -> Result<(), ReportError> {
    match event {
        Event::Scalars(scalars) => write_scalars(writer, &scalars),
        Event::Evaluation(evaluation) => write_scalars(writer, &as_scalars(&evaluation)),
        Event::Artifact(artifact) => {
            spread(&artifact).map_or(Ok(()), |spread| write_scalars(writer, &spread))?;
            // One that is missing or damaged is a warning of the report.
            MediaFile::open(folder, &artifact).map_or(Ok(()), |file| write_file(writer, &file))
        }
        Event::Histograms(histograms) => write_histograms(writer, &histograms),
        Event::Ended { outcome, at, .. } => {
            let end = session_end(outcome.status, at).map_err(ReportError::write(writer.path()))?;
            end.map_or(Ok(()), |end| writer.values(outcome.step, at, vec![end]))
        }
        _ => Ok(()),
    }
}

fn read_from(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = open_own(path, OpenOptions::new().read(true))?;
    file.seek(SeekFrom::Start(offset))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
