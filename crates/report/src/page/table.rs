//! The table of runs: what differs, how each run stands, and the newest value of each measurement.

use super::format::{decimals, duration, number, thousands};
use super::view::RunView;
use crate::Row;
use crate::settings::{Settings, setting, texts};
use record::Status;
use serde_json::Value;

/// A column after colour, id and status. The script sorts and filters by its key.
pub(super) struct Column {
    pub key: String,
    /// What stands small above the name, such as `loss`.
    pub above: String,
    pub name: String,
    pub class: &'static str,
    /// One for each run.
    pub cells: Vec<Cell>,
}

/// A cell. `sort` is what it is sorted by, where that is not its text.
pub(super) struct Cell {
    pub text: String,
    pub sort: String,
    pub class: &'static str,
}

/// The columns, in the order of the table.
pub(super) fn columns(views: &[RunView], settings: &Settings, tags: &[String]) -> Vec<Column> {
    let mut columns: Vec<Column> = settings.differing.iter().map(|key| varied(views, key)).collect();
    let seeds = views.iter().map(|view| numeric(view.row.seed.to_string(), view.row.seed as f64)).collect();
    columns.push(Column::plain("seed", "number", seeds));
    columns.extend(tags.iter().filter(|tag| is_shown(tag)).map(|tag| measured(views, tag)));
    let times = views.iter().map(|view| match view.row.attempts {
        0 => missing(),
        _ => numeric(duration(view.row.wall_secs), view.row.wall_secs),
    });
    columns.push(Column::plain("time", "number", times.collect()));
    columns
}

/// Schedules and raw outputs are for the curves.
fn is_shown(tag: &str) -> bool {
    !tag.starts_with("learning_rate/") && !tag.starts_with("output/")
}

fn varied(views: &[RunView], key: &str) -> Column {
    let values: Vec<Option<&Value>> = views.iter().map(|view| setting(view.planned, key)).collect();
    let cells = texts(&values).into_iter().zip(&values).map(|(text, value)| match text {
        Some(text) => {
            let sort = value.and_then(Value::as_f64).map(|number| number.to_string()).unwrap_or_default();
            Cell { text, sort, class: "setting" }
        }
        None => missing(),
    });
    Column::plain(key, "setting", cells.collect())
}

fn measured(views: &[RunView], tag: &str) -> Column {
    let values = || views.iter().map(|view| view.row.metrics.get(tag).map(|metric| metric.last));
    let decimals = decimals(values().flatten());
    let cells = values().map(|value| match value {
        Some(value) if value.is_finite() => numeric(number(value, decimals), value),
        Some(value) => Cell { text: number(value, decimals), sort: String::new(), class: "number lost" },
        None => missing(),
    });
    let (above, name) = tag.split_once('/').unwrap_or(("", tag));
    let [above, name] = [above, name].map(|part| part.replace('_', " "));
    Column { key: tag.into(), above, name, class: "number", cells: cells.collect() }
}

impl Column {
    fn plain(key: &str, class: &'static str, cells: Vec<Cell>) -> Self {
        Self { key: key.into(), above: String::new(), name: key.into(), class, cells }
    }
}

fn numeric(text: String, value: f64) -> Cell {
    Cell { text, sort: value.to_string(), class: "number" }
}

fn missing() -> Cell {
    Cell { text: "–".into(), sort: String::new(), class: "number none" }
}

/// How far a run is, beside its status.
pub(super) fn progress(row: &Row) -> String {
    match row.status {
        Status::Queued => String::new(),
        Status::Done => format!("{} steps", thousands(row.step)),
        _ => format!("step {} of {}", thousands(row.step), thousands(row.steps)),
    }
}
