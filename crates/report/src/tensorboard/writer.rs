//! An event file with our own name, wall times and errors.
//!
//! As everything that can be made again, it is not forced to the disk: that would cost more than writing it.

use crate::ReportError;
use protobuf::Message;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use tensorboard_proto::event::Event;
use tensorboard_proto::summary::{Summary, Summary_Value};
use tensorboard_rs::record_writer::RecordWriter;

/// Writes one event file from start to end.
pub(super) struct EventWriter {
    records: RecordWriter<BufWriter<File>>,
    /// The bytes of the event before: their memory is used again.
    bytes: Vec<u8>,
    path: PathBuf,
}

impl EventWriter {
    /// Creates the file in `folder`. Both times are Unix seconds.
    ///
    /// TensorBoard keeps reading a file that it has open even when another of that name takes its place; `updated_at` is
    /// in the name so that a running TensorBoard takes up what a later report adds. It then sorts after the older one.
    pub(crate) fn create(folder: &Path, started_at: f64, updated_at: f64) -> Result<Self, ReportError> {
        let name = format!("events.out.tfevents.{:010}.{:013}", started_at as u64, (updated_at * 1e3) as u64);
        let path = folder.join(name);
        let create = || {
            fs::create_dir_all(folder)?;
            File::create_new(&path)
        };
        let file = create().map_err(ReportError::write(&path))?;
        let mut writer = Self::on(file, path);
        let mut version = Event::new();
        version.set_wall_time(started_at);
        version.set_file_version("brain.Event:2".into());
        writer.event(&version)?;
        Ok(writer)
    }

    /// Goes on with a file at its end; `None` if it is gone.
    pub(crate) fn append(path: &Path) -> Result<Option<Self>, ReportError> {
        match record::open_own(path, OpenOptions::new().append(true)) {
            Ok(file) => Ok(Some(Self::on(file, path.to_owned()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReportError::write(path)(error)),
        }
    }

    fn on(file: File, path: PathBuf) -> Self {
        Self { records: RecordWriter::new(BufWriter::with_capacity(1 << 16, file)), bytes: Vec::new(), path }
    }

    /// Where it is written.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Values of one step share an event: half the bytes of one event each.
    pub(crate) fn values(&mut self, step: u64, at: f64, values: Vec<Summary_Value>) -> Result<(), ReportError> {
        let mut summary = Summary::new();
        summary.set_value(values.into());
        let mut event = Event::new();
        event.set_step(step as i64);
        event.set_wall_time(at);
        event.set_summary(summary);
        self.event(&event)
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.bytes.clear();
        let written = event.write_to_vec(&mut self.bytes).map_err(io::Error::other);
        written.and_then(|()| self.records.write(&self.bytes)).map_err(ReportError::write(&self.path))
    }

    /// Hands all that was written to the system, which reports a full disk here at the latest.
    pub(crate) fn finish(mut self) -> Result<(), ReportError> {
        self.records.flush().map_err(ReportError::write(&self.path))
    }
}
