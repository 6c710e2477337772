//! `runner evaluate`.

use super::{gate, no_checkpoint, out, print_json, say, warn};
use crate::cli::{EvaluateArgs, Format};
use crate::error::Error;
use crate::inspect::evaluate::{Evaluated, Request};
use crate::inspect::find;
use crate::inspect::requirement::{Candidate, Requirement};
use crate::text::{count, number, table};
use features::Inception;
use record::{ByClass, Evaluation, Plan, RunFolder, SweepFolder, SweepLock};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(arguments: &EvaluateArgs) -> Result<ExitCode, Error> {
    let (sweep, folders) = targets(&arguments.target, &arguments.results)?;
    if let (Some(step), [run]) = (arguments.step, &folders[..])
        && training::check_checkpoint(run, step).is_err()
    {
        return Err(no_checkpoint(run, Some(step)));
    }
    let request = Request {
        metrics: arguments.metrics.iter().filter_map(|name| metrics::find(name)).collect(),
        count: arguments.count,
        step: arguments.step,
        features: arguments.features.as_deref(),
        inception: arguments.inception.as_deref(),
        device: training::select(&arguments.devices)?.devices[0],
        cache: sweep.cache(),
    };
    if let Some(file) = &arguments.inception {
        warn(&Vec::from_iter(Inception::open(file, None)?.stranger()));
    }
    let lock = SweepLock::acquire(&sweep);
    let _lock = lock.map_err(|source| Error::Lock { folder: sweep.path().to_owned(), source })?;
    let evaluated = request.run(&folders)?;
    let unmet: Vec<String> =
        arguments.require.requirements.iter().flat_map(|requirement| unmet(requirement, &evaluated)).collect();
    match arguments.format {
        Format::Json => print_json(&json!({ "runs": evaluated }))?,
        Format::Text => {
            let rows: Vec<Vec<String>> = evaluated.iter().flat_map(rows).collect();
            if !rows.is_empty() {
                out(table(
                    &["run", "step", "split", "samples", "features", "quantity", "value", "± error", "floor"],
                    &rows,
                ))?;
            }
            let known: usize = evaluated.iter().map(|run| run.known.len()).sum();
            if known > 0 {
                say(&format!("{} evaluated before and left as they are", count(known, "checkpoint")));
            }
            let is_bare = |run: &&Evaluated| run.known.is_empty() && run.evaluations.is_empty();
            for run in evaluated.iter().filter(is_bare) {
                say(&format!("{} has no sound checkpoint: nothing to evaluate", run.id));
            }
        }
    }
    Ok(gate(&unmet))
}

/// What keeps the requirement from being met by the runs, each at the step that is selected among those evaluated.
fn unmet(requirement: &Requirement, evaluated: &[Evaluated]) -> Vec<String> {
    let candidate = |run: &Evaluated| {
        let selection = record::select(&[&run.stored[..], &run.evaluations].concat());
        let value = selection.as_ref().and_then(|found| found.values.get(&requirement.quantity)).copied();
        let step = selection.map(|found| format!(" at step {}", found.step)).unwrap_or_default();
        let value = value.ok_or_else(|| format!("{} was not measured", requirement.quantity));
        Candidate { name: run.id.clone() + &step, value }
    };
    requirement.unmet(&evaluated.iter().map(candidate).collect::<Vec<_>>())
}

/// The sweep that is to be locked, and the runs: those that have a folder.
fn targets(target: &str, results: &Path) -> Result<(SweepFolder, Vec<RunFolder>), Error> {
    let sweep = SweepFolder::new(target);
    if sweep.plan().is_file() {
        let planned = Plan::read(&sweep)?.runs;
        let folders = planned.iter().map(|run| sweep.run(&run.id)).filter(|folder| folder.config().is_file());
        let folders = folders.collect();
        return Ok((sweep, folders));
    }
    let folder = find::started(target, results)?;
    let sweep =
        folder.sweep().ok_or_else(|| Error::Usage(format!("{} lies in no sweep's folder", folder.path().display())))?;
    Ok((sweep, vec![folder]))
}

fn rows(run: &Evaluated) -> Vec<Vec<String>> {
    let of = |evaluation: &Evaluation| {
        let Evaluation { step, split, count, features, values, floors, problems, by_class, .. } = evaluation;
        let place = [run.id.clone(), step.to_string(), split.clone(), count.to_string(), features.clone()];
        fn cell(value: Option<f64>) -> String {
            value.map(number).unwrap_or_default()
        }
        let measured = values.iter().map(|(name, found)| {
            [name.clone(), number(found.value), cell(found.standard_error), cell(floors.get(name).copied())]
        });
        let missing =
            problems.iter().map(|(name, why)| [name.clone(), format!("({why})"), String::new(), String::new()]);
        let of_class = by_class.iter().flat_map(|(name, ByClass { names, values, floors })| {
            let floor = move |class: usize| cell(floors.get(class).copied().flatten());
            let row = move |(class, value): (usize, &Option<f64>)| {
                let of = names.get(class).cloned().unwrap_or_else(|| class.to_string());
                [format!("{name} of class {of}"), cell(*value), String::new(), floor(class)]
            };
            values.iter().enumerate().map(row)
        });
        measured
            .chain(missing)
            .chain(of_class)
            .map(|cells| place.iter().cloned().chain(cells).collect())
            .collect::<Vec<Vec<String>>>()
    };
    run.stored.iter().chain(&run.evaluations).flat_map(of).collect()
}
