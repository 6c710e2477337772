//! The `sweep` section: axes, points taken out, points added, seeds.

use std::rc::Rc;

use super::builder::MOST_DEPTH;
use super::decode::Mark;
use super::layers::Merged;
use super::node::{Data, Entry, Node};
use super::path::Step;
use super::problem::{Collector, quote, suggest};
use super::source::Span;
use super::values::{self, AxisValue, MOST_VALUES};

const KEYS: [&str; 5] = ["grid", "zip", "exclude", "include", "seeds"];

/// A sweep, ready to be multiplied out.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// Grid axes in the order of the file, then one for each `zip` entry; the last varies fastest.
    pub axes: Vec<Axis>,
    pub exclude: Vec<Vec<Choice>>,
    pub include: Vec<Vec<Choice>>,
    pub seeds: Option<Seeds>,
}

/// Settings that vary together.
#[derive(Debug)]
pub(super) struct Axis {
    /// The choices of each step along the axis.
    pub steps: Vec<Vec<Choice>>,
}

/// A key with one of its values.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub key: Rc<AxisKey>,
    pub value: Rc<AxisValue>,
}

/// A key of an axis: a path below `run`, or a pattern.
#[derive(Debug)]
pub(super) struct AxisKey {
    pub written: String,
    pub pattern: Vec<String>,
    pub span: Span,
    /// Characters in front of the pattern: `run.` may be written.
    offset: usize,
}

impl AxisKey {
    /// The place of one part of the pattern, if the key is written plainly on one line.
    pub fn part(&self, index: usize) -> Span {
        let is_plain = self.span.length() == Some(self.written.chars().count());
        let Some(part) = self.pattern.get(index).filter(|_| is_plain) else {
            return self.span;
        };
        let before: usize = self.pattern[..index].iter().map(|part| part.chars().count() + 1).sum();
        let column = self.span.start.column + self.offset + before;
        let (text, line) = (self.span.text, self.span.start.line);
        Span::on_line(text, line, column, part.chars().count())
    }
}

/// How runs are replicated.
#[derive(Debug)]
pub(super) enum Seeds {
    /// This many, from `run.seed` upwards.
    Count(u64, Span),
    List(Vec<(u64, Span)>),
}

/// Reads the section. `None` if there is none.
pub(super) fn read(merged: &Merged, collector: &mut Collector) -> Option<Sweep> {
    let section = merged.section("sweep");
    if section.is_null() {
        return None;
    }
    let Some(section) = section.as_object() else {
        let path = [Step::Key("sweep".to_owned())];
        let span = merged.locate(&path, Mark::Value).map(|place| place.span);
        collector.report(span, "`sweep` must be a map of settings", None);
        return None;
    };
    for key in section.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let path = [Step::Key("sweep".to_owned()), Step::Key(key.clone())];
        let span = merged.locate(&path, Mark::Key).map(|place| place.span);
        let message = format!("unknown key {} in `sweep`", quote(key));
        collector.report(span, message, suggest(key, KEYS));
    }
    let mut reader = Reader { collector };
    let mut axes = reader.grid(merged.sweep("grid"));
    axes.extend(reader.zip(merged.sweep("zip")));
    Some(Sweep {
        axes,
        exclude: reader.entries("exclude", merged.sweep("exclude")),
        include: reader.entries("include", merged.sweep("include")),
        seeds: reader.seeds(merged.sweep("seeds")),
    })
}

struct Reader<'a> {
    collector: &'a mut Collector,
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
            let key = self.key(entry);
            let values = values::read(&entry.key, &entry.value, self.collector);
            if let (Some(key), Some(values)) = (key, values) {
                let steps = values.into_iter().map(|value| vec![Choice { key: key.clone(), value: Rc::new(value) }]);
                axes.push(Axis { steps: steps.collect() });
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
            let mut columns = Vec::new();
            for entry in entries {
                let key = self.key(entry);
                let values = values::read(&entry.key, &entry.value, self.collector);
                if let (Some(key), Some(values)) = (key, values) {
                    columns.push((key, values, &entry.value));
                }
            }
            if entries.is_empty() {
                let message = "an entry of `sweep.zip` has no keys";
                self.collector.report(group.span, message, None);
            }
            if columns.is_empty() || columns.len() < entries.len() {
                continue;
            }
            if let Some(axis) = self.zip_columns(&columns) {
                axes.push(axis);
            }
        }
        axes
    }

    fn zip_columns(&mut self, columns: &[(Rc<AxisKey>, Vec<AxisValue>, &Node)]) -> Option<Axis> {
        let (first_key, first, _) = columns.first()?;
        let mut is_equal = true;
        for (key, values, node) in &columns[1..] {
            if values.len() != first.len() {
                let message = format!(
                    "lists in one entry of `sweep.zip` must be equally long: {} has {}, {} has {}",
                    quote(&first_key.written),
                    first.len(),
                    quote(&key.written),
                    values.len()
                );
                self.collector.report(node.span, message, None);
                is_equal = false;
            }
        }
        let steps = (0..first.len()).map(|index| {
            let choice = |(key, values, _): &(Rc<AxisKey>, Vec<AxisValue>, _)| Choice {
                key: key.clone(),
                value: Rc::new(values[index].clone()),
            };
            columns.iter().map(choice).collect()
        });
        is_equal.then(|| Axis { steps: steps.collect() })
    }

    /// `exclude` or `include`: a list of maps from keys to single values.
    fn entries(&mut self, name: &str, node: Option<&Node>) -> Vec<Vec<Choice>> {
        let mut lists = Vec::new();
        for item in self.list(name, node) {
            let message = format!("an entry of `sweep.{name}` must be a map from keys to values");
            let Some(entries) = self.map(item, &message) else {
                continue;
            };
            if name == "exclude" && entries.is_empty() {
                let message = "an empty entry of `sweep.exclude` excludes everything";
                self.collector.report(item.span, message, None);
                continue;
            }
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
                Some(count) if (1..=MOST_VALUES as u64).contains(&count) => Some(Seeds::Count(count, node.span)),
                _ => {
                    let message =
                        format!("`sweep.seeds` must be a number of seeds from 1 to {MOST_VALUES}, not `{number}`");
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
        let message = format!("a seed must be a whole number from 0, not {}", node.kind());
        self.collector.report(node.span, message, None);
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
        let written = &entry.key;
        let below_run = written.strip_prefix("run.");
        let pattern: Vec<String> = below_run.unwrap_or(written).split('.').map(str::to_owned).collect();
        let reason = if pattern.iter().any(String::is_empty) {
            "has an empty part"
        } else if pattern.len() > MOST_DEPTH {
            "has too many parts"
        } else if pattern.last().is_some_and(|part| part == "*") {
            "must end with a name, not with `*`"
        } else {
            return Some(Rc::new(AxisKey {
                written: written.clone(),
                offset: written.len() - below_run.unwrap_or(written).len(),
                pattern,
                span: entry.key_span,
            }));
        };
        let message = format!("the key {} {reason}", quote(written));
        self.collector.report(entry.key_span, message, None);
        None
    }
}
