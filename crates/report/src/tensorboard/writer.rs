//! An event file with our own name, wall times and errors.

use crate::ReportError;
use protobuf::Message;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use tensorboard_proto::event::Event;
use tensorboard_proto::summary::{Summary, Summary_Value};
use tensorboard_rs::record_writer::RecordWriter;

/// Writes one event file from start to end.
pub(super) struct EventWriter {
    records: RecordWriter<BufWriter<File>>,
    file: File,
    path: PathBuf,
}

impl EventWriter {
    /// Creates the file in `folder`. Both times are Unix seconds.
    ///
    /// TensorBoard keeps reading a file that it has open even when another of that name takes its place; `updated_at` is
    /// in the name so that a running TensorBoard takes up what a later report adds. It then sorts after the older one.
    pub fn create(folder: &Path, started_at: f64, updated_at: f64) -> Result<Self, ReportError> {
        let name = format!("events.out.tfevents.{:010}.{:013}", started_at as u64, (updated_at * 1e3) as u64);
        let path = folder.join(name);
        let create = || {
            fs::create_dir_all(folder)?;
            File::create_new(&path)
        };
        let file = create().map_err(ReportError::write(&path))?;
        let clone = file.try_clone().map_err(ReportError::write(&path))?;
        let records = RecordWriter::new(BufWriter::with_capacity(1 << 16, clone));
        let mut writer = Self { records, file, path };
        let mut version = Event::new();
        version.set_wall_time(started_at);
        version.set_file_version("brain.Event:2".into());
        writer.event(&version)?;
        Ok(writer)
    }

    /// Values of one step share an event: half the bytes of one event each.
    pub fn values(&mut self, step: u64, at: f64, values: Vec<Summary_Value>) -> Result<(), ReportError> {
        let mut summary = Summary::new();
        summary.set_value(values.into());
        let mut event = Event::new();
        event.set_step(step as i64);
        event.set_wall_time(at);
        event.set_summary(summary);
        self.event(&event)
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        let bytes = event.write_to_bytes().map_err(io::Error::other);
        bytes.and_then(|bytes| self.records.write(&bytes)).map_err(ReportError::write(&self.path))
    }

    /// Some file systems only tell of a full disk when they are made to write.
    pub fn finish(mut self) -> Result<(), ReportError> {
        self.records.flush().and_then(|()| self.file.sync_data()).map_err(ReportError::write(&self.path))
    }
}
