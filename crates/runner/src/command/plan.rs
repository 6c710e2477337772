//! `runner plan`.

use super::{diff, out, print_json, say};
use crate::cli::{ExecutionArgs, Format, PlanArgs};
use crate::error::Error;
use crate::plan::changes::{self, Changes};
use crate::plan::identity::short;
use crate::plan::planning;
use crate::text;
use record::{Plan, PlannedRun, RunRecord, SweepFolder, SweepLock};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(arguments: &PlanArgs, execution: &ExecutionArgs) -> Result<ExitCode, Error> {
    let plan = planning::plan(&arguments.experiment, execution)?.plan;
    let folder = SweepFolder::new(arguments.experiment.results.join(&plan.sweep));
    let earlier = changes::frozen(&folder, say)?;
    if arguments.diff {
        diff::run(&plan, earlier.as_ref(), &folder, arguments.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    let live_since = SweepLock::held_since(&folder);
    let status = |id: &str| {
        let run = folder.run(id);
        let path = run.path().to_owned();
        RunRecord::read(run).map(|record| record.status(live_since).name()).map_err(Error::record(&path))
    };
    let statuses = plan.runs.iter().map(|run| status(&run.id)).collect::<Result<Vec<_>, _>>()?;
    match arguments.format {
        Format::Json => print_json(&json(&plan, &statuses))?,
        Format::Text => print(&plan, &statuses, earlier.as_ref())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn json(plan: &Plan, statuses: &[&str]) -> Value {
    let run = |(run, status): (&PlannedRun, &&str)| {
        json!({
            "id": run.id,
            "status": status,
            "seed": run.seed,
            "steps": run.steps,
            "overrides": run.overrides,
            "config": run.config,
        })
    };
    let runs: Vec<Value> = plan.runs.iter().zip(statuses).map(run).collect();
    json!({ "sweep": plan.sweep, "runs": runs })
}

fn print(plan: &Plan, statuses: &[&str], earlier: Option<&Plan>) -> Result<(), Error> {
    let mut keys: Vec<&str> = Vec::new();
    for key in plan.runs.iter().flat_map(|run| run.overrides.keys()) {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    let heads: Vec<&str> = ["run", "status", "seed", "steps"].into_iter().chain(keys.iter().copied()).collect();
    let row = |(run, status): (&PlannedRun, &&str)| {
        let fixed = [run.id.clone(), (*status).to_owned(), run.seed.to_string(), run.steps.to_string()];
        let settings = keys.iter().map(|key| run.overrides.get(*key).map(short).unwrap_or_default());
        fixed.into_iter().chain(settings).collect()
    };
    let rows: Vec<Vec<String>> = plan.runs.iter().zip(statuses).map(row).collect();
    out(text::table(&heads, &rows))?;
    let seeds: std::collections::BTreeSet<u64> = plan.runs.iter().map(|run| run.seed).collect();
    let steps: u64 = plan.runs.iter().map(|run| run.steps).sum();
    let (runs, seeds) = (text::count(plan.runs.len(), "run"), text::count(seeds.len(), "seed"));
    let steps = text::count(steps as usize, "step");
    let news = earlier.and_then(|earlier| Changes::between(earlier, plan).summary());
    let news = news.map_or_else(String::new, |news| format!(" ({news})"));
    out(format_args!("{}: {runs}, {seeds}, {steps} in all{news}", plan.sweep))
}
