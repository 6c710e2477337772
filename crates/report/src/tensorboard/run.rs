//! The event file of one run: one clean file whose steps only grow, whatever attempts the run took.

use super::hparams::{Columns, session_end, session_start};
use super::value;
use super::writer::EventWriter;
use crate::ReportError;
use crate::grid::Grid;
use crate::run::Run;
use record::{PictureKind, PlannedRun, Scalars};
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
    let grids = run.grids.iter().map(|grid| (SAMPLES.to_owned(), grid));
    let mut images: Vec<_> = grids.chain(run.pictures.iter().map(|(kind, grid)| (tag(*kind), grid))).collect();
    images.sort_by_key(|(_, grid)| grid.step);
    let mut images = images.into_iter().peekable();
    for scalars in &run.scalars {
        while let Some((tag, grid)) = images.next_if(|(_, grid)| grid.step < scalars.step) {
            write_image(&mut writer, &tag, grid)?;
        }
        write_scalars(&mut writer, scalars)?;
    }
    for (tag, grid) in images {
        write_image(&mut writer, &tag, grid)?;
    }
    if let Some(end) = session_end(run.row.status, updated_at).map_err(ReportError::write(&folder))? {
        writer.values(run.row.step, updated_at, vec![end])?;
    }
    writer.finish()
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

/// Beside the grids' own.
pub(super) fn tag(kind: PictureKind) -> String {
    format!("{SAMPLES}/{}", kind.name())
}

/// As JSON, no line of it can close the block: each string stays on its line, in quotes.
fn config(planned: &PlannedRun) -> String {
    format!("```json\n{:#}\n```\n", planned.config)
}
