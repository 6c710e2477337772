//! The `sweep` section: axes, points taken out, points added, or the points themselves; seeds.

use std::rc::Rc;

use crate::axis::{Axis, AxisKey, Choice};
use crate::layers::Merged;
use crate::names::{quote, suggest};
use crate::node::{Data, Entry, Mark, Node};
use crate::problem::Collector;
use crate::refusal::Found;
use crate::source::Span;
use crate::values::{self, AxisValue, MAX_VALUES, Values};
use crate::when::{self, Condition, WHEN};
use crate::words::{number_label, plain_expected, plain_found, upper_bound};

const KEYS: [&str; 6] = ["grid", "zip", "exclude", "include", "runs", "seeds"];
/// What makes or takes points where `runs` lists them.
const BESIDE_RUNS: [&str; 4] = ["grid", "zip", "exclude", "include"];
/// More axes than any sweep has: a point's settings are looked at for each.
const MAX_AXES: usize = 100;

/// A sweep, ready to be multiplied out.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// Grid axes in the order of the file, then one for each `zip` entry; the last varies fastest.
    pub axes: Vec<Axis>,
    pub exclude: Vec<Exclusion>,
    /// Points after those of the axes: `include`, or `runs`, which excludes the others.
    pub include: Vec<Vec<Choice>>,
    pub seeds: Option<Seeds>,
}

/// An entry of `exclude`: it takes the points out for which all of its conditions hold.
#[derive(Debug)]
pub(crate) struct Exclusion {
    pub conditions: Vec<Condition>,
    pub span: Span,
}

/// How runs are replicated.
#[derive(Debug)]
pub(crate) enum Seeds {
    /// This many, from `run.seed` upwards.
    Count(u64, Span),
    List(Vec<(u64, Span)>),
}

impl Seeds {
    /// The place of the first.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Seeds::Count(_, span) => Some(*span),
            Seeds::List(seeds) => seeds.first().map(|(_, span)| *span),
        }
    }
}

/// Reads the section. `None` if there is none.
pub(crate) fn read(merged: &Merged, collector: &mut Collector) -> Option<Sweep> {
    let section = merged.section("sweep")?;
    let Some(entries) = section.entries() else {
        collector.report(section.span, "`sweep` must be a map of settings", None);
        return None;
    };
    for entry in entries.iter().filter(|entry| !KEYS.contains(&&*entry.key)) {
        let message = format!("unknown key {} in `sweep`", quote(&entry.key));
        collector.report(entry.key_span, message, suggest(&entry.key, KEYS));
    }
    let stated = |key: &'static str| section.get([key]).filter(|node| !matches!(node.data, Data::Null));
    let mut reader = Reader { collector };
    let mut axes = reader.grid(stated("grid"));
    axes.extend(reader.zip(stated("zip")));
    if axes.len() > MAX_AXES {
        let span = merged.locate(&["sweep".into()], Mark::Key);
        reader.collector.report(span, format!("the sweep has more than {MAX_AXES} axes"), None);
        axes.truncate(MAX_AXES);
    }
    let mut include = reader.entries("include", stated("include"));
    if let Some(runs) = stated("runs") {
        let others = BESIDE_RUNS.into_iter().filter(|key| stated(key).is_some());
        reader.runs_alone(section, others);
        include.extend(reader.runs(runs));
    }
    Some(Sweep { axes, exclude: reader.exclude(stated("exclude")), include, seeds: reader.seeds(stated("seeds")) })
}

struct Reader<'a> {
    collector: &'a mut Collector,
}

/// One of the lists that a `zip` entry takes together.
struct Column<'n> {
    key: Rc<AxisKey>,
    values: Vec<AxisValue>,
    node: &'n Node,
}

