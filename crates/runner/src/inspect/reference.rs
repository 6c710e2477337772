//! Committed references: what runs came to elsewhere, and how another outcome differs from it.
//!
//! Digests are the same only within a numeric class (backend, SIMD level, C library), so a reference holds one for each
//! class that it has seen. For a class that it has not, losses are compared within its tolerance.

use crate::error::Error;
use record::{PlannedRun, RunRecord, tag};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A reference is a few numbers for each of some runs.
const MAX_BYTES: u64 = 64 << 20;

/// Of the file.
const FORMAT: u32 = 1;

/// Of a new reference; see [`Reference::tolerance`].
const TOLERANCE: f64 = 0.05;

/// A committed reference.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    format: u32,
    /// The experiment, relative to this file.
    pub experiment: PathBuf,
    /// For classes without a digest: |found - expected| <= tolerance * max(|expected|, 1).
    pub tolerance: f64,
    /// In the order of the plan.
    pub runs: Vec<ReferenceRun>,
}

/// A run of a reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferenceRun {
    id: String,
    /// Resolved.
    config: Value,
    /// Of the class that was first.
    losses: Vec<Losses>,
    /// Numeric class to digest of the final weights.
    digests: BTreeMap<String, String>,
}

/// Recorded losses of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Losses {
    step: u64,
    #[serde(flatten)]
    values: BTreeMap<String, f64>,
}

/// A run as it was trained here.
pub(crate) struct Trained {
    id: String,
    config: Value,
    losses: Vec<Losses>,
    digest: Option<String>,
}

/// What comparing a run came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The digests agree.
    SameBits,
    /// There is no digest of this class; the losses are near.
    WithinTolerance,
    /// How they differ.
    Different(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::SameBits => f.write_str("same weights"),
            Self::WithinTolerance => f.write_str("losses within tolerance"),
            Self::Different(how) => write!(f, "DIFFERENT: {how}"),
        }
    }
}

impl Trained {
    /// What a run's record holds.
    pub(crate) fn of(planned: &PlannedRun, record: &RunRecord) -> Self {
        let losses = record.scalars.iter().map(|scalars| {
            let values = scalars.values.iter().filter(|(name, _)| tag::is_loss(name));
            Losses { step: scalars.step, values: values.map(|(name, value)| (name.clone(), *value)).collect() }
        });
        Self {
            id: planned.id.clone(),
            config: planned.config.clone(),
            losses: losses.collect(),
            digest: record.outcome.as_ref().and_then(|outcome| outcome.weights_digest.clone()),
        }
    }
}

