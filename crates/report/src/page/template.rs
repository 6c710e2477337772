//! Fills the templates.

use super::format::{duration, thousands};
use super::samples::{Picture, pictures};
use super::table::{self, Column};
use super::view::{RunView, tags};
use super::{island, palette, policy, provenance};
use crate::date::date;
use crate::settings::Settings;
use crate::{ReportError, Row};
use askama::Template;
use record::{Plan, Status, SweepFolder};

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: String,
    style: String,
    plot_script: &'static str,
    script: &'static str,
    licence: &'static str,
    data: String,
    plan: &'a Plan,
    facts: Vec<(&'static str, String)>,
    counts: Vec<Count>,
    warnings: Vec<String>,
    columns: Vec<Column>,
    rows: Vec<TableRow<'a>>,
    tags: Vec<String>,
    tiles: Vec<Tile<'a>>,
    sample_steps: usize,
    left_out: String,
    commands: Vec<(&'static str, String)>,
    provenance: Vec<(&'static str, String)>,
    details: Vec<Detail<'a>>,
}

/// What stands left of the columns.
struct TableRow<'a> {
    row: &'a Row,
    progress: String,
    group: usize,
    dash: usize,
}

/// A part of the bar of statuses.
struct Count {
    status: Status,
    runs: usize,
    before: usize,
}

/// The newest grid of a run.
struct Tile<'a> {
    run: usize,
    id: &'a str,
    picture: &'a Picture,
    group: usize,
}

/// What one opens for one run.
struct Detail<'a> {
    id: &'a str,
    provenance: Vec<(&'static str, String)>,
    config: String,
}

/// The page of a sweep. `views` is in plan order.
pub(crate) fn render(
    folder: &SweepFolder,
    plan: &Plan,
    settings: &Settings,
    views: &[RunView],
) -> Result<String, ReportError> {
    let tags = tags(views);
    let groups = number(views.iter().map(|view| view.group.as_str()));
    let dashes = number(views.iter().map(|view| view.row.seed));
    let pictures = pictures(views)?;
    let style = policy::style(&palette::style(groups.iter().max().map_or(0, |last| last + 1)));
    let page = Page {
        policy: policy::policy(&style),
        style,
        plot_script: policy::PLOT_SCRIPT,
        script: policy::SCRIPT,
        licence: policy::PLOT_LICENCE,
        data: island::json(views, &tags, &dashes, &pictures),
        plan,
        facts: facts(plan, views),
        counts: counts(views),
        warnings: warnings(views),
        columns: table::columns(views, settings, &tags),
        rows: (0..views.len())
            .map(|i| {
                let row = &views[i].row;
                TableRow { row, progress: table::progress(row), group: groups[i], dash: dashes[i] % DASHES }
            })
            .collect(),
        tiles: tiles(views, &pictures, &groups),
        sample_steps: pictures.iter().map(Vec::len).max().unwrap_or(0),
        left_out: left_out(views, &pictures),
        tags,
        commands: provenance::commands(folder, plan),
        provenance: provenance::summary(plan, views),
        details: views.iter().map(detail).collect(),
    };
    Ok(page.render()?)
}

/// Dash patterns of the style and the script.
const DASHES: usize = 3;

/// Numbers values in the order of their first appearance.
fn number<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known = Vec::new();
    values
        .map(|value| {
            known.iter().position(|other| *other == value).unwrap_or_else(|| {
                known.push(value);
                known.len() - 1
            })
        })
        .collect()
}

fn facts(plan: &Plan, views: &[RunView]) -> Vec<(&'static str, String)> {
    let newest = views.iter().filter_map(|view| view.row.updated_at).max_by(f64::total_cmp);
    let secs: f64 = views.iter().map(|view| view.row.wall_secs).sum();
    vec![
        ("Experiment", plan.experiment.clone()),
        ("Newest event", newest.map_or_else(|| "none yet".into(), date)),
        ("Planned", date(plan.created)),
        ("Training time", format!("{} in all runs", duration(secs))),
    ]
}

fn counts(views: &[RunView]) -> Vec<Count> {
    use Status::{Collapsed, Diverged, Done, Failed, Interrupted, Queued, Running, TimedOut};
    let mut before = 0;
    [Done, Running, Diverged, Collapsed, Failed, TimedOut, Interrupted, Queued]
        .into_iter()
        .filter_map(|status| {
            let runs = views.iter().filter(|view| view.row.status == status).count();
            before += runs;
            (runs > 0).then_some(Count { status, runs, before: before - runs })
        })
        .collect()
}

fn warnings(views: &[RunView]) -> Vec<String> {
    let recorded = |view: &RunView| -> Vec<String> {
        view.recorded_warnings.iter().map(|warning| format!("{}: {warning}", view.row.id)).collect()
    };
    views.iter().flat_map(|view| [view.warnings.clone(), recorded(view)].concat()).collect()
}

fn tiles<'a>(views: &'a [RunView], pictures: &'a [Vec<Picture>], groups: &[usize]) -> Vec<Tile<'a>> {
    let tile = |run: usize| {
        let (row, picture) = (&views[run].row, pictures[run].last()?);
        Some(Tile { run, id: &row.id, picture, group: groups[run] })
    };
    (0..views.len()).filter_map(tile).collect()
}

fn left_out(views: &[RunView], pictures: &[Vec<Picture>]) -> String {
    let recorded: usize = views.iter().map(|view| view.grids.len()).sum();
    let embedded: usize = pictures.iter().map(Vec::len).sum();
    match recorded - embedded {
        0 => String::new(),
        _ => format!(
            "{} of {} grids are in this file; TensorBoard has all.",
            thousands(embedded as u64),
            thousands(recorded as u64)
        ),
    }
}

fn detail<'a>(view: &'a RunView) -> Detail<'a> {
    Detail { id: &view.row.id, provenance: provenance::of_run(view), config: format!("{:#}", view.planned.config) }
}
