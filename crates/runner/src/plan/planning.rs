//! From an experiment file to a plan.

use crate::cli::{ExecutionArgs, ExperimentArgs};
use crate::error::Error;
use crate::plan::identity::run_id;
use data::{DataConfig, DataError, Description};
use experiment::{Execution, Experiment, Request};
use family::Problem;
use models::{Domain, ModelConfig, Weights, preset};
use record::{FORMAT_VERSION, Plan, PlannedRun};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;
use training::RunConfig;

/// What a file came to.
pub(crate) struct Planned {
    /// The runs.
    pub plan: Plan,
    /// How and where to train them.
    pub execution: Execution,
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
        devices: &|names| training::check_names(names).err().map(|error| error.to_string()),
    })?;

    let execution = overlay(experiment.execution, overrides);
    training::check_names(&execution.devices)?;
    let mut warnings = experiment.warnings;
    let mut runs = Vec::with_capacity(experiment.points.len());
    let mut ids = HashSet::new();
    for point in experiment.points {
        let RunSection(mut config) = point.run;
        if let Some(absolute) = config.data.absolute() {
            config.data = absolute;
        }
        let data = describe(&config.data)?;
        config.resolve(data.length);
        config.model.weights = weights(&config.model, data.domain).map_err(Error::Usage)?;
        if let Some(evaluate) = &mut config.evaluate
            && let Some(inception) = evaluate.open_inception()?
        {
            evaluate.inception = Some(inception.weights());
            warnings.extend(inception.stranger().filter(|warning| !warnings.contains(warning)));
        }
        let id = run_id(&config, &point.overrides, &data.fingerprint);
        if ids.insert(id.clone()) {
            let steps = config.steps();
            let config = serde_json::to_value(&config).expect("a configuration is plain data");
            runs.push(PlannedRun { id, seed: point.seed, overrides: point.overrides, steps, config });
        }
    }
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
        runs,
    };
    Ok(Planned { plan, execution, warnings })
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
        devices: &|_| None,
    };
    let experiment: Experiment<RunSection> = experiment::load(&request)?;
    let mut points = experiment.points.into_iter();
    match (points.next(), points.next()) {
        (Some(point), None) => Ok(point.run.0),
        _ => Err(Error::Usage(format!("{} is not the configuration of one run", file.display()))),
    }
}

fn overlay(mut execution: Execution, arguments: &ExecutionArgs) -> Execution {
    if let Some(devices) = &arguments.devices {
        execution.devices = devices.clone();
    }
    execution.jobs = arguments.jobs.unwrap_or(execution.jobs);
    execution.threads = arguments.threads.unwrap_or(execution.threads);
    execution.retries = arguments.retries.unwrap_or(execution.retries);
    execution.timeout = arguments.timeout.or(execution.timeout);
    execution
}

/// As [`data::Source::describe`], but each data set is read once in a process.
fn describe(config: &DataConfig) -> Result<Description, DataError> {
    thread_local! {
        static KNOWN: RefCell<Vec<(DataConfig, Description)>> = const { RefCell::new(Vec::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some((_, description)) = known.iter().find(|(of, _)| of == config) {
            return Ok(description.clone());
        }
        let description = config.describe()?;
        known.push((config.clone(), description.clone()));
        Ok(description)
    })
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