impl Reference {
    /// The reference of an experiment, which is named as seen from the file's folder: what the file holds, or one
    /// without runs if there is no file yet.
    ///
    /// # Errors
    /// The file is something else, or the reference of another experiment. Neither may be overwritten.
    pub(crate) fn of(experiment: &Path, file: &Path) -> Result<Self, Error> {
        if fs::symlink_metadata(file).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Ok(Self { format: FORMAT, experiment: experiment.into(), tolerance: TOLERANCE, runs: Vec::new() });
        }
        let known = Self::read(file)?;
        let there = |path: &Path| {
            let path = file.parent().unwrap_or(Path::new(".")).join(path);
            fs::canonicalize(&path).unwrap_or(path)
        };
        if there(&known.experiment) != there(experiment) {
            return Err(Error::Usage(format!(
                "{} is the reference of {}, and an update would lose its digests: name another file, or remove this one",
                file.display(),
                known.experiment.display()
            )));
        }
        Ok(Self { experiment: experiment.into(), ..known })
    }

    /// Reads a reference.
    ///
    /// # Errors
    /// There is none, or the file is something else.
    pub(crate) fn read(file: &Path) -> Result<Self, Error> {
        let path = || file.to_owned();
        let bytes = files::read(file, MAX_BYTES).map_err(|error| Error::File {
            path: path(),
            what: "",
            source: error.into(),
        })?;
        let reference: Self = serde_json::from_slice(&bytes).map_err(|error| Error::File {
            path: path(),
            what: " is not a reference",
            source: error.into(),
        })?;
        match reference.format {
            FORMAT => Ok(reference),
            other => Err(Error::Usage(format!("{} has format {other}, not {FORMAT}", file.display()))),
        }
    }

    /// Whether it has a digest of every run for the class.
    pub(crate) fn knows(&self, class: &str) -> bool {
        self.runs.iter().all(|run| run.digests.contains_key(class))
    }

    /// Takes over what was trained. Digests of other classes stay, and with them the losses that they go with, unless the
    /// run has changed: its settings, or its weights within a class that is known.
    ///
    /// # Errors
    /// A run has no weights to compare.
    pub(crate) fn update(self, found: Vec<Trained>, class: &str) -> Result<Self, Error> {
        let merge = |Trained { id, config, losses, digest }: Trained| {
            let Some(digest) = digest else {
                return Err(Error::Usage(format!("run {id} diverged: a reference holds runs that end")));
            };
            let is_same = |old: &&ReferenceRun| {
                let others = old.digests.keys().any(|other| other != class);
                let changed = old.digests.get(class).is_some_and(|known| *known != digest);
                old.id == id && old.config == config && others && !changed
            };
            let same = self.runs.iter().find(is_same).cloned();
            let mut run = same.unwrap_or(ReferenceRun { id, config, losses, digests: BTreeMap::new() });
            run.digests.insert(class.to_owned(), digest);
            Ok(run)
        };
        let runs = found.into_iter().map(merge).collect::<Result<_, _>>()?;
        Ok(Self { runs, ..self })
    }

    /// Compares run by run, in the order of the plan: a changed setting changes the id.
    pub(crate) fn compare(&self, found: &[Trained], class: &str) -> Vec<(String, Verdict)> {
        let missing = || Verdict::Different("the experiment has no such run any more".to_owned());
        let known = self.runs.iter().enumerate().map(|(index, expected)| {
            let verdict = found.get(index).map(|found| expected.verdict(found, class, self.tolerance));
            (expected.id.clone(), verdict.unwrap_or_else(missing))
        });
        let new = found
            .iter()
            .skip(self.runs.len())
            .map(|new| (new.id.clone(), Verdict::Different("the reference has no such run".to_owned())));
        known.chain(new).collect()
    }
}

