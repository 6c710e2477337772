//! The data that the script reads: JSON in a `<script>` that is never run.

use super::explain::{self, Budget, is_ordered};
use super::gallery::{Gallery, Moment, Source};
use super::measure::Measure;
use super::role;
use crate::compare::{Configuration, Quantity, floor};
use crate::run::RunView;
use crate::settings::{self, Settings, setting, short_names};
use crate::statistics::half_width;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::tag::{self, GROUPS, Kind};
use record::{Direction, Histogram, Media, Role, Status};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Means of more runs are given no interval.
const MAX_AVERAGED: usize = 1000;

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
    /// Which tags belong together, in the order of the page.
    groups: Vec<TagGroup>,
    /// Where exactly two phases train against each other: the tags of their losses, and what one over the other is called.
    ratio: Option<(String, [usize; 2])>,
    /// What runs show, in the order of the page.
    roles: Vec<ShownRole<'a>>,
    /// Media types, which files name by index.
    media: Vec<&'a str>,
    /// Step lists; curves name theirs by index, as most share one.
    steps: Vec<&'a [u64]>,
    settings: Vec<Setting<'a>>,
    measures: Vec<MeasureEntry<'a>>,
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
struct TagGroup {
    /// The title of a chart.
    label: String,
    kind: &'static str,
    /// Indices of its tags, and the rest of their names.
    tags: Vec<(usize, String)>,
}

#[derive(Serialize)]
struct ShownRole<'a> {
    name: &'a str,
    /// Stands under what it shows.
    note: &'static str,
}

#[derive(Serialize)]
struct Setting<'a> {
    key: &'a str,
    name: String,
    /// Numbers throughout: places on a line.
    ordered: bool,
}

#[derive(Serialize)]
struct MeasureEntry<'a> {
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
    seed: Value,
    secs: f64,
    /// Steps that are done.
    done: u64,
    /// The step of all evaluated quantities.
    #[serde(skip_serializing_if = "Option::is_none")]
    selected_step: Option<u64>,
    /// It ranks after all others.
    degenerate: bool,
    /// Real images that a step shows to the discriminator.
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<u64>,
    /// Values of the settings.
    settings: Vec<Option<Value>>,
    /// Values of the measures; null for what is missing or not finite.
    values: Vec<Option<f32>>,
    /// By index of the tag.
    curves: BTreeMap<usize, Curve>,
    /// By index of the step list.
    minutes: BTreeMap<usize, String>,
    /// By role the steps and their files. The last step of the first role stands in the page itself.
    shown: BTreeMap<&'a str, Vec<(u64, Vec<File<'a>>)>>,
    /// Steps, and how the discriminator's logits of real and of generated images are distributed there.
    logits: Vec<(u64, [Heights; 2])>,
    /// Seconds by part of the work.
    times: &'a BTreeMap<String, f64>,
    /// What is not in `config`.
    own: Map<String, Value>,
    facts: &'a [(&'static str, String)],
}

/// A file: its media type and its bytes in base64, or a URL, or neither where an element of the page has them.
#[derive(Serialize)]
struct File<'a> {
    media: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
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

    let media: BTreeSet<Media> = sources.gallery.files().map(|file| file.media).collect();
    let media: Vec<&str> = media.into_iter().map(Media::mime).collect();
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
            seed: exact(&view.row.seed.into()),
            secs: view.row.wall_secs,
            done: view.row.step,
            selected_step: view.row.selection.as_ref().map(|selection| selection.step),
            degenerate: view.row.status.is_degenerate(),
            images: images_per_step(&view.planned.config),
            settings: sources.settings.differing.iter().map(|key| setting(view.planned, key).map(exact)).collect(),
            values: sources.measures.iter().map(|measure| finite(measure.values[at])).collect(),
            curves,
            minutes,
            shown: shown(sources.gallery, at, &media),
            logits: view.logits.iter().map(|(step, both)| (*step, both.each_ref().map(Heights::of))).collect(),
            times: &view.times,
            own: own.into_iter().map(|(key, value)| (key, exact(&value))).collect(),
            facts: &sources.facts[at],
        });
    }
    let names = short_names(&sources.settings.differing);
    let island = Island {
        tags: sources.tags,
        groups: groups_of(sources.tags),
        ratio: ratio(sources.tags),
        roles: sources
            .gallery
            .roles
            .iter()
            .map(|role| ShownRole { name: role.name(), note: role::note(role) })
            .collect(),
        media: media.clone(),
        steps: steps.lists,
        settings: sources
            .settings
            .differing
            .iter()
            .zip(names)
            .map(|(key, name)| Setting { key, name, ordered: is_ordered(views, key) })
            .collect(),
        measures: sources.measures.iter().map(|measure| measure_entry(measure, sources.quantities)).collect(),
        floors: sources.tags.iter().enumerate().filter_map(|(at, tag)| Some((at, floor(views, tag)?))).collect(),
        configurations: configurations
            .iter()
            .map(|configuration| Group { label: &configuration.label, runs: &configuration.runs })
            .collect(),
        half_widths: (0..=views.len().min(MAX_AVERAGED)).map(half_width).collect(),
        importance: explain::importances(views, sources.settings, sources.measures, sources.quantities),
        budget: explain::budget(views, sources.settings, sources.quantities),
        config: config.into_iter().map(|(key, value)| (key, exact(&value))).collect(),
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

fn shown<'a>(gallery: &'a Gallery, run: usize, media: &[&str]) -> BTreeMap<&'a str, Vec<(u64, Vec<File<'a>>)>> {
    let files = |moment: &'a Moment, is_in_page: bool| {
        let file = |shown: &'a super::gallery::Shown| {
            let (base64, url) = match &shown.source {
                _ if is_in_page => (None, None),
                Source::Embedded(base64) => (Some(base64.as_str()), None),
                Source::Linked(url) => (None, Some(url.as_str())),
            };
            let media = media.iter().position(|known| *known == shown.media.mime()).unwrap_or_default();
            File { media, label: shown.label.as_deref(), base64, url }
        };
        (moment.step, moment.files.iter().map(file).collect())
    };
    let of_role = |(role, moments): (&'a Role, &'a Vec<Moment>)| {
        let in_page = if gallery.roles.first() == Some(role) { moments.len() - 1 } else { moments.len() };
        let moments = moments.iter().enumerate().map(|(at, moment)| files(moment, at == in_page));
        (role.name(), moments.collect())
    };
    gallery.runs[run].iter().map(of_role).collect()
}

