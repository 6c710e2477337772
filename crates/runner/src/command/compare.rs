//! `runner compare`.

use super::{out, print_json};
use crate::cli::{CompareArgs, Format};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::known::Known;
use crate::plan::settings::{self, flatten, folded_key};
use crate::text::{number, seconds, table};
use record::MetricSummary;
use report::Row;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Letters of a digest that tell two apart.
const DIGEST_LETTERS: usize = 12;

/// A run as `--format json` prints it.
#[derive(Serialize)]
struct Compared {
    #[serde(flatten)]
    row: Row,
    sweep: Option<String>,
    planned: bool,
    #[serde(skip)]
    settings: Map<String, Value>,
}

pub(crate) fn run(arguments: &CompareArgs) -> Result<ExitCode, Error> {
    let read = |run: &String| {
        let (known, plan) = Known::read(&find::known(run, &arguments.results)?)?;
        let settings = flatten(&known.run.config);
        Ok(Compared { row: known.row(), sweep: plan.map(|plan| plan.sweep), planned: known.is_planned, settings })
    };
    let runs = arguments.runs.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    let settings = differing(&runs);
    match arguments.format {
        Format::Json => print_json(&json!({ "runs": runs, "settings": settings, "arithmetic": several(&runs) }))?,
        Format::Text => {
            out(text(&runs, &settings))?;
            several(&runs).map_or(Ok(()), |warning| out(format_args!("warning: {warning}")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// That not all were trained by one arithmetic.
fn several(runs: &[Compared]) -> Option<String> {
    record::several(runs.iter().map(|run| &*run.row.numerics))
}

/// The settings that not all runs share, each with its value in every run; null where a run does not have it.
fn differing(runs: &[Compared]) -> Map<String, Value> {
    let keys: Map<String, Value> = runs.iter().flat_map(|run| run.settings.clone()).collect();
    let values = |key: &String| runs.iter().map(|run| run.settings.get(key)).collect::<Vec<_>>();
    let differs = |key: &&String| values(key).windows(2).any(|pair| !settings::same(pair[0], pair[1]));
    keys.keys().filter(differs).map(|key| (key.clone(), json!(values(key)))).collect()
}

fn text(runs: &[Compared], settings: &Map<String, Value>) -> String {
    let heads: Vec<&str> = [""].into_iter().chain(runs.iter().map(|run| run.row.id.as_str())).collect();
    let mut rows = changed(settings);
    if rows.is_empty() {
        rows.push(line("(the same settings)", runs, |_| String::new()));
    }
    rows.push(line("", runs, |_| String::new()));
    rows.extend(outcomes(runs));
    rows.push(line("", runs, |_| String::new()));
    let names: BTreeSet<&String> = runs.iter().flat_map(|run| run.row.metrics.keys()).collect();
    for name in names {
        let floor =
            |metric: &MetricSummary| metric.floor.map(|floor| format!(" ({})", number(floor))).unwrap_or_default();
        let value = |run: &Compared| run.row.metrics.get(name).map(|metric| number(metric.last) + &floor(metric));
        rows.push(line(name, runs, |run| value(run).unwrap_or_default()));
    }
    table(&heads, &rows)
}

fn changed(settings: &Map<String, Value>) -> Vec<Vec<String>> {
    let row = |(key, values): (&String, &Value)| {
        let key = folded_key(key, |other| settings.get(other) == Some(values))?;
        let values = values.as_array().into_iter().flatten();
        let cells = values.map(|value| settings::text(Some(value).filter(|value| !value.is_null())));
        Some([key].into_iter().chain(cells).collect())
    };
    settings.iter().filter_map(row).collect()
}

fn outcomes(runs: &[Compared]) -> Vec<Vec<String>> {
    let digest = |run: &Compared| {
        let digest = run.row.weights_digest.as_deref().unwrap_or_default();
        digest.trim_start_matches("blake3:").chars().take(DIGEST_LETTERS).collect()
    };
    let place = |run: &Compared| {
        let names = [run.sweep.as_deref(), (!run.planned).then_some("(not planned)")];
        names.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let time = |run: &Compared| if run.row.attempts > 0 { seconds(run.row.wall_secs) } else { String::new() };
    let rows = vec![
        line("sweep", runs, place),
        line("status", runs, |run| run.row.status.to_string()),
        line("step", runs, |run| format!("{}/{}", run.row.step, run.row.steps)),
        line("reason", runs, |run| run.row.reason.clone().unwrap_or_default()),
        line("attempts", runs, |run| run.row.attempts.to_string()),
        line("device", runs, |run| run.row.device.clone().unwrap_or_default()),
        line("time", runs, time),
        line("weights", runs, digest),
    ];
    rows.into_iter().filter(|row| row[1..].iter().any(|cell| !cell.is_empty())).collect()
}

fn line(name: &str, runs: &[Compared], cell: impl Fn(&Compared) -> String) -> Vec<String> {
    [name.to_owned()].into_iter().chain(runs.iter().map(cell)).collect()
}