impl Reader<'_> {
    fn grid(&mut self, node: Option<&Node>) -> Vec<Axis> {
        let Some(node) = node else {
            return Vec::new();
        };
        let Some(entries) = self.map(node, "`sweep.grid` must be a map from keys to lists") else {
            return Vec::new();
        };
        let mut axes = Vec::new();
        for entry in entries {
            if *entry.key == *WHEN {
                let label = "write `KEY: { values: [...], when: { ... } }`".to_owned();
                self.collector.report(entry.key_span, "`when` belongs beside the values of an axis", Some(label));
                continue;
            }
            let key = self.key(entry);
            let values = values::read(&entry.key, &entry.value, self.collector);
            if let (Some(key), Some(Values { values, when, .. })) = (key, values) {
                let steps = values.into_iter().map(|value| vec![Choice { key: key.clone(), value: Rc::new(value) }]);
                axes.push(Axis { steps: steps.collect(), when, is_zip: false });
            }
        }
        axes
    }

    fn zip(&mut self, node: Option<&Node>) -> Vec<Axis> {
        let mut axes = Vec::new();
        for group in self.list("zip", node) {
            let message = "an entry of `sweep.zip` must be a map from keys to lists";
            let Some(entries) = self.map(group, message) else {
                continue;
            };
            let (stated, entries): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| *entry.key == *WHEN);
            let Some(first) = entries.first() else {
                let message = "an entry of `sweep.zip` has no keys";
                self.collector.report(group.span, message, None);
                continue;
            };
            let when = stated.first().map(|entry| when::read(&first.key, &entry.value, self.collector));
            let columns: Vec<Column<'_>> = entries.iter().filter_map(|entry| self.column(entry)).collect();
            if columns.len() == entries.len()
                && let Some(when) = when.unwrap_or_else(|| Some(Vec::new()))
                && let Some(steps) = self.zip_columns(&columns)
            {
                axes.push(Axis { steps, when, is_zip: true });
            }
        }
        axes
    }

    fn column<'n>(&mut self, entry: &'n Entry) -> Option<Column<'n>> {
        let key = self.key(entry);
        let Values { values, when_span, .. } = values::read(&entry.key, &entry.value, self.collector)?;
        if let Some(span) = when_span {
            let label = "write it beside the keys of the entry".to_owned();
            self.collector.report(span, "lists in one entry of `sweep.zip` have one `when`", Some(label));
        }
        Some(Column { key: key?, values, node: &entry.value })
    }

    fn zip_columns(&mut self, columns: &[Column<'_>]) -> Option<Vec<Vec<Choice>>> {
        let Column { key: first_key, values: first, node: first_node } = columns.first()?;
        let mut is_equal = true;
        for Column { key, values, node } in &columns[1..] {
            if values.len() != first.len() {
                let message = format!(
                    "lists in one entry of `sweep.zip` must be equally long: {} has {}, {} has {}",
                    quote(&first_key.written),
                    first.len(),
                    quote(&key.written),
                    values.len()
                );
                self.collector.report_both(node.span, message, None, (first_node.span, "the first list"));
                is_equal = false;
            }
        }
        let steps = (0..first.len()).map(|index| {
            let choice =
                |column: &Column<'_>| Choice { key: column.key.clone(), value: Rc::new(column.values[index].clone()) };
            columns.iter().map(choice).collect()
        });
        is_equal.then(|| steps.collect())
    }

    fn runs(&mut self, node: &Node) -> Vec<Vec<Choice>> {
        if node.items().is_some_and(<[Node]>::is_empty) {
            self.collector.report(node.span, "`sweep.runs` has no runs", None);
        }
        self.entries("runs", Some(node))
    }

    fn runs_alone(&mut self, section: &Node, others: impl Iterator<Item = &'static str>) {
        let place = |key| section.entry(key).map_or(section.span, |entry| entry.key_span);
        for other in others {
            let message = format!("`sweep.runs` lists every run, so `sweep.{other}` cannot be given beside it");
            let label = match other {
                "include" => "write these points into `runs`",
                "exclude" => "leave those points out of `runs`",
                _ => "to add points to a grid, use `include` instead of `runs`",
            };
            let runs = (place("runs"), "every run is listed here");
            self.collector.report_both(place(other), message, Some(label.to_owned()), runs);
        }
    }

    fn exclude(&mut self, node: Option<&Node>) -> Vec<Exclusion> {
        let mut exclusions = Vec::new();
        for item in self.list("exclude", node) {
            let message = "an entry of `sweep.exclude` must be a map from keys to values";
            let Some(entries) = self.map(item, message) else {
                continue;
            };
            if entries.is_empty() {
                let message = "an empty entry of `sweep.exclude` excludes everything";
                self.collector.report(item.span, message, None);
                continue;
            }
            let conditions: Vec<Condition> =
                entries.iter().filter_map(|entry| Condition::read(entry, self.collector)).collect();
            if conditions.len() == entries.len() {
                exclusions.push(Exclusion { conditions, span: item.span });
            }
        }
        exclusions
    }

    /// `include` or `runs`: a list of maps from keys to single values.
    fn entries(&mut self, name: &str, node: Option<&Node>) -> Vec<Vec<Choice>> {
        let mut lists = Vec::new();
        for item in self.list(name, node) {
            let message = format!("an entry of `sweep.{name}` must be a map from keys to values");
            let Some(entries) = self.map(item, &message) else {
                continue;
            };
            let choices: Vec<Choice> = entries
                .iter()
                .filter_map(|entry| {
                    let value = Rc::new(AxisValue::new(entry.value.clone()));
                    let key = self.key(entry)?;
                    Some(Choice { key, value })
                })
                .collect();
            if choices.len() == entries.len() {
                lists.push(choices);
            }
        }
        lists
    }

    fn seeds(&mut self, node: Option<&Node>) -> Option<Seeds> {
        let node = node?;
        match &node.data {
            Data::Null => None,
            Data::Number(number) => match number.as_u64() {
                Some(count) if (1..=MAX_VALUES as u64).contains(&count) => Some(Seeds::Count(count, node.span)),
                _ => {
                    let message =
                        format!("`sweep.seeds` must be a number of seeds from 1 to {MAX_VALUES}, not `{number}`");
                    self.collector.report(node.span, message, None);
                    None
                }
            },
            Data::List(items) if items.is_empty() => {
                let message = "`sweep.seeds` has no seeds";
                self.collector.report(node.span, message, None);
                None
            }
            Data::List(items) => {
                let seeds: Vec<(u64, Span)> =
                    items.iter().filter_map(|item| Some((self.seed(item)?, item.span))).collect();
                (seeds.len() == items.len()).then_some(Seeds::List(seeds))
            }
            _ => {
                let message =
                    format!("`sweep.seeds` must be a number of seeds or a list of seeds, not {}", node.kind());
                self.collector.report(node.span, message, None);
                None
            }
        }
    }

    fn seed(&mut self, node: &Node) -> Option<u64> {
        if let Data::Number(number) = &node.data
            && let Some(seed) = number.as_u64()
        {
            return Some(seed);
        }
        let found = Found::of(node);
        let expected = upper_bound(&found, "u64").unwrap_or_else(|| plain_expected("u64"));
        let label = number_label(&found, &expected);
        let found = plain_found(&found, self.collector.texts.typed_number(node.span));
        let message = format!("a seed must be {expected}, not {found}");
        self.collector.report(node.span, message, label);
        None
    }

    fn list<'n>(&mut self, name: &str, node: Option<&'n Node>) -> &'n [Node] {
        match node.map(|node| &node.data) {
            Some(Data::List(items)) => items,
            None | Some(Data::Null) => &[],
            Some(_) => {
                if let Some(node) = node {
                    let message = format!("`sweep.{name}` must be a list, not {}", node.kind());
                    self.collector.report(node.span, message, None);
                }
                &[]
            }
        }
    }

    fn map<'n>(&mut self, node: &'n Node, message: &str) -> Option<&'n [Entry]> {
        match &node.data {
            Data::Map(entries) => Some(entries),
            Data::Null => Some(&[]),
            _ => {
                let message = format!("{message}, not {}", node.kind());
                self.collector.report(node.span, message, None);
                None
            }
        }
    }

    fn key(&mut self, entry: &Entry) -> Option<Rc<AxisKey>> {
        AxisKey::read(&entry.key, entry.key_span, self.collector)
    }
}
