//! The event file of one run: one clean file whose steps only grow, whatever attempts the run took.

use super::hparams::{Columns, session_end, session_start};
use super::value;
use super::writer::EventWriter;
use crate::ReportError;
use crate::run::Run;
use std::path::Path;

/// Writes `folder/<run id>/`. A run that never started is listed as of `created`, in Unix seconds.
pub(crate) fn write_run(folder: &Path, run: &Run, columns: &Columns, created: f64) -> Result<(), ReportError> {
    let folder = folder.join(&run.planned.id);
    let failed = |source| ReportError::Write { path: folder.clone(), source };
    let started_at = run.row.started_at.unwrap_or(created);
    let updated_at = run.row.updated_at.unwrap_or(started_at);
    let mut writer = EventWriter::create(&folder, started_at, updated_at)?;

    let session = session_start(run.planned, columns, started_at).map_err(failed)?;
    writer.values(0, started_at, vec![session, value::text("config", config(run))])?;
    let mut grids = run.grids.iter().peekable();
    for scalars in &run.scalars {
        while let Some(grid) = grids.next_if(|grid| grid.step < scalars.step) {
            writer.values(grid.step, grid.at, vec![value::image("samples", grid, grid.read()?)])?;
        }
        let values = scalars.values.iter().flat_map(|(tag, value)| value::scalar(tag, *value)).collect();
        writer.values(scalars.step, scalars.at, values)?;
    }
    for grid in grids {
        writer.values(grid.step, grid.at, vec![value::image("samples", grid, grid.read()?)])?;
    }
    if let Some(end) = session_end(run.row.status, updated_at).map_err(failed)? {
        writer.values(run.row.step, updated_at, vec![end])?;
    }
    writer.finish()
}

/// As JSON, no line of it can close the block: each string stays on its line, in quotes.
fn config(run: &Run) -> String {
    format!("```json\n{:#}\n```\n", run.planned.config)
}
