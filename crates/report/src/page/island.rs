//! The data that the script reads: JSON in a `<script>` that is never run.

use super::explain::{self, Budget, is_ordered};
use super::measure::Measure;
use super::pictures::{Gallery, Picture};
use super::view::RunView;
use crate::configuration::Configuration;
use crate::quantity::Quantity;
use crate::run::SPREAD;
use crate::settings::{self, Settings, setting, short_names};
use crate::statistics::half_width;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::{Direction, Histogram, PictureKind, Status};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// Means of more runs are given no interval.
const MOST_AVERAGED: usize = 1000;

/// What the island is made of.
pub(super) struct Sources<'a> {
    pub views: &'a [RunView<'a>],
    pub settings: &'a Settings,
    pub configurations: &'a [Configuration],
    pub quantities: &'a [Quantity],
    pub measures: &'a [Measure],
    pub tags: &'a [String],
    pub dashes: &'a [usize],
    pub gallery: &'a Gallery,
    /// Lines of each run's provenance.
    pub facts: Vec<Vec<(&'static str, String)>>,
}

#[derive(Serialize)]
struct Island<'a> {
    tags: &'a [String],
    /// Step lists; curves name theirs by index, as most share one.
    steps: Vec<&'a [u64]>,
    settings: Vec<Setting<'a>>,
    measures: Vec<Told<'a>>,
    /// By index of the tag: what real samples get.
    floors: BTreeMap<usize, f64>,
    configurations: Vec<Group<'a>>,
    /// Half the 95 % interval of a mean, in standard deviations, by the number of values.
    half_widths: Vec<Option<f64>>,
    /// By index of the measure: for each setting, then for the seed, its share and rank correlation.
    importance: BTreeMap<usize, Vec<(f32, Option<f32>)>>,
    budget: Vec<Budget>,
    /// Settings that all runs have in common.
    config: Map<String, Value>,
    runs: Vec<Run<'a>>,
}

#[derive(Serialize)]
struct Setting<'a> {
    key: &'a str,
    name: String,
    /// Numbers throughout: places on a line.
    ordered: bool,
}

#[derive(Serialize)]
struct Told<'a> {
    key: &'a str,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<Direction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<f64>,
}

#[derive(Serialize)]
struct Group<'a> {
    label: &'a str,
    runs: &'a [usize],
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    status: Status,
    /// Ended before its last step: its curves end in a cross.
    cut: bool,
    group: usize,
    dash: usize,
    seed: u64,
    secs: f64,
    /// Steps that are done.
    done: u64,
    /// Real images that a step shows to the discriminator.
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<u64>,
    /// Values of the settings.
    settings: Vec<Option<&'a Value>>,
    /// Values of the measures; null for what is missing or not finite.
    values: Vec<Option<f32>>,
    /// By index of the tag.
    curves: BTreeMap<usize, Curve>,
    /// By index of the step list.
    minutes: BTreeMap<usize, String>,
    /// Step and PNG: base64, or a URL. The last one stands in the page itself.
    grids: Vec<(u64, Option<&'a str>)>,
    /// What else it shows, by kind.
    pictures: BTreeMap<&'static str, (u64, &'a str)>,
    /// Steps, and how the discriminator's logits of real and of generated images are distributed there.
    logits: Vec<(u64, [Heights; 2])>,
    /// Seconds by part of the work.
    times: &'a BTreeMap<String, f64>,
    /// What is not in `config`.
    own: Map<String, Value>,
    facts: &'a [(&'static str, String)],
}

/// Little-endian `f32` in base64: exact, and it carries NaN, which JSON cannot.
#[derive(Serialize)]
struct Curve {
    steps: usize,
    values: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[String; 2]>,
}

/// A histogram: its ends, and its counts in 255ths of the largest, a byte each in base64.
#[derive(Serialize)]
struct Heights(f32, f32, String);

impl Heights {
    fn of(histogram: &Histogram) -> Self {
        let most = histogram.counts.iter().max().copied().unwrap_or(1).max(1);
        let bytes = histogram.counts.iter().map(|count| (*count as f64 / most as f64 * 255.0).round() as u8);
        Self(histogram.min as f32, histogram.max as f32, STANDARD.encode(bytes.collect::<Vec<_>>()))
    }
}

