//! What the page needs of a run: small enough to keep for all runs of a sweep at once.

use crate::curve::{Curve, MOST_POINTS, curves};
use crate::grid::Grid;
use crate::run::Run;
use crate::{Row, settings};
use record::{PlannedRun, Provenance};

#[derive(Debug)]
pub(crate) struct RunView<'a> {
    pub planned: &'a PlannedRun,
    pub row: Row,
    /// Shared by the seeds of one configuration.
    pub group: String,
    pub curves: Vec<Curve>,
    pub grids: Vec<Grid>,
    pub provenance: Option<Provenance>,
    pub recorded_warnings: Vec<String>,
    pub warnings: Vec<String>,
}

impl<'a> RunView<'a> {
    pub fn of(run: Run<'a>) -> Self {
        Self {
            planned: run.planned,
            row: run.row,
            group: settings::group(run.planned),
            curves: curves(&run.scalars, MOST_POINTS),
            grids: run.grids,
            provenance: run.provenance,
            recorded_warnings: run.recorded_warnings,
            warnings: run.warnings,
        }
    }
}

/// The tags of all runs: losses first, then what else was measured, schedules and speed last.
pub(crate) fn tags(views: &[RunView]) -> Vec<String> {
    let mut tags: Vec<String> = views.iter().flat_map(|view| view.row.metrics.keys().cloned()).collect();
    tags.sort_by_cached_key(|tag| (rank(tag), !tag.ends_with("/generator"), tag.clone()));
    tags.dedup();
    tags
}

fn rank(tag: &str) -> u8 {
    match tag.split('/').next() {
        Some("loss") => 0,
        Some("output") => 2,
        Some("learning_rate") => 3,
        Some("speed") => 4,
        _ => 1,
    }
}
