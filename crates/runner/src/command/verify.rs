//! `runner verify`: trains the runs of a reference again and compares.
//!
//! Digests are the same only within a numeric class (backend, SIMD level, C library), so a reference holds one for each
//! class that it has seen. For a class that it has not, losses are compared within its tolerance.

use super::{out, print_json};
use crate::cli::{ExecutionArgs, ExperimentArgs, Format, VerifyArgs};
use crate::error::{DIFFERENT, DONE, Error};
use crate::planning::{self, Planned};
use crate::progress::{Detail, Progress};
use crate::sweep::{self, Options};
use record::{RunRecord, SweepFolder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Of the file.
const FORMAT: u32 = 1;

/// Of a new reference; see [`Reference::tolerance`].
const TOLERANCE: f64 = 0.05;

/// Scalars that are compared.
const LOSSES: [&str; 2] = ["loss/discriminator", "loss/generator"];

/// A committed reference.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    /// Of this file.
    format: u32,
    /// The experiment, relative to this file.
    experiment: PathBuf,
    /// For classes without a digest: |found - expected| <= tolerance * max(|expected|, 1).
    tolerance: f64,
    runs: Vec<ReferenceRun>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceRun {
    id: String,
    /// Resolved.
    config: Value,
    /// Recorded losses by step, of the class that was first.
    losses: Vec<Losses>,
    /// Numeric class to digest of the final weights.
    digests: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Losses {
    step: u64,
    #[serde(flatten)]
    values: BTreeMap<String, f64>,
}

/// What comparing a run came to.
#[derive(Debug, PartialEq)]
enum Verdict {
    SameBits,
    WithinTolerance,
    Different(String),
}

pub fn run(arguments: &VerifyArgs) -> Result<ExitCode, Error> {
    let device = training::select(&arguments.devices)?.devices[0];
    if !device.is_cpu() {
        return Err(Error::Usage(format!("verify compares bits, which {device} does not promise: use a CPU backend")));
    }
    let class = training::numeric_class(device);
    let reference = read(arguments)?;
    let base = arguments.file.parent().unwrap_or(Path::new("."));
    let temporary = tempfile::tempdir().map_err(Error::io(&std::env::temp_dir()))?;
    let results = arguments.results.clone().unwrap_or_else(|| temporary.path().to_owned());
    let experiment = ExperimentArgs {
        file: base.join(&reference.experiment),
        sets: arguments.sets.clone(),
        results: results.clone(),
    };
    let execution = ExecutionArgs {
        devices: Some(arguments.devices.clone()),
        jobs: Some(arguments.jobs),
        ..ExecutionArgs::default()
    };
    let planned = planning::plan(&experiment, &execution)?;
    let found = train(planned, results, arguments.results.is_some())?;

    if arguments.update {
        if let Some(run) = found.iter().find(|run| digest(run).is_empty()) {
            return Err(Error::Usage(format!("run {} diverged: a reference holds runs that end", run.id)));
        }
        let written = update(reference, found, &class);
        let text = serde_json::to_string_pretty(&written).expect("a reference is plain data") + "\n";
        record::write_atomic(&arguments.file, text.as_bytes()).map_err(Error::io(&arguments.file))?;
        out(format_args!("{}: {} runs of {class}", arguments.file.display(), written.runs.len()))?;
        return Ok(ExitCode::from(DONE));
    }
    let known = reference.runs.iter().all(|run| run.digests.contains_key(&class));
    let verdicts = compare(&reference, &found, &class);
    let same = verdicts.iter().all(|(_, verdict)| !matches!(verdict, Verdict::Different(_)));
    match arguments.format {
        Format::Json => print_json(&json!({
            "same": same,
            "class": class,
            "compared": if known { "digests" } else { "losses" },
            "runs": verdicts.iter().map(|(id, verdict)| json!({ "id": id, "verdict": words(verdict) })).collect::<Vec<_>>(),
        }))?,
        Format::Text => {
            match known {
                true => out(format_args!("numeric class {class}: known, comparing final weights bit for bit"))?,
                false => out(format_args!(
                    "numeric class {class}: not in the reference, comparing losses within {}",
                    reference.tolerance
                ))?,
            }
            for (id, verdict) in &verdicts {
                out(format_args!("{id}: {}", words(verdict)))?;
            }
        }
    }
    Ok(ExitCode::from(if same { DONE } else { DIFFERENT }))
}

fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::SameBits => "same weights".to_owned(),
        Verdict::WithinTolerance => "losses within tolerance".to_owned(),
        Verdict::Different(how) => format!("DIFFERENT: {how}"),
    }
}

