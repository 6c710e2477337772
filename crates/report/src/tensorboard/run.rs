//! The event file of one run: one clean file whose steps only grow, whatever attempts the run took.

use super::hparams::{Columns, session_end, session_start};
use super::value;
use super::writer::EventWriter;
use crate::ReportError;
use crate::grid::Grid;
use crate::run::Run;
use record::{Histograms, PictureKind, PlannedRun, Scalars};
use std::path::Path;

/// The grids.
pub(super) const SAMPLES: &str = "samples";

/// Writes `folder/<run id>/`. A run that never started is listed as of `created`, in Unix seconds.
pub(crate) fn write_run(folder: &Path, run: &Run, columns: &Columns, created: f64) -> Result<(), ReportError> {
    let folder = folder.join(&run.planned.id);
    let started_at = run.row.started_at.unwrap_or(created);
    let updated_at = run.row.updated_at.unwrap_or(started_at);
    let mut writer = EventWriter::create(&folder, started_at, updated_at)?;
    begin(&mut writer, run.planned, columns, started_at)?;
    let grids = run.grids.iter().map(|grid| Beside::Image(SAMPLES.to_owned(), grid));
    let pictures = run.pictures.iter().map(|(kind, grid)| Beside::Image(tag(*kind), grid));
    let histograms = run.histograms.iter().map(Beside::Histograms);
    let mut beside: Vec<Beside> = grids.chain(pictures).chain(histograms).collect();
    beside.sort_by_key(Beside::step);
    let mut beside = beside.into_iter().peekable();
    for scalars in &run.scalars {
        while let Some(found) = beside.next_if(|found| found.step() < scalars.step) {
            found.write(&mut writer)?;
        }
        write_scalars(&mut writer, scalars)?;
    }
    beside.try_for_each(|found| found.write(&mut writer))?;
    if let Some(end) = session_end(run.row.status, updated_at).map_err(ReportError::write(&folder))? {
        writer.values(run.row.step, updated_at, vec![end])?;
    }
    writer.finish()
}

/// What a run records beside scalars.
enum Beside<'a> {
    Image(String, &'a Grid),
    Histograms(&'a Histograms),
}

impl Beside<'_> {
    fn step(&self) -> u64 {
        match self {
            Self::Image(_, grid) => grid.step,
            Self::Histograms(histograms) => histograms.step,
        }
    }

    fn write(self, writer: &mut EventWriter) -> Result<(), ReportError> {
        match self {
            Self::Image(tag, grid) => write_image(writer, &tag, grid),
            Self::Histograms(histograms) => write_histograms(writer, histograms),
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
    let values = scalars.values.iter().flat_map(|(tag, value)| value::scalar(tag, *value)).collect();
    writer.values(scalars.step, scalars.at, values)
}

pub(super) fn write_image(writer: &mut EventWriter, tag: &str, grid: &Grid) -> Result<(), ReportError> {
    writer.values(grid.step, grid.at, vec![value::image(tag, grid, grid.read()?)])
}

pub(super) fn write_histograms(writer: &mut EventWriter, found: &Histograms) -> Result<(), ReportError> {
    let values = found.values.iter().map(|(tag, histogram)| value::histogram(tag, histogram)).collect();
    writer.values(found.step, found.at, values)
}

/// Beside the grids' own.
pub(super) fn tag(kind: PictureKind) -> String {
    format!("{SAMPLES}/{}", kind.name())
}

/// As JSON, no line of it can close the block: each string stays on its line, in quotes.
fn config(planned: &PlannedRun) -> String {
    format!("```json\n{:#}\n```\n", planned.config)
}
