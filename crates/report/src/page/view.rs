//! What the page needs of a run: small enough to keep for all runs of a sweep at once.

use crate::curve::{Curve, Thinning, curves};
use crate::grid::Grid;
use crate::run::Run;
use crate::{Row, settings};
use record::{Evaluation, Histogram, Histograms, PictureKind, PlannedRun, Provenance};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct RunView<'a> {
    pub planned: &'a PlannedRun,
    pub row: Row,
    /// Shared by the seeds of one configuration.
    pub group: String,
    pub curves: Vec<Curve>,
    pub evaluations: Vec<Evaluation>,
    pub grids: Vec<Grid>,
    pub pictures: BTreeMap<PictureKind, Grid>,
    /// By step: logits of real and of generated images.
    pub logits: Vec<(u64, [Histogram; 2])>,
    /// Seconds by part of the work.
    pub times: BTreeMap<String, f64>,
    pub provenance: Option<Provenance>,
    pub recorded_warnings: Vec<String>,
    pub warnings: Vec<String>,
}

impl<'a> RunView<'a> {
    pub fn of(run: Run<'a>, thinning: Thinning) -> Self {
        Self {
            planned: run.planned,
            group: settings::group(run.planned),
            curves: curves(&run.scalars, run.planned.steps, thinning),
            row: run.row,
            evaluations: run.evaluations,
            grids: run.grids,
            pictures: run.pictures,
            logits: logits(&run.histograms, thinning.distributions()),
            times: run.times,
            provenance: run.provenance,
            recorded_warnings: run.recorded_warnings,
            warnings: run.warnings,
        }
    }
}

/// As many as are wanted, evenly, the first and the last among them.
fn logits(recorded: &[Histograms], wanted: usize) -> Vec<(u64, [Histogram; 2])> {
    let both = |found: &Histograms| {
        Some((found.step, [found.values.get("logits/real")?.clone(), found.values.get("logits/fake")?.clone()]))
    };
    let all: Vec<_> = recorded.iter().filter_map(both).collect();
    if all.len() <= wanted {
        return all;
    }
    (0..wanted).map(|at| all[at * (all.len() - 1) / (wanted - 1)].clone()).collect()
}

/// The tags of all curves: evaluations, losses, then what else was measured, schedules and speed last.
pub(crate) fn tags(views: &[RunView]) -> Vec<String> {
    let mut tags: Vec<String> =
        views.iter().flat_map(|view| view.curves.iter().map(|curve| curve.tag.clone())).collect();
    tags.sort_unstable();
    tags.dedup();
    tags.sort_by_key(|tag| (rank(tag), !tag.ends_with("/frechet"), !tag.ends_with("/generator")));
    tags
}

fn rank(tag: &str) -> u8 {
    match tag.split('/').next() {
        Some(Evaluation::TEST) => 0,
        Some(Evaluation::TRAIN) => 1,
        Some("loss") => 2,
        Some("output") => 4,
        Some("learning_rate") => 5,
        Some("speed") => 6,
        _ => 3,
    }
}