/// The reference, or with `--update --experiment` a new and empty one.
fn read(arguments: &VerifyArgs) -> Result<Reference, Error> {
    if let Some(experiment) = &arguments.experiment {
        let runs = Vec::new();
        return Ok(Reference { format: FORMAT, experiment: experiment.clone(), tolerance: TOLERANCE, runs });
    }
    let bytes = std::fs::read(&arguments.file);
    let bytes = bytes.map_err(|error| Error::Usage(format!("{}: {error}", arguments.file.display())))?;
    let reference: Reference = serde_json::from_slice(&bytes)
        .map_err(|error| Error::Usage(format!("{} is not a reference: {error}", arguments.file.display())))?;
    match reference.format {
        FORMAT => Ok(reference),
        other => Err(Error::Usage(format!("{} has format {other}, not {FORMAT}", arguments.file.display()))),
    }
}

/// Trains and returns the runs as a reference would hold them, without digests' classes: under the empty name.
fn train(planned: Planned, results: PathBuf, fresh: bool) -> Result<Vec<ReferenceRun>, Error> {
    let plan = planned.plan.clone();
    let folder = SweepFolder::new(results.join(&plan.sweep));
    let summary = sweep::run(planned, Options { results, fresh, progress: Progress::new(Detail::Quiet) })?;
    if summary.stopped {
        return Err(Error::Stopped);
    }
    if summary.runs.keys().any(|status| !["done", "diverged", "collapsed"].contains(status)) {
        return Err(Error::Unfinished(format!("{:?}", summary.runs)));
    }
    let run = |planned: &record::PlannedRun| {
        let run = folder.run(&planned.id);
        let path = run.events();
        let record = RunRecord::read(run).map_err(Error::io(&path))?;
        let digest = record.outcome.and_then(|outcome| outcome.weights_digest).unwrap_or_default();
        let losses = record.scalars.iter().map(|scalars| {
            let loss = |name: &&str| scalars.values.get(*name).map(|value| ((*name).to_owned(), *value));
            Losses { step: scalars.step, values: LOSSES.iter().filter_map(loss).collect() }
        });
        Ok(ReferenceRun {
            id: planned.id.clone(),
            config: planned.config.clone(),
            losses: losses.collect(),
            digests: [(String::new(), digest)].into(),
        })
    };
    plan.runs.iter().map(run).collect()
}

fn digest(run: &ReferenceRun) -> String {
    run.digests.get("").cloned().unwrap_or_default()
}

fn update(reference: Reference, found: Vec<ReferenceRun>, class: &str) -> Reference {
    let merge = |run: ReferenceRun| {
        let digest = digest(&run);
        let same = reference.runs.iter().find(|old| old.id == run.id && old.config == run.config);
        let mut merged = same.cloned().unwrap_or(ReferenceRun { digests: BTreeMap::new(), ..run });
        merged.digests.insert(class.to_owned(), digest);
        merged
    };
    let runs = found.into_iter().map(merge).collect();
    Reference { runs, ..reference }
}

fn compare(reference: &Reference, found: &[ReferenceRun], class: &str) -> Vec<(String, Verdict)> {
    let mut verdicts: Vec<(String, Verdict)> = Vec::new();
    for (index, expected) in reference.runs.iter().enumerate() {
        let verdict = match found.get(index) {
            Some(found) => verdict(expected, found, class, reference.tolerance),
            None => Verdict::Different("the experiment has no such run any more".to_owned()),
        };
        verdicts.push((expected.id.clone(), verdict));
    }
    for new in found.iter().skip(reference.runs.len()) {
        verdicts.push((new.id.clone(), Verdict::Different("the reference has no such run".to_owned())));
    }
    verdicts
}