/// The island of a page.
pub(super) fn json(sources: &Sources) -> String {
    let Sources { views, configurations, .. } = sources;
    let mut groups = vec![0; views.len()];
    for (index, configuration) in configurations.iter().enumerate() {
        configuration.runs.iter().for_each(|run| groups[*run] = index);
    }
    let leaves: Vec<Map<String, Value>> = views.iter().map(|view| settings::leaves(&view.planned.config)).collect();
    let mut config = leaves.first().cloned().unwrap_or_default();
    config.retain(|key, value| leaves.iter().all(|other| other.get(key) == Some(value)));
    let tags: HashMap<&str, usize> = sources.tags.iter().map(String::as_str).zip(0..).collect();

    let mut steps = StepLists::default();
    let mut runs = Vec::new();
    for (at, (view, mut own)) in views.iter().zip(leaves).enumerate() {
        own.retain(|key, _| !config.contains_key(key));
        let (curves, minutes) = curves(view, &tags, &mut steps);
        runs.push(Run {
            id: &view.row.id,
            status: view.row.status,
            cut: matches!(
                view.row.status,
                Status::Diverged | Status::Collapsed | Status::Failed | Status::TimedOut | Status::Interrupted
            ),
            group: groups[at],
            dash: sources.dashes[at],
            seed: view.row.seed,
            secs: view.row.wall_secs,
            done: view.row.step,
            images: images_per_step(&view.planned.config),
            settings: sources.settings.differing.iter().map(|key| setting(view.planned, key)).collect(),
            values: sources.measures.iter().map(|measure| finite(measure.values[at])).collect(),
            curves,
            minutes,
            grids: grids(&sources.gallery.grids[at]),
            pictures: sources.gallery.others[at]
                .iter()
                .map(|(kind, picture)| (kind.name(), (picture.step, picture.source.text())))
                .collect(),
            logits: view.logits.iter().map(|(step, both)| (*step, both.each_ref().map(Heights::of))).collect(),
            times: &view.times,
            own,
            facts: &sources.facts[at],
        });
    }
    let names = short_names(&sources.settings.differing);
    let island = Island {
        tags: sources.tags,
        steps: steps.lists,
        settings: sources
            .settings
            .differing
            .iter()
            .zip(names)
            .map(|(key, name)| Setting { key, name, ordered: is_ordered(views, key) })
            .collect(),
        measures: sources.measures.iter().map(|measure| told(measure, sources.quantities)).collect(),
        floors: floors(views, sources.tags),
        configurations: configurations
            .iter()
            .map(|configuration| Group { label: &configuration.label, runs: &configuration.runs })
            .collect(),
        half_widths: (0..=views.len().min(MOST_AVERAGED)).map(half_width).collect(),
        importance: explain::importances(views, sources.settings, sources.measures, sources.quantities),
        budget: explain::budget(views, sources.settings, sources.quantities),
        config,
        runs,
    };
    escape(&serde_json::to_string(&island).unwrap_or_else(|_| "null".into()))
}

/// Step lists, each once.
#[derive(Default)]
struct StepLists<'a> {
    lists: Vec<&'a [u64]>,
    known: HashMap<&'a [u64], usize>,
}

impl<'a> StepLists<'a> {
    fn index(&mut self, steps: &'a [u64]) -> usize {
        *self.known.entry(steps).or_insert_with(|| {
            self.lists.push(steps);
            self.lists.len() - 1
        })
    }
}

/// The curves of a run by tag, and its minutes by step list.
fn curves<'a>(
    view: &'a RunView,
    tags: &HashMap<&str, usize>,
    steps: &mut StepLists<'a>,
) -> (BTreeMap<usize, Curve>, BTreeMap<usize, String>) {
    let (mut curves, mut minutes) = (BTreeMap::new(), BTreeMap::new());
    let began = view.row.started_at.unwrap_or(0.0);
    for curve in &view.curves {
        let list = steps.index(&curve.steps);
        let since = || curve.at.iter().map(|at| ((at - began) / 60.0) as f32).collect::<Vec<_>>();
        minutes.entry(list).or_insert_with(|| floats(&since()));
        let range = curve.range.as_ref().map(|(least, greatest)| [floats(least), floats(greatest)]);
        curves.insert(tags[curve.tag.as_str()], Curve { steps: list, values: floats(&curve.values), range });
    }
    (curves, minutes)
}

/// Floors of the tags under which all runs have the same.
fn floors(views: &[RunView], tags: &[String]) -> BTreeMap<usize, f64> {
    let of = |tag: &String| {
        let evaluated = views.iter().flat_map(|view| &view.evaluations).filter_map(|evaluation| {
            let name = tag.strip_prefix(evaluation.split.as_str())?.strip_prefix('/')?;
            evaluation.floors.get(name).copied()
        });
        let real =
            views.iter().filter(|_| tag == SPREAD).filter_map(|view| view.pictures.get(&PictureKind::Real)?.spread);
        let mut found = evaluated.chain(real);
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    };
    tags.iter().enumerate().filter_map(|(at, tag)| Some((at, of(tag)?))).collect()
}

fn grids(pictures: &[Picture]) -> Vec<(u64, Option<&str>)> {
    let mut grids: Vec<_> = pictures.iter().map(|picture| (picture.step, Some(picture.source.text()))).collect();
    if let Some((_, source)) = grids.last_mut() {
        *source = None;
    }
    grids
}

fn told<'a>(measure: &'a Measure, quantities: &[Quantity]) -> Told<'a> {
    let quantity = measure.quantity.map(|index| &quantities[index]);
    Told {
        key: &measure.key,
        label: match quantity {
            Some(_) => measure.name.clone(),
            None => measure.key.clone(),
        },
        direction: quantity.map(|quantity| quantity.direction),
        floor: quantity.and_then(|quantity| quantity.floor),
    }
}

/// Real images that the discriminator sees in a step.
fn images_per_step(config: &Value) -> Option<u64> {
    let train = config.get("train")?;
    Some(train.get("batch_size")?.as_u64()? * train.get("critic_steps").and_then(Value::as_u64).unwrap_or(1))
}

fn finite(value: Option<f64>) -> Option<f32> {
    value.map(|value| value as f32).filter(|value| value.is_finite())
}

/// No `</script>` and no `<!--` can come out of a string; JSON has `<` nowhere else.
fn escape(json: &str) -> String {
    json.replace('<', r"\u003c")
}

fn floats(values: &[f32]) -> String {
    STANDARD.encode(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_string_ends_the_element() {
        let escaped = escape(&serde_json::to_string("</script><!--<script>").unwrap());
        assert!(!escaped.contains('<'));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "</script><!--<script>");
    }

    #[test]
    fn floats_are_exact() {
        assert_eq!(floats(&[1.0, f32::NAN]), STANDARD.encode([0, 0, 128, 63, 0, 0, 192, 127]));
    }
}
