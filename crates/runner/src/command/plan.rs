//! `runner plan`.

use super::data::{classes, length, recordings};
use super::{bounded, diff, out, print_json, say, warn};
use crate::cli::{Format, PlanArgs};
use crate::error::Error;
use crate::plan::adopt::adopt;
use crate::plan::changes::{self, Changes};
use crate::plan::identity::short;
use crate::plan::part::Part;
use crate::plan::planning::{self, Planned};
use crate::plan::reuse::{Reuse, Rules, TakenLine};
use crate::sweep::{Kind, Measured, measure};
use crate::text;
use data::Description;
use record::{Live, Plan, PlannedRun, RunRecord, Status, SweepFolder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::process::ExitCode;
use training::RunConfig;

pub(crate) fn run(arguments: &PlanArgs, quiet: bool) -> Result<ExitCode, Error> {
    let mut planned = planning::plan(&arguments.experiment, &arguments.execution)?;
    let Planned { plan, warnings, data, execution } = &mut planned;
    if !quiet {
        warn(warnings);
    }
    let folder = SweepFolder::new(arguments.experiment.results.join(&plan.sweep));
    adopt(plan, &folder);
    let earlier = changes::frozen(&folder, say)?;
    earlier.iter().for_each(|earlier| changes::carry(earlier, plan));
    if arguments.diff {
        diff::run(plan, earlier.as_ref(), &folder, arguments.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    let part = Part::of(plan, &arguments.part)?;
    let live = Live::of(&folder);
    let devices = training::select(&execution.devices).ok();
    let device = devices.and_then(|selection| selection.devices.first().copied());
    let reuse = Reuse::find(plan, &part, &folder, Rules { device, mix: false, retrain: arguments.retrain });
    let mut pace = Pace::default();
    let mut lines = Vec::with_capacity(plan.runs.len());
    let mut left = Vec::new();
    for (position, run) in plan.runs.iter().enumerate().filter(|(run, _)| part.contains(*run)) {
        // `sweep` reports what cannot be read, and leaves it out.
        let status = RunRecord::of(run, folder.run(&run.id)).map_or(Status::Failed, |record| {
            pace.add(run, &record);
            if !record.is_finished() {
                left.push((position, record.step.max(reuse.steps(position)).min(run.steps)));
            }
            record.status(&live)
        });
        let PlannedRun { id, digest: _, seed, overrides, steps, config } = run;
        lines.push(Line { id, seed: *seed, overrides, steps: *steps, config, status });
    }
    pace.left -= reuse.saved();
    let disk = Disk::of(plan, &part)?;
    let (data, plan) = (&*data, &*plan);
    let measured = (arguments.measure && !left.is_empty()).then(|| measure(plan, execution, &left)).transpose()?;
    match arguments.format {
        Format::Json => {
            let (estimate, reused) = (pace.estimate(), reuse.json(plan));
            let disk = measured.is_some().then_some(disk);
            print_json(&Listed { sweep: &plan.sweep, estimate, disk, measured, data, reused, runs: lines })?;
        }
        Format::Text => {
            print(plan, &part, &lines, &pace, earlier.as_ref(), &folder)?;
            bounded(&reuse.lines(plan)).try_for_each(out)?;
            disk.line().map_or(Ok(()), out)?;
            measured.iter().flat_map(lines_of).try_for_each(out)?;
            for data in data {
                out(describe(data))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Listed<'a> {
    sweep: &'a str,
    estimate: Estimate,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<Disk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Measured>,
    #[serde(skip_serializing_if = "<[Description]>::is_empty")]
    data: &'a [Description],
    /// New runs that take over steps of finished ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reused: Vec<TakenLine<'a>>,
    runs: Vec<Line<'a>>,
}

/// What is known of one's own data, in a line.
fn describe(data: &Description) -> String {
    let noun = data.domain.output.noun();
    let counts = data.class_counts.as_deref();
    let classes = counts.map_or(String::new(), |counts| format!("; classes, {}", classes(Some(counts))));
    let passed_over = data.passed_over.summary().map_or(String::new(), |summary| format!("; passed over: {summary}"));
    let recorded = data.recorded.as_ref().map_or(String::new(), |recorded| format!("; {}", recordings(recorded)));
    format!("data: {}, {noun}: {}{classes}{recorded}{passed_over}", data.name, length(data))
}

/// A run as it is planned. Its digest is for the sweep's own folder.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    seed: u64,
    overrides: &'a Map<String, Value>,
    steps: u64,
    config: &'a Value,
    status: Status,
}

/// What is left to do.
#[derive(Serialize)]
struct Estimate {
    /// Steps of all runs that are not finished.
    steps: u64,
    /// Their time one after the other, if runs of this sweep have been trained before.
    seconds: Option<f64>,
}

/// Bytes that checkpoints of the plan take.
#[derive(Serialize)]
struct Disk {
    checkpoint_bytes: u64,
    largest_run_bytes: u64,
}

/// Bytes that need no mention.
const FEW_BYTES: u64 = 1 << 20;

impl Disk {
    fn of(plan: &Plan, part: &Part) -> Result<Self, Error> {
        let mut disk = Self { checkpoint_bytes: 0, largest_run_bytes: 0 };
        for (_, run) in plan.runs.iter().enumerate().filter(|(run, _)| part.contains(*run)) {
            // One that cannot be read is an error of its run, when that starts.
            let Ok(config) = RunConfig::deserialize(&run.config) else { continue };
            let bytes = planning::checkpoint_size(&config)?.of_run(&config);
            disk.checkpoint_bytes += bytes;
            disk.largest_run_bytes = disk.largest_run_bytes.max(bytes);
        }
        Ok(disk)
    }

    fn line(&self) -> Option<String> {
        let (all, most) = (text::bytes(self.checkpoint_bytes), text::bytes(self.largest_run_bytes));
        (self.checkpoint_bytes >= FEW_BYTES).then(|| format!("checkpoints: {all} on disk, {most} of a run at most"))
    }
}

/// What was measured, for people.
fn lines_of(measured: &Measured) -> Vec<String> {
    let Measured { seconds, jobs, threads, kinds } = measured;
    let (runs, threads) = (text::count(*jobs, "run"), text::count(*threads, "thread"));
    let mut lines =
        vec![format!("measured: {} for all that is left, {runs} at once with {threads} each", text::seconds(*seconds))];
    for Kind { id, runs, step_seconds, grid_seconds, evaluation_seconds, .. } in kinds {
        let evaluation = match *evaluation_seconds {
            0.0 => String::new(),
            seconds => format!(", {} an evaluation", brief(seconds)),
        };
        let others = if *runs > 1 { format!(" and {} like it", runs - 1) } else { String::new() };
        let (step, grid) = (brief(*step_seconds), brief(*grid_seconds));
        lines.push(format!("  {id}{others}: {step} a step, {grid} a grid{evaluation}"));
    }
    lines
}

fn brief(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.1} ms", 1000.0 * seconds) } else { text::seconds(seconds) }
}

/// How long a step has taken in this sweep so far.
#[derive(Default)]
struct Pace {
    steps: u64,
    seconds: f64,
    left: u64,
}

impl Pace {
    fn add(&mut self, run: &PlannedRun, record: &RunRecord) {
        self.steps += record.step;
        self.seconds += record.wall_secs;
        if !record.is_finished() {
            self.left += run.steps.saturating_sub(record.step);
        }
    }

    fn estimate(&self) -> Estimate {
        let seconds = (self.steps > 0).then(|| self.seconds / self.steps as f64 * self.left as f64);
        Estimate { steps: self.left, seconds }
    }
}

fn print(
    plan: &Plan,
    part: &Part,
    lines: &[Line],
    pace: &Pace,
    earlier: Option<&Plan>,
    folder: &SweepFolder,
) -> Result<(), Error> {
    let mut keys: Vec<&str> = Vec::new();
    for key in lines.iter().flat_map(|line| line.overrides.keys()) {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    let heads: Vec<&str> = ["run", "status", "seed", "steps"].into_iter().chain(keys.iter().copied()).collect();
    let row = |line: &Line| {
        let fixed = [line.id.to_owned(), line.status.to_string(), line.seed.to_string(), line.steps.to_string()];
        let settings = keys.iter().map(|key| line.overrides.get(*key).map(short).unwrap_or_default());
        fixed.into_iter().chain(settings).collect()
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    out(text::table(&heads, &rows))?;
    let seeds: std::collections::BTreeSet<u64> = lines.iter().map(|line| line.seed).collect();
    let steps: u64 = lines.iter().map(|line| line.steps).sum();
    let (runs, seeds) = (part.size(), text::count(seeds.len(), "seed"));
    let steps = text::count(steps as usize, "step");
    let news = earlier.and_then(|earlier| Changes::between(earlier, plan, folder).summary());
    let news = news.map_or_else(String::new, |news| format!(" ({news})"));
    let estimate = pace.estimate();
    let left = match estimate.seconds {
        Some(seconds) if estimate.steps > 0 => {
            let seconds = text::seconds(seconds);
            format!(
                "; {} left, {seconds} one after the other at the pace so far",
                text::count(estimate.steps as usize, "step")
            )
        }
        _ => String::new(),
    };
    out(format_args!("{}: {runs}, {seeds}, {steps} in all{left}{news}", plan.sweep))
}
