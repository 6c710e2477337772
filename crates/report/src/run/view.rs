//! What the page needs of a run: small enough to keep for all runs of a sweep at once.

use super::curve::{Curve, Thinning, curves};
use super::{KeptEdit, Row, Run};
use crate::media::MediaFile;
use crate::settings;
use record::{Evaluation, Histogram, Histograms, PlannedRun, Provenance, tag};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct RunView<'a> {
    pub planned: &'a PlannedRun,
    pub row: Row,
    /// Shared by the seeds of one configuration.
    pub group: String,
    pub curves: Vec<Curve>,
    pub evaluations: Vec<Evaluation>,
    /// By step and role, pictures before sounds.
    pub files: Vec<MediaFile>,
    /// By name.
    pub edits: Vec<KeptEdit>,
    /// By step: logits of real and of generated images.
    pub logits: Vec<(u64, [Histogram; 2])>,
    /// Seconds by part of the work.
    pub times: BTreeMap<String, f64>,
    pub provenance: Option<Provenance>,
    pub recorded_warnings: Vec<String>,
    pub warnings: Vec<String>,
}

impl<'a> RunView<'a> {
    pub(crate) fn of(run: Run<'a>, thinning: Thinning) -> Self {
        Self {
            planned: run.planned,
            group: settings::group(run.planned),
            curves: curves(&run.scalars, run.planned.steps, thinning),
            row: run.row,
            evaluations: run.evaluations,
            files: run.files,
            edits: run.edits,
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
        Some((found.step, [found.values.get(tag::LOGITS_REAL)?.clone(), found.values.get(tag::LOGITS_FAKE)?.clone()]))
    };
    let all: Vec<_> = recorded.iter().filter_map(both).collect();
    if all.len() <= wanted {
        return all;
    }
    (0..wanted).map(|at| all[at * (all.len() - 1) / (wanted - 1)].clone()).collect()
}

/// The scalars of all curves, in the order of tables and charts.
pub(crate) fn tags(views: &[RunView]) -> Vec<String> {
    let mut tags: Vec<String> =
        views.iter().flat_map(|view| view.curves.iter().map(|curve| curve.tag.clone())).collect();
    tags.sort_unstable();
    tags.dedup();
    tag::sort(&mut tags);
    tags
}
