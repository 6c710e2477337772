//! From a request to an experiment.

use std::path::Path;

use family::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{assign, file, sweep};
use crate::base::{Base, Bases};
use crate::decode::inspect;
use crate::execution::Execution;
use crate::expand::expand;
use crate::layers::Group;
use crate::merge::Tags;
use crate::names::quote;
use crate::node::{Mark, Node};
use crate::problem::{Collector, Problems};
use crate::source::{Source, Span};

/// The longest name: it is a folder's and a part of other names.
const MAX_NAME: usize = 100;

/// An experiment file and the layers above and below it.
pub struct Request<'a> {
    /// The experiment file.
    pub file: &'a Path,
    /// Arguments of `--set`: `KEY=VALUE` with dotted keys and YAML values.
    pub sets: &'a [String],
    /// All variables of the environment; `RUNNER_<SECTION>__<KEY>` are settings.
    pub environment: &'a [(String, String)],
    /// A preset's part of the `run` section.
    pub preset: &'a dyn Fn(&str) -> Option<Value>,
    /// The names of all presets, for suggestions.
    pub presets: &'a [&'a str],
    /// How settings state a variant other than by its tag.
    pub tags: Tags<'a>,
    /// Settings that are paths, by their dotted paths below `run`: relative ones start at the file that they stand in.
    pub paths: &'a [&'a str],
    /// What is wrong with `execution.devices`, if something is.
    pub devices: &'a dyn Fn(&str) -> Option<String>,
}

/// The resolved `run` section: serde structs with defaults that deny unknown fields.
pub trait Run: DeserializeOwned + Serialize {
    /// What serde cannot see: invalid combinations. Paths are below `run`.
    fn check(&self) -> Vec<Problem>;
}

/// An experiment, resolved.
#[derive(Clone, Debug)]
pub struct Experiment<R> {
    /// Usable as the name of a folder; the file's stem if the file has none.
    pub name: String,
    /// Shown on top of the report; empty if the file has none.
    pub description: String,
    /// How and where to run.
    pub execution: Execution,
    /// The runs in order, at least one.
    pub points: Vec<Point<R>>,
    /// Valid settings that are probably mistakes: sentences that begin with file and line.
    pub warnings: Vec<String>,
    /// Every file that was read; the experiment file is the first.
    pub sources: Vec<Source>,
}

/// One run of an experiment.
#[derive(Clone, Debug)]
pub struct Point<R> {
    /// The axes' keys as written and this point's values, in the order of the axes, without the seed.
    pub overrides: Map<String, Value>,
    /// The run's seed.
    pub seed: u64,
    /// The run, with every default.
    pub run: R,
}

/// Loads an experiment.
///
/// # Errors
/// Every mistake in the file, the files that it extends, the environment and the arguments, in one pass. There are two
/// exceptions. A file that is not YAML is reported alone. And combinations are not checked while the sweep or an argument
/// has a mistake, which could be what makes a combination invalid.
pub fn load<R: Run>(request: &Request<'_>) -> Result<Experiment<R>, Problems> {
    let mut collector = Collector::default();
    let Some(mut groups) = file::read(request.file, &mut collector) else {
        return Err(collector.into_problems());
    };
    let faults = collector.count();
    groups.push(assign::environment(request.environment, &mut collector));
    groups.push(assign::command_line(request.sets, &mut collector));
    let is_sound = collector.count() == faults;
    let experiment = resolve::<R>(request, &groups, is_sound, &mut collector);
    if collector.count() > 0 {
        return Err(collector.into_problems());
    }
    Ok(Experiment { sources: collector.texts.into_sources(), ..experiment })
}

fn resolve<R: Run>(
    request: &Request<'_>,
    groups: &[Group],
    is_sound: bool,
    collector: &mut Collector,
) -> Experiment<R> {
    let bases = Bases::<R>::new(request, groups, collector);
    let name = name(request, bases.main(), collector);
    let description = description(bases.main(), collector);
    let execution = execution(request, bases.main(), collector);
    let faults = collector.count();
    let sweep = sweep::read(&bases.main().merged, collector);
    let is_sound = is_sound && collector.count() == faults;
    let sweep = sweep.unwrap_or_default();
    let (points, warnings) = expand(request, bases, &sweep, is_sound, collector);
    Experiment { name, description, execution, points, warnings, sources: Vec::new() }
}

fn name(request: &Request<'_>, base: &Base, collector: &mut Collector) -> String {
    let stated = base.merged.section("name");
    let (name, span) = match stated.map(|node| (node.text(), node.span)) {
        Some((Some(name), span)) => (name.to_owned(), Some(span)),
        Some((None, span)) => {
            collector.report(span, "`name` must be text", None);
            return String::new();
        }
        None => {
            let stem = request.file.file_stem().unwrap_or_default();
            (stem.to_string_lossy().into_owned(), None)
        }
    };
    if let Some(label) = unfit(&name) {
        let shown = quote(&name);
        let (span, message) = match span {
            Some(span) => (span, format!("the name {shown} cannot be used as a folder's name")),
            None => (
                Span::on_line(0, 1, 0, 1),
                format!("the file's name {shown} cannot be used as a folder's name: add a `name:`"),
            ),
        };
        collector.report(span, message, Some(label));
    }
    name
}

/// Why a name is no folder's on every system, and what is.
fn unfit(name: &str) -> Option<String> {
    let is_fit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let length = name.chars().count();
    if name.is_empty() {
        Some("it is empty".to_owned())
    } else if length > MAX_NAME {
        Some(format!("it has {length} characters, and a name has at most {MAX_NAME}"))
    } else if let Some(other) = name.chars().find(|c| !is_fit(c)) {
        let rule = "a name has the letters a to z and A to Z, digits, `.`, `_` and `-`";
        Some(format!("{} is not allowed: {rule}", quote(&other.to_string())))
    } else {
        name.starts_with('.').then(|| "a name does not begin with `.`".to_owned())
    }
}

fn description(base: &Base, collector: &mut Collector) -> String {
    let Some(node) = base.merged.section("description") else {
        return String::new();
    };
    match node.text() {
        Some(text) => text.to_owned(),
        None => {
            collector.report(node.span, "`description` must be text", None);
            String::new()
        }
    }
}

fn execution(request: &Request<'_>, base: &Base, collector: &mut Collector) -> Execution {
    let Some(section) = base.merged.section("execution") else {
        return Execution::default();
    };
    let (execution, faults) = inspect::<Execution>(section, "execution");
    for fault in faults {
        let span = base.merged.locate(&[&["execution".into()], &fault.path[..]].concat(), fault.mark);
        collector.report_fault(span, &fault);
    }
    let execution = execution.unwrap_or_default();
    if let Some(message) = (request.devices)(&execution.devices) {
        let devices = section.get(["devices"]).map(|node: &Node| node.span);
        let span = devices.or_else(|| base.merged.locate(&["execution".into()], Mark::Key));
        collector.report(span, format!("`execution.devices`: {message}"), None);
    }
    execution
}