fn verdict(expected: &ReferenceRun, found: &ReferenceRun, class: &str, tolerance: f64) -> Verdict {
    let known = expected.digests.get(class);
    let setting = first_setting("", &expected.config, &found.config);
    let tolerance = if known.is_some() { 0.0 } else { tolerance };
    let loss = first_loss(&expected.losses, &found.losses, tolerance);
    let same = known.is_none_or(|known| *known == digest(found));
    match (setting, loss, known) {
        (None, None, Some(_)) if same => Verdict::SameBits,
        (None, None, None) => Verdict::WithinTolerance,
        // Losses of a reference are of its first class; within another known class only the weights decide.
        (None, Some(_), Some(_)) if same => Verdict::SameBits,
        (setting, loss, _) => {
            let loss = loss.unwrap_or_else(|| "recorded losses agree".to_owned());
            let weights = if same { "" } else { "; final weights differ" };
            Verdict::Different(match setting {
                Some(setting) => format!("setting {setting}; {loss}{weights}"),
                None => format!("{loss}{weights}"),
            })
        }
    }
}

/// The first setting that differs, as `key: expected -> found`.
fn first_setting(key: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let mut keys: Vec<&String> = expected.keys().chain(found.keys()).collect();
            keys.sort();
            keys.iter().find_map(|name| {
                let key = if key.is_empty() { (*name).clone() } else { format!("{key}.{name}") };
                let side = |map: &serde_json::Map<String, Value>| map.get(*name).cloned().unwrap_or_default();
                first_setting(&key, &side(expected), &side(found))
            })
        }
        _ if expected == found => None,
        _ => Some(format!("{key}: {expected} -> {found}")),
    }
}

/// The first loss that differs by more than the tolerance.
fn first_loss(expected: &[Losses], found: &[Losses], tolerance: f64) -> Option<String> {
    for (index, expected) in expected.iter().enumerate() {
        let step = expected.step;
        let Some(found) = found.get(index).filter(|found| found.step == step) else {
            return Some(format!("no losses at step {step}"));
        };
        for (name, value) in &expected.values {
            let other = found.values.get(name).copied().unwrap_or(f64::NAN);
            let near = (other - value).abs() <= tolerance * value.abs().max(1.0);
            if !near {
                return Some(format!("{name} at step {step}: {value} -> {other}"));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(epsilon: f64, loss: f64, digests: &[(&str, &str)]) -> ReferenceRun {
        let losses = |step| Losses { step, values: [("loss/generator".to_owned(), loss)].into() };
        ReferenceRun {
            id: "run".into(),
            config: json!({ "train": { "epsilon": epsilon } }),
            losses: vec![losses(10), losses(20)],
            digests: digests.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        }
    }

    #[test]
    fn a_known_class_compares_bits_and_an_unknown_one_losses() {
        let expected = run(1e-8, 1.0, &[("avx2", "a"), ("avx512", "b")]);
        let check = |found: &ReferenceRun, class, same: &Verdict| {
            assert_eq!(&verdict(&expected, found, class, 0.05), same);
        };
        check(&run(1e-8, 1.0, &[("", "a")]), "avx2", &Verdict::SameBits);
        check(&run(1e-8, 1.01, &[("", "b")]), "avx512", &Verdict::SameBits);
        check(&run(1e-8, 1.01, &[("", "c")]), "neon", &Verdict::WithinTolerance);
        let different = |found: ReferenceRun, class| {
            let Verdict::Different(how) = verdict(&expected, &found, class, 0.05) else { panic!("same") };
            how
        };
        assert_eq!(different(run(1e-8, 1.0, &[("", "c")]), "avx2"), "recorded losses agree; final weights differ");
        assert_eq!(
            different(run(1e-8, 1.1, &[("", "c")]), "neon"),
            "loss/generator at step 10: 1.0 -> 1.1".replace("1.0", "1")
        );
        assert!(different(run(1e-7, 1.0, &[("", "a")]), "avx2").starts_with("setting train.epsilon: 1e-8 -> 1e-7"));
        assert!(different(run(1e-8, f64::NAN, &[("", "c")]), "neon").contains("NaN"));
    }
}
