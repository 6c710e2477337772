//! Fills the templates.

use super::baselines::Baselines;
use super::comparison::{Comparison, comparison};
use super::edits::Edits;
use super::format::duration;
use super::gallery::{Asset, Data, Gallery, Moment, left_out};
use super::island::Sources;
use super::matrix::{Matrix, matrix};
use super::measure::measures;
use super::table::{self, Column};
use super::{island, palette, policy, provenance, role};
use crate::ReportError;
use crate::compare::{chosen_by, configurations, quantities, ranking};
use crate::media::Content;
use crate::run::{Row, RunView, tags};
use crate::study::{Destination, Study};
use askama::Template;
use record::date;
use record::{Role, Status, tag};
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: String,
    style: String,
    plot_script: &'static str,
    script: &'static str,
    licence: &'static str,
    data: String,
    study: &'a Study,
    facts: Vec<(&'static str, String)>,
    secs: String,
    evaluated: usize,
    counts: Vec<Count>,
    warnings: Vec<String>,
    columns: Vec<Column>,
    rows: Vec<TableRow<'a>>,
    tag_groups: Vec<TagGroup>,
    configurations: usize,
    replicated: bool,
    comparison: Option<Comparison>,
    baselines: Option<Baselines>,
    /// The quantities by which steps were selected.
    selected_by: String,
    matrix: Matrix,
    /// What each run shows at first.
    tiles: Vec<Option<Tile<'a>>>,
    samples_of_data: &'a [Data],
    edits: &'a Edits,
    /// What runs show; the first at first.
    roles: &'a [Role],
    sample_steps: usize,
    note: &'static str,
    /// Which classes the columns of grids are.
    column_classes: String,
    left_out: String,
    commands: Vec<(&'static str, String)>,
    provenance: Vec<(&'static str, String)>,
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

/// Tags that begin alike: index and rest of the name.
struct TagGroup {
    name: String,
    tags: Vec<(usize, String)>,
}

/// A cell of the matrix.
struct Tile<'a> {
    moment: &'a Moment,
    /// What it shows.
    title: String,
}

impl<'a> Tile<'a> {
    fn of(gallery: &'a Gallery, run: usize, id: &str) -> Option<Self> {
        let (role, moment) = gallery.first(run)?;
        Some(Self { moment, title: format!("{} of {id} at step {}", role::title(role), moment.step) })
    }
}

/// A page and what must lie beside it.
pub(crate) struct Rendered {
    pub html: String,
    pub assets: Vec<Asset>,
}

/// The page of a study. `views` is in the order of its members; `embed_budget` bounds the bytes of PNG in the page.
pub(crate) fn render(
    study: &Study,
    views: &[RunView],
    destination: &Destination,
    embed_budget: u64,
) -> Result<Rendered, ReportError> {
    let tags = tags(views);
    let configurations = configurations(views, &study.settings);
    let quantities = quantities(views);
    let measures = measures(views, &quantities);
    let ranking = ranking(views, &configurations, &quantities);
    let groups = number(views.iter().map(|view| view.group.as_str()));
    let dashes = number(views.iter().map(|view| view.row.seed));
    let folder = destination.assets();
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    // Samples are what a page is for: edits have a third of it at most.
    let edits = Edits::of(views, &folder, embed_budget / 3)?;
    let gallery = Gallery::of(views, &folder, embed_budget - edits.embedded)?;
    let assets = [gallery.assets.clone(), edits.assets.clone()].concat();
    let has_sounds = gallery.files().chain(edits.files()).any(|file| matches!(file.content, Content::Sound(_)));
    let style = policy::style(&palette::style(configurations.len()));
    let sources = Sources {
        views,
        settings: &study.settings,
        configurations: &configurations,
        quantities: &quantities,
        measures: &measures,
        tags: &tags,
        dashes: &dashes,
        gallery: &gallery,
        facts: views.iter().map(provenance::of_run).collect(),
    };
    let page = Page {
        policy: policy::policy(&style, !assets.is_empty(), has_sounds),
        style,
        plot_script: policy::PLOT_SCRIPT,
        script: policy::SCRIPT,
        licence: policy::PLOT_LICENCE,
        data: island::json(&sources),
        study,
        facts: facts(study, views),
        secs: duration(views.iter().map(|view| view.row.wall_secs).sum()),
        evaluated: views.iter().filter(|view| view.evaluations.iter().any(|found| !found.values.is_empty())).count(),
        counts: counts(views),
        warnings: warnings(views),
        columns: table::columns(views, &study.settings, &measures),
        rows: (0..views.len())
            .map(|i| {
                let row = &views[i].row;
                TableRow { row, progress: table::progress(row), group: groups[i], dash: dashes[i] % DASHES }
            })
            .collect(),
        tag_groups: tag_groups(&tags),
        replicated: configurations.iter().any(|configuration| configuration.runs.len() > 1),
        comparison: ranking.map(|ranking| comparison(views, &ranking, &configurations)),
        baselines: Baselines::of(views, &configurations, &quantities),
        configurations: configurations.len(),
        selected_by: selected_by(views),
        matrix: matrix(views, &study.settings),
        tiles: views.iter().enumerate().map(|(run, view)| Tile::of(&gallery, run, &view.row.id)).collect(),
        samples_of_data: &gallery.data,
        edits: &edits,
        roles: &gallery.roles,
        sample_steps: gallery.runs.iter().flat_map(BTreeMap::values).map(Vec::len).max().unwrap_or(0),
        note: gallery.roles.first().map(role::note).unwrap_or_default(),
        column_classes: provenance::columns(views),
        left_out: left_out(gallery.files().chain(edits.files()), &folder),
        commands: provenance::commands(study, destination),
        provenance: provenance::summary(study, views),
    };
    let html = page.render()?;
    Ok(Rendered { html, assets })
}

/// How the runs' steps were selected, each way once.
fn selected_by(views: &[RunView]) -> String {
    let mut names: Vec<&str> =
        views.iter().filter_map(|view| view.row.selection.as_ref()).map(|found| &*found.by).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| chosen_by(views, name)).collect::<Vec<_>>().join(", or ").replace('_', " ")
}

/// Dash patterns of the style and the script.
const DASHES: usize = 3;

/// Numbers values in the order of their first appearance.
fn number<T: Eq + Hash>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known = HashMap::new();
    values
        .map(|value| {
            let next = known.len();
            *known.entry(value).or_insert(next)
        })
        .collect()
}

fn facts(study: &Study, views: &[RunView]) -> Vec<(&'static str, String)> {
    let newest = views.iter().filter_map(|view| view.row.updated_at).max_by(f64::total_cmp);
    let experiments: Vec<&str> = study.sweeps.iter().map(|sweep| sweep.plan.experiment.as_str()).collect();
    let commits = provenance::commits(views);
    let mut facts = vec![
        ("Experiment", experiments.join(", ")),
        ("Planned", date(study.created)),
        ("Newest event", newest.map_or_else(|| "none yet".into(), date)),
    ];
    if !commits.is_empty() {
        facts.push(("Commit", commits));
    }
    facts
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
    let several = record::several(views.iter().map(|view| &*view.row.numerics));
    several.into_iter().chain(views.iter().flat_map(|view| [view.warnings.clone(), recorded(view)].concat())).collect()
}

fn tag_groups(tags: &[String]) -> Vec<TagGroup> {
    let mut groups: Vec<TagGroup> = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let (name, rest) = tag::split(tag);
        let [name, rest] = [name, rest].map(|part| part.replace('_', " "));
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.tags.push((index, rest)),
            None => groups.push(TagGroup { name, tags: vec![(index, rest)] }),
        }
    }
    groups
}
