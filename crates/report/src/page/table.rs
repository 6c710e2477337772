//! The table of runs: what differs, how each run stands, and its numbers.

use super::format::{decimals, duration, number, thousands};
use super::measure::Measure;
use crate::run::{Row, RunView};
use crate::settings::{Settings, setting, short_names, texts};
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

/// A cell.
pub(super) struct Cell {
    pub text: String,
    pub class: &'static str,
}

/// The columns, in the order of the table.
pub(super) fn columns(views: &[RunView], settings: &Settings, measures: &[Measure]) -> Vec<Column> {
    let names = short_names(&settings.differing);
    let varied = settings.differing.iter().zip(names).map(|(key, name)| varied(views, key, name));
    let mut columns: Vec<Column> = varied.collect();
    let seeds = views.iter().map(|view| numeric(view.row.seed.to_string())).collect();
    columns.push(Column::plain("seed", seeds));
    if views.iter().any(|view| view.row.selection.is_some()) {
        columns.push(selected_steps(views));
    }
    columns.extend(measures.iter().map(measured));
    let times = views.iter().map(|view| match view.row.attempts {
        0 => missing(),
        _ => numeric(duration(view.row.wall_secs)),
    });
    columns.push(Column::plain("time", times.collect()));
    columns
}

/// The step of all values under `selected`.
fn selected_steps(views: &[RunView]) -> Column {
    let step = |view: &RunView| {
        view.row.selection.as_ref().map_or_else(missing, |selection| numeric(thousands(selection.step)))
    };
    let cells = views.iter().map(step).collect();
    Column { above: "selected".into(), name: "step".into(), ..Column::plain("selected_step", cells) }
}

fn varied(views: &[RunView], key: &str, name: String) -> Column {
    let values: Vec<Option<&Value>> = views.iter().map(|view| setting(view.planned, key)).collect();
    let cells =
        texts(&values).into_iter().map(|text| text.map_or_else(missing, |text| Cell { text, class: "setting" }));
    Column { key: key.into(), above: String::new(), name, class: "setting", cells: cells.collect() }
}

fn measured(measure: &Measure) -> Column {
    let decimals = decimals(measure.values.iter().copied().flatten());
    let classes = if measure.is_extra { ["extra", "extra lost", "extra none"] } else { ["", "lost", "none"] };
    let cells = measure.values.iter().map(|value| match value {
        Some(value) if value.is_finite() => Cell { text: number(*value, decimals), class: classes[0] },
        Some(value) => Cell { text: number(*value, decimals), class: classes[1] },
        None => Cell { text: "–".into(), class: classes[2] },
    });
    Column {
        key: measure.key.clone(),
        above: measure.above.clone(),
        name: measure.name.clone(),
        class: classes[0],
        cells: cells.collect(),
    }
}

impl Column {
    fn plain(name: &str, cells: Vec<Cell>) -> Self {
        Self { key: name.into(), above: String::new(), name: name.into(), class: "", cells }
    }
}

fn numeric(text: String) -> Cell {
    Cell { text, class: "" }
}

fn missing() -> Cell {
    Cell { text: "–".into(), class: "none" }
}

/// How far a run is, beside its status.
pub(super) fn progress(row: &Row) -> String {
    match row.status {
        Status::Queued | Status::Done => String::new(),
        _ => format!("step {} of {}", thousands(row.step), thousands(row.steps)),
    }
}