/// Neighbours in the order of the page belong together.
fn groups_of(tags: &[String]) -> Vec<TagGroup> {
    let numbered: Vec<(usize, (&str, &str))> = tags.iter().map(|tag| tag::split(tag)).enumerate().collect();
    let group = |members: &[(usize, (&str, &str))]| {
        let name = members[0].1.0;
        let known = GROUPS.iter().find(|group| group.name == name);
        TagGroup {
            label: known.map_or_else(|| name.replace('_', " "), |group| group.label.to_owned()),
            kind: match known.map(|group| group.kind) {
                Some(Kind::Evaluation) => "evaluation",
                Some(Kind::Schedule) => "schedule",
                Some(Kind::Sample) => "sample",
                Some(Kind::Training | Kind::Detail) | None => "training",
            },
            tags: members.iter().map(|(at, (_, part))| (*at, part.replace('_', " "))).collect(),
        }
    };
    numbered.chunk_by(|(_, (a, _)), (_, (b, _))| a == b).map(group).collect()
}

/// The losses of two opponents say more over each other; of more phases it is unknown which ones are opponents.
fn ratio(tags: &[String]) -> Option<(String, [usize; 2])> {
    let phases: [&str; 2] = tag::phases(tags).try_into().ok()?;
    let at = |phase: &str| tags.iter().position(|tag| *tag == tag::loss(phase));
    let title = phases.map(|phase| format!("loss of the {}", phase.replace('_', " "))).join(" ÷ ");
    Some((title, [at(phases[0])?, at(phases[1])?]))
}

fn measure_entry<'a>(measure: &'a Measure, quantities: &[Quantity]) -> MeasureEntry<'a> {
    let quantity = measure.quantity.map(|index| &quantities[index]);
    MeasureEntry {
        key: &measure.key,
        label: match quantity {
            Some(_) => measure.name.clone(),
            None => measure.key.clone(),
        },
        direction: quantity.map(|quantity| quantity.direction),
        floor: quantity.and_then(|quantity| quantity.floor),
    }
}

/// JavaScript's numbers hold whole numbers exactly up to 2^53 - 1; larger ones become `{"$int": "9007199254740993"}`, which
/// `page.js` reads.
fn exact(value: &Value) -> Value {
    match value {
        Value::Number(number) if !settings::is_exact(number) => json!({ "$int": number.to_string() }),
        Value::Array(values) => values.iter().map(exact).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), exact(value))).collect(),
        other => other.clone(),
    }
}

/// Real images that the discriminator sees in a step.
fn images_per_step(config: &Value) -> Option<u64> {
    let train = config.get("train")?;
    train.get("batch_size")?.as_u64()?.checked_mul(train.get("critic_steps").and_then(Value::as_u64).unwrap_or(1))
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
    fn whole_numbers_that_a_script_would_round_are_text() {
        let check = |value: Value, expected: Value| assert_eq!(exact(&value), expected);
        check(json!((1_u64 << 53) - 1), json!(9007199254740991_u64));
        check(json!(1_u64 << 53), json!({"$int": "9007199254740992"}));
        check(
            json!([u64::MAX, {"a": i64::MIN}]),
            json!([{"$int": u64::MAX.to_string()}, {"a": {"$int": i64::MIN.to_string()}}]),
        );
        check(json!(1e300), json!(1e300));
        check(json!("9007199254740993"), json!("9007199254740993"));
        let config = json!({"train": {"batch_size": u64::MAX, "critic_steps": 2}});
        assert_eq!(images_per_step(&config), None);
    }

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
