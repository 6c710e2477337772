//! One run with the contents of its folder, made clean for the outputs.

use super::Row;
use super::edits::{self, KeptEdit};
use crate::ReportError;
use crate::media::MediaFile;
use crate::study::{Member, run_folder};
use record::{
    Artifact, Evaluation, Histograms, Live, PlannedRun, Provenance, Role, RunFolder, RunRecord, Scalars, SweepFolder,
    tag,
};
use std::collections::BTreeMap;
use std::io;

/// A planned run and its record. Steps of scalars strictly grow, those of files never fall.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub planned: &'a PlannedRun,
    pub row: Row,
    /// With evaluated quantities among them, as `test/frechet`.
    pub scalars: Vec<Scalars>,
    pub evaluations: Vec<Evaluation>,
    pub files: Vec<MediaFile>,
    /// By name.
    pub edits: Vec<KeptEdit>,
    /// Steps strictly grow here, too.
    pub histograms: Vec<Histograms>,
    /// Seconds by part of the work.
    pub times: BTreeMap<String, f64>,
    pub provenance: Option<Provenance>,
    /// What the run's own record warns of.
    pub recorded_warnings: Vec<String>,
    /// What is missing or damaged in the folder.
    pub warnings: Vec<String>,
}

impl<'a> Run<'a> {
    /// Reads the run's folder; what is missing or damaged becomes a warning.
    pub(crate) fn read(member: &'a Member, live: &Live) -> Self {
        let planned = &member.planned;
        let (mut record, problem) = read_record(planned, &member.folder);
        let mut warnings: Vec<String> = problem.iter().cloned().collect();
        let provenance = problem.is_none().then(|| read_provenance(&record.folder, &mut warnings)).flatten();
        let row = Row::with_problem(planned, &record, problem, live);
        let scalars = all_scalars(&mut record);
        let files = read_files(&record, &mut warnings);
        let edits = edits::read(&record, &mut warnings);
        let warnings = warnings.into_iter().map(|warning| format!("{}: {warning}", planned.id)).collect();
        let problems = problems(&record.evaluations);
        Self {
            planned,
            scalars,
            evaluations: record.evaluations,
            files,
            edits,
            histograms: newest_of_each_step(record.histograms),
            times: record.times,
            provenance,
            recorded_warnings: [row.mixture.clone().into_iter().collect(), record.warnings, problems].concat(),
            warnings,
            row,
        }
    }
}

/// All that a planned run has recorded at its steps, in their order, each step once: scalars, evaluated quantities as
/// `test/frechet`, spreads of samples. Empty with a reason if the record cannot be read.
///
/// # Errors
/// The run cannot have a folder.
pub fn scalars(planned: &PlannedRun, sweep: &SweepFolder) -> Result<(Vec<Scalars>, Option<String>), ReportError> {
    let (mut record, problem) = read_record(planned, &run_folder(sweep, &planned.id)?);
    Ok((all_scalars(&mut record), problem))
}

/// Takes the scalars out of the record: there may be millions.
fn all_scalars(record: &mut RunRecord) -> Vec<Scalars> {
    let scalars = std::mem::take(&mut record.scalars);
    let evaluated = record.evaluations.iter().map(as_scalars);
    let spreads = record.artifacts.iter().filter_map(spread);
    one_per_step(scalars.into_iter().chain(evaluated).chain(spreads))
}

/// The record, or an empty one and why it cannot be read: one bad folder must not hide all others.
pub(crate) fn read_record(planned: &PlannedRun, folder: &RunFolder) -> (RunRecord, Option<String>) {
    match RunRecord::of(planned, folder.clone()) {
        Ok(record) => (record, None),
        Err(error) => {
            (RunRecord::from_events(folder.clone(), Vec::new()), Some(format!("its record cannot be read: {error}")))
        }
    }
}

/// Why quantities have no value: each reason once, with the step where it was met last.
fn problems(evaluations: &[Evaluation]) -> Vec<String> {
    let lines = |found: &Evaluation| {
        let Evaluation { step, split, problems, .. } = found;
        let step = *step;
        let line =
            move |(name, reason): (&String, &String)| (format!("no {name} of the {split} split: {reason}"), step);
        problems.iter().map(line).collect::<Vec<_>>()
    };
    let newest: BTreeMap<String, u64> = evaluations.iter().flat_map(lines).collect();
    newest.into_iter().map(|(problem, step)| format!("step {step}: {problem}")).collect()
}

/// An evaluation as a point of curves.
pub(crate) fn as_scalars(evaluation: &Evaluation) -> Scalars {
    let Evaluation { step, at, split, values, .. } = evaluation;
    let values = values.iter().map(|(name, measurement)| (tag::evaluated(split, name), measurement.value));
    Scalars { step: *step, at: *at, values: values.collect() }
}

/// How different the samples of a step are, as a point of a curve.
pub(crate) fn spread(artifact: &Artifact) -> Option<Scalars> {
    let spread = artifact.spread.filter(|_| artifact.role == Role::SAMPLES)?;
    Some(Scalars { step: artifact.step, at: artifact.at, values: [(tag::SPREAD.to_owned(), spread)].into() })
}

fn read_provenance(folder: &RunFolder, warnings: &mut Vec<String>) -> Option<Provenance> {
    match record::read_own(&folder.provenance()) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| warnings.push(format!("provenance.json is damaged: {error}")))
            .ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            warnings.push(format!("provenance.json cannot be read: {error}"));
            None
        }
    }
}

/// The files that are there and whole, by step and role, pictures before sounds.
fn read_files(record: &RunRecord, warnings: &mut Vec<String>) -> Vec<MediaFile> {
    let (mut files, mut damaged) = (Vec::new(), BTreeMap::<&Role, Vec<(u64, String)>>::new());
    for artifact in &record.artifacts {
        match MediaFile::open(&record.folder, artifact) {
            Ok(file) => files.push(file),
            Err(reason) => damaged.entry(&artifact.role).or_default().push((artifact.step, reason)),
        }
    }
    for (role, found) in damaged {
        let (step, reason) = &found[0];
        let more = if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
        warnings.push(format!("{role} of step {step}: the file {reason}{more}"));
    }
    files.sort_by(|a, b| (a.step, &a.role, !a.is_picture()).cmp(&(b.step, &b.role, !b.is_picture())));
    files
}

fn newest_of_each_step(histograms: Vec<Histograms>) -> Vec<Histograms> {
    let newest: BTreeMap<u64, Histograms> = histograms.into_iter().map(|found| (found.step, found)).collect();
    newest.into_values().collect()
}

/// Merges what was recorded at one step; the newer value wins.
fn one_per_step(scalars: impl IntoIterator<Item = Scalars>) -> Vec<Scalars> {
    let mut steps = Vec::from_iter(scalars);
    // What was recorded at one step stays in its order.
    steps.sort_by_key(|scalars| scalars.step);
    steps.dedup_by(|newer, kept| {
        let is_same = newer.step == kept.step;
        if is_same {
            kept.at = newer.at;
            kept.values.append(&mut newer.values);
        }
        is_same
    });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

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
