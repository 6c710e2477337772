//! `runner extend`.

use super::print_json;
use super::sweep::{complain, exit_code, print};
use crate::cli::{ExtendArgs, Format};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::known::Known;
use crate::plan::adopt::adopt;
use crate::plan::part::Part;
use crate::plan::planning::{self, Planned};
use crate::plan::reuse::{Reuse, Rules};
use crate::sweep::display::{Detail, Display};
use crate::sweep::{Options, execute};
use experiment::Execution;
use record::{Plan, PlannedRun, RunFolder, SweepFolder};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use training::RunConfig;

pub(crate) fn run(arguments: &ExtendArgs) -> Result<ExitCode, Error> {
    let began = Instant::now();
    let folder = find::started(&arguments.run, &arguments.results)?;
    let sweep = folder.sweep().ok_or_else(|| Error::Usage(format!("{} lies in no sweep", folder.path().display())))?;
    let (plan, run) = longer(&folder, &sweep, arguments.steps)?;
    let part = Part::single(&plan, &run.id);
    let execution = planning::overlay(Execution::default(), &arguments.execution);
    training::check_names(&execution.devices)?;
    if !sweep.run(&run.id).path().exists() {
        let device = training::select(&execution.devices)?.devices.first().copied();
        let reuse = Reuse::find(&plan, &part, &sweep, Rules { device, mix: arguments.mix, retrain: false });
        if !reuse.has(&plan, &run.id) {
            let why = reuse.lines(&plan).pop();
            let why = why.unwrap_or_else(|| format!("{} has no record to go on from", arguments.run));
            let instead = "set `train.steps` in its experiment file to train a longer run from its first step";
            return Err(Error::Usage(format!("{why}; {instead}")));
        }
    }
    let detail = if arguments.quiet { Detail::Quiet } else { Detail::Normal };
    let results = sweep.path().parent().unwrap_or(Path::new("")).to_owned();
    let (mix, display) = (arguments.mix, Display::new(detail));
    let options = Options { mix, display, ..Options::quiet(results, part) };
    let summary = execute(Planned { plan, execution, warnings: Vec::new(), data: Vec::new() }, options)?;
    complain(&summary);
    match arguments.format {
        Format::Json => print_json(&summary)?,
        Format::Text if !arguments.quiet => print(&summary, began)?,
        Format::Text => {}
    }
    Ok(ExitCode::from(exit_code(&summary, false)))
}

/// The sweep's plan with the run of so many steps, and that run.
fn longer(folder: &RunFolder, sweep: &SweepFolder, steps: u64) -> Result<(Plan, PlannedRun), Error> {
    let mut plan = Plan::read(sweep)?;
    let Known { run, record, .. } = Known::read(folder)?.0;
    let id = &run.id;
    if !record.is_finished() {
        return Err(Error::Usage(format!("{id} is not finished: `runner sweep` goes on with it")));
    }
    if steps <= run.steps {
        return Err(Error::Usage(format!(
            "{id} has {} steps already: --steps takes the number of all of its steps",
            run.steps
        )));
    }
    let unfit = |error| Error::Usage(format!("the configuration of {id} cannot be read: {error}"));
    let mut config: RunConfig = RunConfig::deserialize(&run.config).map_err(unfit)?;
    let as_it_was = planning::planned(&config, run.overrides.clone())?;
    if record.identity.as_ref().is_some_and(|identity| as_it_was.digest.as_ref() != Some(&identity.digest)) {
        return Err(Error::Usage(format!("the data of {id} are not what they were when it was trained")));
    }
    config.train.steps = Some(steps);
    let mut overrides = run.overrides.clone();
    overrides.remove("train.epochs");
    overrides.insert("train.steps".to_owned(), Value::from(steps));
    let longer = planning::planned(&config, overrides)?;
    let digest = longer.digest.clone();
    let known = plan.runs.iter().position(|planned| planned.digest == digest);
    let position = known.unwrap_or(plan.runs.len());
    if known.is_none() {
        plan.runs.push(longer);
        // It may have a folder under another name.
        adopt(&mut plan, sweep);
        plan.extended.push(plan.runs[position].id.clone());
    }
    let longer = plan.runs[position].clone();
    Ok((plan, longer))
}
