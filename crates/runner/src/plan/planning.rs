//! From an experiment file to a plan.

use crate::cli::{ExecutionArgs, ExperimentArgs};
use crate::error::Error;
use crate::plan::identity::{self, HASH_LENGTHS};
use crate::plan::remembered::describe;
use data::{Description, SOURCES};
use experiment::{Execution, Experiment, Request, Tags};
use family::{Implied, Problem};
use metrics::METRICS;
use models::architecture::{DISCRIMINATORS, GENERATORS};
use models::augmentation::AUGMENTATIONS;
use models::conditioning::CONDITIONINGS;
use models::loss::LOSSES;
use models::penalty::PENALTIES;
use models::task::TASKS;
use models::{Domain, ModelConfig, Weights, preset};
use record::{FORMAT_VERSION, Identity, Plan, PlannedRun, Provenance, RunFolder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use training::{CheckpointSize, RunConfig, UpdateRule};

/// What a file came to.
pub(crate) struct Planned {
    /// The runs.
    pub plan: Plan,
    /// How and where to train them.
    pub execution: Execution,
    /// The data of one's own that runs train on.
    pub data: Vec<Description>,
    /// Valid settings that are probably mistakes, in sentences.
    pub warnings: Vec<String>,
}

/// The `run` section of an experiment file.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct RunSection(RunConfig);

impl experiment::Run for RunSection {
    /// Values out of range, and networks that do not fit the data. Unreadable data is reported later.
    fn check(&self) -> Vec<Problem> {
        let config = &self.0;
        let mut problems = config.check();
        if config.data.check().is_empty()
            && let Ok(data) = describe(&config.data)
        {
            problems.extend(config.check_against(data.domain, data.length));
            if problems.is_empty()
                && let Err(message) = weights(&config.model, data.domain)
            {
                problems.push(Problem::at("model.weights", message));
            }
            // Of a run that was planned once, other commands than those that measure need no file.
            if let Some(evaluate) = &config.evaluate
                && evaluate.inception.as_ref().is_some_and(|weights| weights.digest.is_none())
                && let Err(error) = evaluate.open_inception()
            {
                problems.push(Problem::at("evaluate.inception", error.to_string()));
            }
        }
        problems
    }
}

/// Settings that may be a word, and the tag that it stands for.
const WORDS: &[(&str, &str)] = &[
    ("data", "name"),
    ("model.task", "kind"),
    ("model.generator", "architecture"),
    ("model.discriminator", "architecture"),
    ("model.conditioning", "kind"),
    ("model.loss", "kind"),
    ("model.penalty", "kind"),
    ("model.augmentation", "kind"),
    ("model.initialization", "kind"),
    ("train.generator", "optimizer"),
    ("train.discriminator", "optimizer"),
    ("train.generator.schedule", "kind"),
    ("train.discriminator.schedule", "kind"),
];

/// Settings that are paths.
const PATHS: &[&str] = &[
    "data.path",
    "data.images",
    "data.labels",
    "data.test_images",
    "data.test_labels",
    "model.weights",
    "model.weights.file",
    "evaluate.inception",
    "evaluate.inception.file",
];

/// Settings of all families that state a member without its tag.
fn implied() -> Vec<Implied> {
    let networks = GENERATORS.implied().chain(DISCRIMINATORS.implied());
    let game = LOSSES.implied().chain(PENALTIES.implied()).chain(TASKS.implied());
    let samples = CONDITIONINGS.implied().chain(AUGMENTATIONS.implied()).chain(SOURCES.implied());
    networks.chain(game).chain(samples).chain(METRICS.implied()).collect()
}

/// Reads an experiment file with its layers and expands it.
///
/// # Errors
/// The file is wrong or its data cannot be read.
pub(crate) fn plan(arguments: &ExperimentArgs, overrides: &ExecutionArgs) -> Result<Planned, Error> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let presets: Vec<&str> = preset::ALL.iter().map(|preset| preset.name).collect();
    let experiment: Experiment<RunSection> = experiment::load(&Request {
        file: &arguments.file,
        sets: &arguments.sets,
        environment: &environment,
        preset: &|name| preset::find(name).map(preset::Preset::settings),
        presets: &presets,
        tags: Tags { implied: &implied(), words: WORDS },
        paths: PATHS,
        devices: &|names| training::check_names(names).err().map(|error| error.to_string()),
    })?;

    let execution = overlay(experiment.execution, overrides);
    training::check_names(&execution.devices)?;
    let mut warnings = experiment.warnings;
    let mut own_data: Vec<Description> = Vec::new();
    let mut runs = Vec::with_capacity(experiment.points.len());
    let mut known = HashSet::new();
    for point in experiment.points {
        let RunSection(mut config) = point.run;
        if let Some(absolute) = config.data.absolute() {
            config.data = absolute;
        }
        let data = describe(&config.data)?;
        let nothing_held_out = (data.held_out == Some(0) && config.evaluate.is_some()).then(|| {
            format!(
                "metrics compare with training data: of `{}` nothing is held out (`hold_out: 0.1` would)",
                data.name
            )
        });
        for warning in data.passed_over.warnings.iter().chain(&nothing_held_out) {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        if data.held_out.is_some() && !own_data.contains(&data) {
            own_data.push(data.clone());
        }
        config.resolve(data.length);
        config.model.weights = weights(&config.model, data.domain).map_err(Error::Usage)?;
        if let Some(evaluate) = &mut config.evaluate
            && let Some(inception) = evaluate.open_inception()?
        {
            evaluate.inception = Some(inception.weights());
            warnings.extend(inception.stranger().filter(|warning| !warnings.contains(warning)));
        }
        let plain = identity::plain(&config);
        let (name, digest) =
            (identity::name(&config, &point.overrides), identity::digest_of(&plain, &data.fingerprint));
        if known.insert((name.clone(), digest.clone())) {
            let (seed, steps, config, digest) = (point.seed, config.steps(), plain, Some(digest));
            runs.push(PlannedRun { id: name, digest, seed, overrides: point.overrides, steps, config });
        }
    }
    add_hashes(&mut runs);
    let mut digest = blake3::Hasher::new();
    for source in &experiment.sources {
        digest.update(source.text.as_bytes()).update(b"\0");
    }
    let settings = environment.iter().filter(|(key, _)| key.starts_with("RUNNER_") && key.contains("__"));
    let plan = Plan {
        environment: settings.map(|(key, value)| format!("{key}={value}")).collect(),
        sets: arguments.sets.clone(),
        format: FORMAT_VERSION,
        sweep: experiment.name,
        description: experiment.description,
        experiment: arguments.file.display().to_string(),
        experiment_digest: format!("blake3:{}", digest.finalize().to_hex()),
        created: record::now(),
        extended: Vec::new(),
        runs,
    };
    Ok(Planned { plan, execution, data: own_data, warnings })
}

/// What checkpoints of the configuration take; networks are built once in a process for each kind.
///
/// # Errors
/// The data cannot be read.
pub(crate) fn checkpoint_size(config: &RunConfig) -> Result<CheckpointSize, Error> {
    type Kind = (ModelConfig, Domain, [UpdateRule; 2]);
    thread_local! {
        static KNOWN: RefCell<Vec<(Kind, CheckpointSize)>> = const { RefCell::new(Vec::new()) };
    }
    let rules = [config.train.generator.rule, config.train.discriminator.rule];
    let kind = (config.model.clone(), describe(&config.data)?.domain, rules);
    KNOWN.with_borrow_mut(|known| {
        if let Some((_, size)) = known.iter().find(|(of, _)| *of == kind) {
            return Ok(*size);
        }
        let size = CheckpointSize::of(config, kind.1);
        known.push((kind, size));
        Ok(size)
    })
}

/// A run of a resolved configuration on its data as they are now.
///
/// # Errors
/// The data cannot be read.
pub(crate) fn planned(config: &RunConfig, overrides: Map<String, Value>) -> Result<PlannedRun, Error> {
    let plain = identity::plain(config);
    let digest = identity::digest_of(&plain, &describe(&config.data)?.fingerprint);
    let id = identity::run_id(&identity::name(config, &overrides), &digest, HASH_LENGTHS[0]);
    let (seed, steps, config) = (config.seed, config.steps(), plain);
    Ok(PlannedRun { id, digest: Some(digest), seed, overrides, steps, config })
}

/// The [trajectory](identity::trajectory) of a resolved configuration on its data as they are now.
///
/// # Errors
/// The data cannot be read.
pub(crate) fn trajectory(config: &RunConfig) -> Result<String, Error> {
    Ok(identity::trajectory(config, &describe(&config.data)?.fingerprint))
}

/// Turns names into ids: as short as they can be told apart.
fn add_hashes(runs: &mut [PlannedRun]) {
    let id = |run: &PlannedRun, length| identity::run_id(&run.id, run.digest.as_deref().unwrap_or_default(), length);
    let mut lengths = vec![0; runs.len()];
    for length in HASH_LENGTHS {
        let mut count = HashMap::<String, u32>::new();
        runs.iter().for_each(|run| *count.entry(id(run, length)).or_default() += 1);
        for (run, chosen) in runs.iter().zip(&mut lengths) {
            if *chosen == 0 && (count[&id(run, length)] == 1 || length == identity::DIGEST_LENGTH) {
                *chosen = length;
            }
        }
    }
    runs.iter_mut().zip(lengths).for_each(|(run, length)| run.id = id(run, length));
}

/// The configuration in a run's `config.yaml`.
///
/// # Errors
/// There is none, or it is not one run.
pub(crate) fn resolved(file: &Path) -> Result<RunConfig, Error> {
    let request = Request {
        file,
        sets: &[],
        environment: &[],
        preset: &|_| Some(Value::Object(Map::new())),
        presets: &[],
        tags: Tags { implied: &implied(), words: WORDS },
        paths: PATHS,
        devices: &|_| None,
    };
    let experiment: Experiment<RunSection> = experiment::load(&request)?;
    let mut points = experiment.points.into_iter();
    match (points.next(), points.next()) {
        (Some(point), None) => Ok(point.run.0),
        _ => Err(Error::Usage(format!("{} is not the configuration of one run", file.display()))),
    }
}

/// The configuration of a run, from its folder.
///
/// # Errors
/// There is none, or it is another run's.
pub(crate) fn stored(folder: &RunFolder) -> Result<RunConfig, Error> {
    let path = folder.config();
    let config = resolved(&path)?;
    let of_log = Identity::of_folder(folder).map_err(Error::record(folder.path()))?;
    let Some((expected, provenance)) = of_log.zip(Provenance::of(folder)) else { return Ok(config) };
    let found = Identity { id: folder.id(), digest: identity::digest(&config, &provenance.data_fingerprint) };
    if found.digest != expected.digest {
        let what = "its settings are not those of the run's log: put back the run's own `config.yaml`";
        return Err(Error::Usage(format!("{}: {what}", path.display())));
    }
    Ok(config)
}

/// What the command line says over an `execution` section.
pub(crate) fn overlay(mut execution: Execution, arguments: &ExecutionArgs) -> Execution {
    if let Some(devices) = &arguments.devices {
        execution.devices = devices.clone();
    }
    execution.jobs = arguments.jobs.unwrap_or(execution.jobs);
    execution.threads = arguments.threads.unwrap_or(execution.threads);
    execution.retries = arguments.retries.unwrap_or(execution.retries);
    execution.timeout = arguments.timeout.or(execution.timeout);
    execution
}

/// The file that a model starts from with its digest, or what is wrong with it. Each file is read once in a process for
/// each model that it is for.
fn weights(model: &ModelConfig, domain: Domain) -> Result<Option<Weights>, String> {
    type Found = Result<Option<Weights>, String>;
    thread_local! {
        static KNOWN: RefCell<Vec<(ModelConfig, Domain, Found)>> = const { RefCell::new(Vec::new()) };
    }
    if model.weights.is_none() {
        return Ok(None);
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some((.., found)) = known.iter().find(|(of, with, _)| of == model && *with == domain) {
            return found.clone();
        }
        let found = training::check_weights(model, domain).map_err(|error| error.to_string());
        known.push((model.clone(), domain, found.clone()));
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_as_long_as_it_takes_to_tell_the_runs_of_a_plan_apart() {
        let digests = ["3fa9c21b0000", "3fa9c21b1111", "77777777"].map(|digits| format!("{digits:0<32}"));
        let run = |digest: &String| PlannedRun {
            id: "mlp-s0".to_owned(),
            digest: Some(digest.clone()),
            seed: 0,
            overrides: Map::new(),
            steps: 1,
            config: Value::Null,
        };
        let mut runs: Vec<PlannedRun> = digests.iter().map(run).collect();
        add_hashes(&mut runs);
        let ids: Vec<&str> = runs.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(ids, ["mlp-s0-3fa9c21b00000000", "mlp-s0-3fa9c21b11110000", "mlp-s0-77777777"]);
    }
}
