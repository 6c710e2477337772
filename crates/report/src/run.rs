//! One run with all that its folder says of it, made clean for the outputs.

use crate::grid::Grid;
use crate::{ReportError, Row};
use record::{PlannedRun, Provenance, RunFolder, RunRecord, Sample, Scalars, SweepFolder};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::path::{Component, Path};

/// A planned run and its record. Steps of scalars and of grids strictly grow.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub planned: &'a PlannedRun,
    pub row: Row,
    pub scalars: Vec<Scalars>,
    pub grids: Vec<Grid>,
    pub provenance: Option<Provenance>,
    /// What the run's own record warns of.
    pub recorded_warnings: Vec<String>,
    /// What is missing or damaged in the folder.
    pub warnings: Vec<String>,
}

impl<'a> Run<'a> {
    pub fn read(sweep: &SweepFolder, planned: &'a PlannedRun, live_since: Option<f64>) -> Result<Self, ReportError> {
        let (record, problem) = read_record(sweep, planned)?;
        let mut warnings: Vec<String> = problem.iter().map(|problem| format!("{}: {problem}", planned.id)).collect();
        let provenance = problem.is_none().then(|| read_provenance(&record.folder, &mut warnings)).flatten();
        let row = Row::told(planned, &record, problem, live_since);
        let grids = read_grids(&record.folder, record.samples, &mut warnings);
        Ok(Self {
            planned,
            row,
            scalars: one_per_step(record.scalars),
            grids,
            provenance,
            recorded_warnings: record.warnings,
            warnings,
        })
    }
}

/// The record, or an empty one and why it cannot be read: one bad folder must not hide all others.
pub(crate) fn read_record(
    sweep: &SweepFolder,
    planned: &PlannedRun,
) -> Result<(RunRecord, Option<String>), ReportError> {
    let folder = run_folder(sweep, &planned.id)?;
    Ok(match RunRecord::read(folder.clone()) {
        Ok(record) => (record, None),
        Err(error) => (RunRecord::from_events(folder, Vec::new()), Some(format!("its record cannot be read: {error}"))),
    })
}

/// An id becomes a path here and in `tensorboard/`: one that leads elsewhere is refused.
fn run_folder(sweep: &SweepFolder, id: &str) -> Result<RunFolder, ReportError> {
    let mut components = Path::new(id).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) if name == id => Ok(sweep.run(id)),
        _ => Err(ReportError::RunId { path: sweep.plan(), id: id.into() }),
    }
}

fn read_provenance(folder: &RunFolder, warnings: &mut Vec<String>) -> Option<Provenance> {
    match std::fs::read(folder.provenance()) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| warnings.push(format!("{}: provenance.json is damaged: {error}", folder.id())))
            .ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            warnings.push(format!("{}: provenance.json cannot be read: {error}", folder.id()));
            None
        }
    }
}

/// The last grid of each step that is there and whole. A run that was killed before its first checkpoint begins anew and
/// records step 0 twice.
fn read_grids(folder: &RunFolder, samples: Vec<Sample>, warnings: &mut Vec<String>) -> Vec<Grid> {
    let newest: BTreeMap<u64, Sample> = samples.into_iter().map(|sample| (sample.step, sample)).collect();
    let (mut grids, mut damaged) = (Vec::new(), Vec::new());
    for sample in newest.into_values() {
        match Grid::inspect(&sample) {
            Ok(grid) => grids.push(grid),
            Err(reason) => damaged.push((sample.step, reason)),
        }
    }
    if let Some((step, reason)) = damaged.first() {
        let more = if damaged.len() > 1 { format!(", and {} more", damaged.len() - 1) } else { String::new() };
        warnings.push(format!("{}: the sample grid of step {step} {reason}{more}", folder.id()));
    }
    grids
}

/// Merges what was recorded at one step; the newer value wins.
fn one_per_step(scalars: Vec<Scalars>) -> Vec<Scalars> {
    let mut steps: BTreeMap<u64, Scalars> = BTreeMap::new();
    for newer in scalars {
        match steps.entry(newer.step) {
            Entry::Vacant(entry) => {
                entry.insert(newer);
            }
            Entry::Occupied(mut entry) => {
                entry.get_mut().at = newer.at;
                entry.get_mut().values.extend(newer.values);
            }
        }
    }
    steps.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_leads_out_of_the_folder_is_refused() {
        let sweep = SweepFolder::new("results/x");
        for id in ["", ".", "..", "../x", "a/b", "/etc", "a/"] {
            assert!(run_folder(&sweep, id).is_err(), "{id:?}");
        }
        assert!(run_folder(&sweep, "guide-lr1e-4-s0-3fa9c21b").is_ok());
    }

    #[test]
    fn events_of_one_step_become_one() {
        let scalars = |step, at, name: &str, value| Scalars { step, at, values: [(name.to_owned(), value)].into() };
        let merged = one_per_step(vec![
            scalars(10, 1.0, "a", 1.0),
            scalars(10, 2.0, "b", 2.0),
            scalars(5, 3.0, "a", 3.0),
            scalars(10, 4.0, "a", 4.0),
        ]);
        assert_eq!(merged.iter().map(|s| s.step).collect::<Vec<_>>(), [5, 10]);
        assert_eq!(merged[1].values, [("a".into(), 4.0), ("b".into(), 2.0)].into());
    }
}
