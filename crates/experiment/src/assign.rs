//! Settings from outside the file: `--set KEY=VALUE` and `RUNNER_SECTION__KEY=VALUE`.

use crate::builder::MAX_DEPTH;
use crate::file::TOP_LEVEL;
use crate::layers::{Group, Part, Setting};
use crate::names::quote;
use crate::problem::Collector;
use crate::source::{Origin, Span};
use crate::yaml::{self, Start};

const PREFIX: &str = "RUNNER_";
const OPTION: &str = "--set ";

/// The environment's settings, in the order of their names so that the same environment means the same run.
pub(crate) fn environment(variables: &[(String, String)], collector: &mut Collector) -> Group {
    let mut relevant: Vec<&(String, String)> =
        variables.iter().filter(|(name, _)| name.strip_prefix(PREFIX).is_some_and(|n| n.contains("__"))).collect();
    relevant.sort();
    let settings = relevant
        .into_iter()
        .filter_map(|(name, value)| {
            let keys = name[PREFIX.len()..].to_lowercase();
            Assignment {
                origin: Origin::Environment,
                layer: format!("environment variable {name}"),
                line: format!("{name}={value}"),
                key_column: PREFIX.len(),
                keys: keys.split("__").map(str::to_owned).collect(),
                separator: 2,
                value,
            }
            .read(collector)
        })
        .collect();
    Group::Settings(settings)
}

/// The settings of the command line, in its order.
pub(crate) fn command_line(sets: &[String], collector: &mut Collector) -> Group {
    let settings = sets.iter().filter_map(|set| read_set(set, collector));
    Group::Settings(settings.collect())
}

fn read_set(set: &str, collector: &mut Collector) -> Option<Setting> {
    let line = format!("{OPTION}{set}");
    let Some((key, value)) = set.split_once('=') else {
        let length = set.chars().count();
        let text = collector.texts.add(Origin::CommandLine, line);
        let span = Span::on_line(text, 1, OPTION.len(), length);
        let label = Some("write `KEY=VALUE`".to_owned());
        collector.report(span, format!("{} has no value", quote(set)), label);
        return None;
    };
    Assignment {
        origin: Origin::CommandLine,
        layer: line.clone(),
        line,
        key_column: OPTION.len(),
        keys: key.split('.').map(str::to_owned).collect(),
        separator: 1,
        value,
    }
    .read(collector)
}

/// One assignment, taken apart but not yet understood.
struct Assignment<'a> {
    origin: Origin,
    layer: String,
    line: String,
    key_column: usize,
    keys: Vec<String>,
    /// Characters between two keys.
    separator: usize,
    value: &'a str,
}

impl Assignment<'_> {
    fn read(self, collector: &mut Collector) -> Option<Setting> {
        let text = collector.texts.add(self.origin, self.line);
        let mut column = self.key_column;
        let mut path: Vec<Part> = Vec::new();
        for name in self.keys {
            let length = name.chars().count();
            let span = Span::on_line(text, 1, column, length);
            column += length + self.separator;
            path.push(Part { name, span });
        }
        let value_column = column + 1 - self.separator;
        let whole = Span::on_line(text, 1, self.key_column, value_column - 1 - self.key_column);
        if path.len() > MAX_DEPTH {
            let message = format!("the key has more than {MAX_DEPTH} parts");
            collector.report(whole, message, None);
            return None;
        }
        if path.iter().any(|part| part.name.is_empty()) {
            collector.report(whole, "a part of the key is empty", None);
            return None;
        }
        let start = Start { text, column: value_column };
        let value = yaml::parse(self.value, start, collector)?;
        let first = &path[0];
        if first.name == "extends" {
            let message = "`extends` can be set in a file only";
            collector.report(first.span, message, None);
            return None;
        }
        if !TOP_LEVEL.contains(&first.name.as_str()) {
            let (name, span) = ("run".to_owned(), first.span);
            path.insert(0, Part { name, span });
        }
        join_axis(&mut path);
        Some(Setting { layer: self.layer, path, value })
    }
}

/// Below `sweep.grid` the rest is one key: that of the axis.
fn join_axis(path: &mut Vec<Part>) {
    let is_axis = path.len() > 3 && path[0].name == "sweep" && path[1].name == "grid";
    if !is_axis {
        return;
    }
    let rest = path.split_off(2);
    let names: Vec<&str> = rest.iter().map(|part| part.name.as_str()).collect();
    let span = Span { end: rest[rest.len() - 1].span.end, ..rest[0].span };
    let name = names.join(".");
    path.push(Part { name, span });
}
