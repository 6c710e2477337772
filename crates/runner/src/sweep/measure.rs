//! How long runs will take: a few steps of each kind of run are trained on this machine, in a temporary folder.

use crate::error::Error;
use crate::plan::part::Part;
use crate::plan::planning::Planned;
use crate::sweep::{Options, execute, workers};
use crate::temporary::Temporary;
use experiment::Execution;
use record::{Plan, PlannedRun, RunRecord, SweepFolder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::num::NonZeroUsize;
use training::RunConfig;

/// Steps that show how many are worth measuring.
const FIRST_STEPS: u64 = 2;
/// Seconds that steps are measured for, where they are fast.
const SECONDS: f64 = 2.0;
/// More steps are not needed.
const MOST_STEPS: u64 = 500;
/// Grids among them.
const GRIDS: u64 = 5;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    /// Seconds until all runs are done, as many at once as given.
    pub seconds: f64,
    /// Runs at once.
    pub jobs: usize,
    /// CPU threads of each.
    pub threads: usize,
    /// Runs that cost the same a step, with the id of the first, which was measured.
    pub kinds: Vec<Kind>,
}

/// Runs that cost the same a step.
#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    /// The run that was measured.
    pub id: String,
    /// How many runs there are.
    pub runs: usize,
    /// Of a step.
    pub step_seconds: f64,
    /// Of a sample grid.
    pub grid_seconds: f64,
    /// Of an evaluation; 0 without.
    pub evaluation_seconds: f64,
    #[serde(skip)]
    config: RunConfig,
}

/// Measures the runs at these positions of a plan, of each of which so many steps are done.
///
/// # Errors
/// One cannot be trained.
pub(crate) fn measure(plan: &Plan, execution: &Execution, runs: &[(usize, u64)]) -> Result<Measured, Error> {
    let execution = Execution { retries: 0, timeout: None, ..execution.clone() };
    let mut kinds: Vec<(Value, Kind)> = Vec::new();
    let mut of_run = Vec::with_capacity(runs.len());
    for (run, _) in runs {
        let run = &plan.runs[*run];
        let cost = cost(&run.config);
        let position = kinds.iter().position(|(known, _)| *known == cost).unwrap_or(kinds.len());
        if position == kinds.len() {
            let unfit = |error: serde_json::Error| Error::Usage(format!("{}: {error}", run.id));
            let config = RunConfig::deserialize(&run.config).map_err(unfit)?;
            let id = run.id.clone();
            let kind = Kind { id, runs: 0, step_seconds: 0.0, grid_seconds: 0.0, evaluation_seconds: 0.0, config };
            kinds.push((cost, kind));
        }
        kinds[position].1.runs += 1;
        of_run.push(position);
    }
    let mut kinds: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
    train(plan, &execution, &mut kinds, |_| FIRST_STEPS)?;
    train(plan, &execution, &mut kinds, |kind| {
        ((SECONDS / kind.step_seconds.max(1e-6)) as u64).clamp(FIRST_STEPS, MOST_STEPS)
    })?;

    let devices = training::select(&execution.devices)?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let workers = workers::workers(&devices.devices, &execution, None, runs.len(), cores);
    let slots = |worker: &dispatch::WorkerSpec| if worker.packs { 1 } else { worker.slots };
    let jobs = workers.iter().map(slots).sum::<usize>().max(1);
    let seconds = runs.iter().zip(of_run).map(|((run, done), kind)| {
        let config = RunConfig::deserialize(&plan.runs[*run].config);
        config.map_or(0.0, |config| kinds[kind].seconds(&config, *done))
    });
    let longest = seconds.clone().fold(0.0, f64::max);
    let seconds = f64::max(seconds.sum::<f64>() / jobs as f64, longest);
    Ok(Measured { seconds, jobs, threads: workers.first().map_or(1, |worker| worker.threads), kinds })
}

impl Kind {
    /// Of all that is left of a run.
    fn seconds(&self, config: &RunConfig, done: u64) -> f64 {
        let steps = config.steps();
        let times = |every: u64| {
            let regular = steps.checked_div(every).unwrap_or(0) - done.checked_div(every).unwrap_or(0);
            (regular + u64::from(every == 0 || !steps.is_multiple_of(every))) as f64
        };
        let evaluations = config.evaluate.as_ref().map_or(0.0, |evaluate| times(evaluate.every));
        let grids = times(config.sample.every);
        (steps - done) as f64 * self.step_seconds + grids * self.grid_seconds + evaluations * self.evaluation_seconds
    }
}

