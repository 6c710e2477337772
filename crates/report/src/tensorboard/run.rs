//! The event file of one run: one clean file whose steps only grow, for any number of attempts.

use super::hparams::{Columns, session_end, session_start};
use super::value;
use super::writer::EventWriter;
use crate::ReportError;
use crate::media::{Content, MediaFile};
use crate::run::Run;
use record::{Histograms, PlannedRun, Role, Scalars, Selection};
use std::path::Path;

/// Writes `folder/<run id>/`. A run that never started is listed as of `created`, in Unix seconds.
pub(crate) fn write_run(folder: &Path, run: &Run, columns: &Columns, created: f64) -> Result<(), ReportError> {
    let folder = folder.join(&run.planned.id);
    let started_at = run.row.started_at.unwrap_or(created);
    let updated_at = run.row.updated_at.unwrap_or(started_at);
    let mut writer = EventWriter::create(&folder, started_at, updated_at)?;
    begin(&mut writer, run.planned, columns, started_at)?;
    let files = run.files.iter().map(Beside::File);
    let histograms = run.histograms.iter().map(Beside::Histograms);
    // One that came to nothing has no values in the table of HParams, where it would rank among the others.
    let selection = run.row.selection.as_ref().filter(|_| !run.row.status.is_degenerate()).map(Beside::Selection);
    let mut beside: Vec<Beside> = files.chain(histograms).chain(selection).collect();
    beside.sort_by_key(Beside::step);
    let mut beside = beside.into_iter().peekable();
    for scalars in &run.scalars {
        while let Some(found) = beside.next_if(|found| found.step() < scalars.step) {
            found.write(&mut writer, updated_at)?;
        }
        write_scalars(&mut writer, scalars)?;
    }
    beside.try_for_each(|found| found.write(&mut writer, updated_at))?;
    if let Some(end) = session_end(run.row.status, updated_at).map_err(ReportError::write(&folder))? {
        writer.values(run.row.step, updated_at, vec![end])?;
    }
    writer.finish()
}

/// What a run records beside scalars.
enum Beside<'a> {
    File(&'a MediaFile),
    Histograms(&'a Histograms),
    Selection(&'a Selection),
}

impl Beside<'_> {
    fn step(&self) -> u64 {
        match self {
            Self::File(file) => file.step,
            Self::Histograms(histograms) => histograms.step,
            Self::Selection(selection) => selection.step,
        }
    }

    fn write(self, writer: &mut EventWriter, at: f64) -> Result<(), ReportError> {
        match self {
            Self::File(file) => write_file(writer, file),
            Self::Histograms(histograms) => write_histograms(writer, histograms),
            Self::Selection(selection) => write_selection(writer, selection, at),
        }
    }
}

/// The session and the configuration of a run.
pub(super) fn begin(
    writer: &mut EventWriter,
    planned: &PlannedRun,
    columns: &Columns,
    started_at: f64,
) -> Result<(), ReportError> {
    let session = session_start(planned, columns, started_at).map_err(ReportError::write(writer.path()))?;
    writer.values(0, started_at, vec![session, value::text("config", config(planned))])
}

pub(super) fn write_scalars(writer: &mut EventWriter, scalars: &Scalars) -> Result<(), ReportError> {
    let values = scalars.values.iter().map(|(tag, value)| value::scalar(tag, *value)).collect();
    writer.values(scalars.step, scalars.at, values)
}

pub(super) fn write_file(writer: &mut EventWriter, file: &MediaFile) -> Result<(), ReportError> {
    let (tag, bytes) = (tag(file), file.read()?);
    let value = match file.content {
        Content::Picture(picture) => value::picture(&tag, picture, bytes),
        Content::Sound(sound) => value::sound(&tag, sound, file.media, bytes),
    };
    writer.values(file.step, file.at, vec![value])
}

pub(super) fn write_histograms(writer: &mut EventWriter, found: &Histograms) -> Result<(), ReportError> {
    let values = found.values.iter().map(|(tag, histogram)| value::histogram(tag, histogram)).collect();
    writer.values(found.step, found.at, values)
}

/// The values of the selected step, each as a single point: the table of HParams shows the last point of a tag.
fn write_selection(writer: &mut EventWriter, selection: &Selection, at: f64) -> Result<(), ReportError> {
    let values = selection.values.iter().map(|(name, value)| (selected(name), *value));
    let values = values.chain([(selected("step"), selection.step as f64)]);
    let values = values.map(|(tag, value)| value::scalar(&tag, value)).collect();
    writer.values(selection.step, at, values)
}

/// The tag of a value at the selected step: `selected/frechet`.
pub(super) fn selected(name: &str) -> String {
    format!("selected/{name}")
}

/// `samples`, `samples/waveform`, `samples/real` ...
fn tag(file: &MediaFile) -> String {
    let role = Some(file.role.name()).filter(|_| file.role != Role::SAMPLES);
    let words = [Some("samples"), role, file.label.as_deref()];
    words.into_iter().flatten().collect::<Vec<_>>().join("/")
}

/// As JSON, no line of it can close the block: each string stays on its line, in quotes.
fn config(planned: &PlannedRun) -> String {
    format!("```json\n{:#}\n```\n", planned.config)
}