impl ReferenceRun {
    fn verdict(&self, found: &Trained, class: &str, tolerance: f64) -> Verdict {
        let known = self.digests.get(class);
        let setting = first_setting("", &self.config, &found.config);
        let loss = first_loss(&self.losses, &found.losses, if known.is_some() { 0.0 } else { tolerance });
        let same = known.is_none_or(|known| found.digest.as_ref() == Some(known));
        match (setting, loss, known) {
            // Losses are of the reference's first class; within another known class only the weights decide.
            (None, _, Some(_)) if same => Verdict::SameBits,
            (None, None, None) => Verdict::WithinTolerance,
            (setting, loss, _) => {
                let loss = loss.unwrap_or_else(|| "recorded losses agree".to_owned());
                let weights = if same { "" } else { "; final weights differ" };
                let setting = setting.map(|setting| format!("setting {setting}; ")).unwrap_or_default();
                Verdict::Different(format!("{setting}{loss}{weights}"))
            }
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
    use serde_json::json;

    fn config(epsilon: f64) -> Value {
        json!({ "train": { "epsilon": epsilon } })
    }

    fn losses(loss: f64) -> Vec<Losses> {
        let losses = |step| Losses { step, values: [("loss/generator".to_owned(), loss)].into() };
        vec![losses(10), losses(20)]
    }

    fn trained(epsilon: f64, loss: f64, digest: &str) -> Trained {
        Trained { id: "run".into(), config: config(epsilon), losses: losses(loss), digest: Some(digest.into()) }
    }

    #[test]
    fn a_known_class_compares_bits_and_an_unknown_one_losses() {
        let digests = [("avx2", "a"), ("avx512", "b")].map(|(class, digest)| (class.into(), digest.into())).into();
        let expected = ReferenceRun { id: "run".into(), config: config(1e-8), losses: losses(1.0), digests };
        let check = |found: &Trained, class, verdict: &Verdict| {
            assert_eq!(&expected.verdict(found, class, 0.05), verdict);
        };
        check(&trained(1e-8, 1.0, "a"), "avx2", &Verdict::SameBits);
        check(&trained(1e-8, 1.01, "b"), "avx512", &Verdict::SameBits);
        check(&trained(1e-8, 1.01, "c"), "neon", &Verdict::WithinTolerance);
        let different = |found: Trained, class| {
            let Verdict::Different(how) = expected.verdict(&found, class, 0.05) else { panic!("same") };
            how
        };
        assert_eq!(different(trained(1e-8, 1.0, "c"), "avx2"), "recorded losses agree; final weights differ");
        assert_eq!(different(trained(1e-8, 1.1, "c"), "neon"), "loss/generator at step 10: 1 -> 1.1");
        assert!(different(trained(1e-7, 1.0, "a"), "avx2").starts_with("setting train.epsilon: 1e-8 -> 1e-7"));
        assert!(different(trained(1e-8, f64::NAN, "c"), "neon").contains("NaN"));
        let diverged = Trained { digest: None, ..trained(1e-8, 1.0, "") };
        assert!(different(diverged, "avx2").contains("final weights differ"));
    }

    #[test]
    fn an_update_keeps_what_other_classes_measured_unless_the_run_has_changed() {
        let update = |reference: Reference, found: Trained, class: &str| {
            let updated = reference.update(vec![found], class).unwrap();
            let run = &updated.runs[0];
            let classes: Vec<String> = run.digests.keys().cloned().collect();
            let loss = run.losses[0].values["loss/generator"];
            (updated, classes, loss)
        };
        let new = Reference::of(Path::new("x.yaml"), Path::new("/nowhere/at/all.json")).unwrap();
        let (reference, classes, loss) = update(new, trained(1e-8, 1.0, "a"), "avx2");
        assert_eq!((classes, loss), (vec!["avx2".to_owned()], 1.0));
        let (reference, classes, loss) = update(reference, trained(1e-8, 1.01, "b"), "avx512");
        assert_eq!((classes, loss), (vec!["avx2".to_owned(), "avx512".to_owned()], 1.0));
        let (reference, classes, loss) = update(reference, trained(1e-8, 1.02, "c"), "avx512");
        assert_eq!((classes, loss), (vec!["avx512".to_owned()], 1.02));
        let (_, classes, loss) = update(reference, trained(1e-7, 1.03, "d"), "avx2");
        assert_eq!((classes, loss), (vec!["avx2".to_owned()], 1.03));
    }

    #[test]
    fn a_file_is_updated_only_as_the_reference_of_the_same_experiment() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("experiments")).unwrap();
        fs::write(path("experiments/x.yaml"), "").unwrap();
        let file = path("x.json");
        let of = |experiment: &str| Reference::of(Path::new(experiment), &file);
        let digests = ["avx2", "avx512"].map(|class| (class.to_owned(), "a".to_owned())).into();
        let run = ReferenceRun { id: "run".into(), config: config(1e-8), losses: losses(1.0), digests };
        let known = Reference { runs: vec![run.clone()], tolerance: 0.5, ..of("experiments/x.yaml").unwrap() };
        fs::write(&file, serde_json::to_string(&known).unwrap()).unwrap();

        let found = of("experiments/../experiments/x.yaml").unwrap();
        assert_eq!((found.tolerance, &found.runs[..]), (0.5, &[run][..]), "other classes' digests stay");
        assert!(of("experiments/y.yaml").unwrap_err().message().contains("is the reference of experiments/x.yaml"));
        fs::write(&file, "{\"my\": \"thesis\"}").unwrap();
        assert!(of("experiments/x.yaml").unwrap_err().message().contains("x.json is not a reference"));
    }
}