/// What a step's time follows from: all settings but the seed, the number of steps, intervals, and numbers that are no sizes.
fn cost(config: &Value) -> Value {
    let mut cost = config.clone();
    if let Some(run) = cost.as_object_mut() {
        ["seed", "stop", "checkpoint", "log"].iter().for_each(|key| drop(run.remove(*key)));
    }
    for (section, key) in [
        ("/train", "steps"),
        ("/sample", "every"),
        ("/evaluate", "every"),
        ("/train/generator", "schedule"),
        ("/train/discriminator", "schedule"),
    ] {
        if let Some(section) = cost.pointer_mut(section).and_then(Value::as_object_mut) {
            section.remove(key);
        }
    }
    blank(&mut cost);
    cost
}

/// Rates, weights of losses and other fractions cost nothing.
fn blank(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(blank),
        Value::Array(list) => list.iter_mut().for_each(blank),
        Value::Number(number) if number.is_f64() => *value = Value::Null,
        _ => {}
    }
}

/// Trains so many steps of each kind, as many kinds at once as there are jobs.
fn train(plan: &Plan, execution: &Execution, kinds: &mut [Kind], steps: impl Fn(&Kind) -> u64) -> Result<(), Error> {
    let temporary = Temporary::new("runner-measure").map_err(Error::io(&std::env::temp_dir()))?;
    let run = |(position, kind): (usize, &Kind)| {
        let (steps, mut config) = (steps(kind), kind.config.clone());
        config.train.steps = Some(steps);
        config.sample.every = (steps / GRIDS).max(1);
        config.evaluate.iter_mut().for_each(|evaluate| evaluate.every = 0);
        config.stop =
            training::StopConfig { collapsed: None, gradient_norm: config.stop.gradient_norm, metrics: Vec::new() };
        config.checkpoint = training::CheckpointConfig { every: 0, ..training::CheckpointConfig::default() };
        let config = serde_json::to_value(&config).expect("a configuration is plain data");
        let id = format!("kind-{position}");
        // None: no other command uses the folder, and workers refuse a digest that is not that of the data.
        PlannedRun { id, digest: None, seed: kind.config.seed, overrides: serde_json::Map::new(), steps, config }
    };
    let runs: Vec<PlannedRun> = kinds.iter().enumerate().map(run).collect();
    let plan = Plan { runs: runs.clone(), ..plan.clone() };
    let folder = SweepFolder::new(temporary.path().join(&plan.sweep));
    let (execution, warnings) = (execution.clone(), Vec::new());
    let options = Options::quiet(temporary.path().to_owned(), Part::whole(&plan));
    let summary = execute(Planned { plan, execution, warnings, data: Vec::new() }, options)?;
    if summary.stopped {
        return Err(Error::Stopped);
    }
    for (kind, run) in kinds.iter_mut().zip(&runs) {
        let record = RunRecord::of(run, folder.run(&run.id)).map_err(Error::record(folder.path()))?;
        if record.step < run.steps {
            let reason = record.outcome.and_then(|outcome| outcome.reason).unwrap_or_default();
            return Err(Error::Unfinished(format!("{} cannot be measured: {reason}", kind.id)));
        }
        let of = |part: &str| record.times.get(part).copied().unwrap_or(0.0);
        let grids = record.artifacts.len().max(1);
        let others = ["samples", "evaluation", "checkpoint"].map(of).iter().sum::<f64>();
        kind.step_seconds = (record.times.values().sum::<f64>() - others) / run.steps as f64;
        (kind.grid_seconds, kind.evaluation_seconds) = (of("samples") / grids as f64, of("evaluation"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rates_and_intervals_cost_nothing_and_sizes_do() {
        let of = |changes: Value| {
            let mut config = json!({"seed": 0, "train": {"steps": 5, "batch_size": 4, "generator": {"lr": 1e-4}},
                "sample": {"every": 3, "count": 4}, "model": {"hidden": [8]}, "log": {"every": 1}});
            for (path, value) in changes.as_object().unwrap() {
                *config.pointer_mut(path).unwrap() = value.clone();
            }
            cost(&config)
        };
        let plain = of(json!({}));
        for same in ["/seed", "/train/steps", "/sample/every", "/log/every"] {
            assert_eq!(of(json!({ same: 7 })), plain, "{same}");
        }
        assert_eq!(of(json!({"/train/generator/lr": 0.5})), plain);
        for other in ["/train/batch_size", "/sample/count", "/model/hidden/0"] {
            assert_ne!(of(json!({ other: 7 })), plain, "{other}");
        }
    }

    #[test]
    fn what_is_left_of_a_run_is_counted() {
        let config: RunConfig = serde_json::from_value(
            json!({"train": {"steps": 1000}, "sample": {"every": 300}, "evaluate": {"every": 500}}),
        )
        .unwrap();
        let kind = Kind {
            id: "x".into(),
            runs: 1,
            step_seconds: 1.0,
            grid_seconds: 10_000.0,
            evaluation_seconds: 1_000_000.0,
            config: config.clone(),
        };
        assert_eq!(kind.seconds(&config, 0), 2_041_000.0);
        assert_eq!(kind.seconds(&config, 600), 1_020_400.0);
    }
}
