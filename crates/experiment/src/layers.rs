//! The layers of an experiment, merged by figment: preset ◀ extends ◀ file ◀ environment ◀ `--set`.
//!
//! figment keeps which layer each value came from, and the layer keeps where in its text. The defaults lie under all of
//! them and are serde's. figment merges maps key by key; where a layer states another variant of a map (see
//! [`merge`](crate::merge)), a layer of its own first clears what lies there.

use std::collections::HashMap;

use figment::value::{Dict, Tag, Value as Layered};
use figment::{Figment, Profile, Provider};
use serde_json::{Map, Value};

use crate::decode::Mark;
use crate::merge;
use crate::node::{Data, Entry, Node};
use crate::path::{self, Step};
use crate::problem::{quote, suggest};
use crate::provider::{LayerProvider, json};
use crate::source::Span;

/// One file, environment variable or `--set` argument.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// What figment calls it; layers of the same name have the same content.
    pub name: String,
    /// The sections that it states.
    pub root: Node,
}

/// Layers that do not displace each other's settings.
#[derive(Clone, Debug)]
pub(crate) enum Group {
    File(Layer),
    Settings(Vec<Setting>),
}

/// A value for a path, which may be a pattern.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub layer: String,
    pub path: Vec<Part>,
    pub value: Node,
}

/// A key on the path of a setting.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub name: String,
    pub span: Span,
}

/// A pattern that fits nothing.
#[derive(Clone, Debug)]
pub(crate) struct Unmatched {
    pub span: Span,
    pub message: String,
    pub label: Option<String>,
}

impl Unmatched {
    /// `value` is the resolved `run` section.
    pub fn new(pattern: &[String], span: Span, value: &Value) -> Self {
        let names = path::names_after_wildcard(pattern, value);
        let after = pattern.iter().skip_while(|key| *key != "*").nth(1);
        Unmatched {
            span,
            message: format!("{} fits no setting of `run`", quote(&pattern.join("."))),
            label: after.and_then(|key| suggest(key, names.iter().map(String::as_str))),
        }
    }
}

/// All layers, merged.
pub(crate) struct Merged {
    figment: Figment,
    values: Layered,
    roots: HashMap<String, Node>,
    /// Patterns that fit nothing.
    pub unmatched: Vec<Unmatched>,
}

/// A place in a text, and how many steps of the path it holds.
pub(crate) struct Place {
    pub span: Span,
    pub depth: usize,
}

/// Merges the groups in order over the preset.
///
/// `resolve` turns a `run` section into the same with every default, which is what patterns are matched with.
pub(crate) fn merge_groups(
    groups: &[Group],
    preset: Option<(&str, &Value)>,
    resolve: &dyn Fn(&Value) -> Value,
) -> Merged {
    let mut merged = Merged {
        figment: Figment::new(),
        values: Layered::Dict(Tag::Default, Dict::new()),
        roots: HashMap::new(),
        unmatched: Vec::new(),
    };
    if let Some((name, run)) = preset {
        merged.add(LayerProvider::preset(name, run));
    }
    let mut grid: Option<Node> = None;
    for group in groups {
        let layers = match group {
            Group::File(layer) => vec![layer.clone()],
            Group::Settings(settings) => merged.expand(settings, grid.as_ref(), resolve),
        };
        merged.add_group(&layers);
        for layer in layers {
            if let Some(stated) = stated_grid(&layer.root) {
                grid = Some(stated.clone());
            }
            merged.roots.insert(layer.name, layer.root);
        }
    }
    merged
}

impl Merged {
    /// A section of the experiment; `Null` if no layer states it.
    pub fn section(&self, key: &str) -> Value {
        self.value(&[key]).map_or(Value::Null, json)
    }

    /// A part of the `sweep` section as its layer wrote it, in the order of the text.
    pub fn sweep(&self, key: &str) -> Option<&Node> {
        let value = self.value(&["sweep", key])?;
        let sweep = &self.root_of(value)?.entry("sweep")?.value;
        Some(&sweep.entry(key)?.value)
    }

    /// Where the layer that set a value states it, or where the closest map around it was set.
    pub fn locate(&self, path: &[Step], mark: Mark) -> Option<Place> {
        let mut value = &self.values;
        let mut depth = 0;
        for step in path {
            let child = match (value, step) {
                (Layered::Dict(_, map), Step::Key(key)) => map.get(key),
                (Layered::Array(_, items), Step::Index(index)) => items.get(*index),
                _ => None,
            };
            let Some(child) = child else { break };
            value = child;
            depth += 1;
        }
        let is_exact = depth == path.len();
        let mark = if is_exact { mark } else { Mark::Setting };
        let span = place_in(self.root_of(value)?, &path[..depth], mark)?;
        Some(Place { span, depth })
    }

    fn value(&self, path: &[&str]) -> Option<&Layered> {
        path.iter().try_fold(&self.values, |value, key| match value {
            Layered::Dict(_, map) => map.get(*key),
            _ => None,
        })
    }

    fn root_of(&self, value: &Layered) -> Option<&Node> {
        let metadata = self.figment.get_metadata(value.tag())?;
        self.roots.get(metadata.name.as_ref())
    }

    fn add_group(&mut self, layers: &[Layer]) {
        let mut stated = Value::Null;
        for layer in layers {
            if let Some(run) = layer.root.entry("run") {
                merge::join(&mut stated, &run.value.to_json());
            }
        }
        let replaced = merge::replaced(&self.section("run"), &stated);
        if !replaced.is_empty() {
            self.add(LayerProvider::cleared(&replaced));
        }
        for layer in layers {
            self.add(LayerProvider::stated(&layer.name, &layer.root));
        }
    }

    fn add(&mut self, provider: LayerProvider) {
        self.figment = std::mem::take(&mut self.figment).merge(provider);
        // The providers above cannot fail, so neither can this.
        if let Ok(mut data) = self.figment.data() {
            let data = data.remove(&Profile::Default).unwrap_or_default();
            self.values = Layered::Dict(Tag::Default, data);
        }
    }

    /// Settings as layers: patterns become the paths that they fit, and an axis joins the grid below.
    fn expand(&mut self, settings: &[Setting], grid: Option<&Node>, resolve: &dyn Fn(&Value) -> Value) -> Vec<Layer> {
        let run = self.section("run");
        let mut grid = grid.cloned();
        let mut layers = Vec::new();
        let mut stated = Value::Object(Map::new());
        for setting in settings {
            let names: Vec<String> = setting.path.iter().map(|part| part.name.clone()).collect();
            let keys: Vec<&str> = names.iter().map(String::as_str).collect();
            let root = match keys[..] {
                ["sweep", "grid", _] => with_axis(setting, grid.as_ref()),
                ["run", ..] if path::is_pattern(&names) => {
                    let mut below = run.clone();
                    merge::merge(&mut below, &stated);
                    let resolved = resolve(&below);
                    let nested = path::expand(&names[1..], &resolved)
                        .into_iter()
                        .map(|path| nest(setting, &[&names[..1], &path].concat()))
                        .reduce(join);
                    let Some(nested) = nested else {
                        let span = whole(&setting.path);
                        let unmatched = Unmatched::new(&names[1..], span, &resolved);
                        self.unmatched.push(unmatched);
                        continue;
                    };
                    nested
                }
                _ => nest(setting, &names),
            };
            if let Some(run) = root.entry("run") {
                merge::join(&mut stated, &run.value.to_json());
            }
            if let Some(stated) = stated_grid(&root) {
                grid = Some(stated.clone());
            }
            let name = setting.layer.clone();
            layers.push(Layer { name, root });
        }
        layers
    }
}

/// The places of a path in what a layer states.
fn place_in(root: &Node, path: &[Step], mark: Mark) -> Option<Span> {
    let mut node = root;
    let mut key_span = None;
    for step in path {
        match step {
            Step::Key(key) => {
                let entry = node.entry(key)?;
                key_span = Some(entry.key_span);
                node = &entry.value;
            }
            Step::Index(index) => {
                key_span = None;
                node = node.items()?.get(*index)?;
            }
        }
    }
    match mark {
        Mark::Value => Some(node.span),
        Mark::Key | Mark::Setting if path.is_empty() => None,
        Mark::Key | Mark::Setting => Some(key_span.unwrap_or(node.span)),
    }
}

fn stated_grid(root: &Node) -> Option<&Node> {
    Some(&root.entry("sweep")?.value.entry("grid")?.value)
}

/// The place of all keys of a path.
pub(crate) fn whole(path: &[Part]) -> Span {
    let (first, last) = (path[0].span, path[path.len() - 1].span);
    Span { end: last.end, ..first }
}

/// A setting as the maps that lead to it. `names` replaces the names of its path, `*` included.
fn nest(setting: &Setting, names: &[String]) -> Node {
    let mut node = setting.value.clone();
    let parts = setting.path.iter().rev();
    for (name, part) in names.iter().rev().zip(parts) {
        let entry = Entry { key: name.clone(), key_span: part.span, value: node };
        node = Node { span: part.span, data: Data::Map(vec![entry]) };
    }
    node
}

/// Both maps in one.
fn join(mut first: Node, second: Node) -> Node {
    let (Data::Map(entries), Data::Map(more)) = (&mut first.data, second.data) else {
        return first;
    };
    for entry in more {
        match entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => {
                let null = Node { span: known.value.span, data: Data::Null };
                let value = std::mem::replace(&mut known.value, null);
                known.value = join(value, entry.value);
            }
            None => entries.push(entry),
        }
    }
    first
}

/// An axis from outside a file takes the place of the grid's axis of the same key, or comes last.
fn with_axis(setting: &Setting, grid: Option<&Node>) -> Node {
    let axis = &setting.path[2];
    let mut entries: Vec<Entry> = grid.and_then(Node::entries).unwrap_or_default().to_vec();
    let new = Entry { key: axis.name.clone(), key_span: axis.span, value: setting.value.clone() };
    match entries.iter_mut().find(|entry| entry.key == new.key) {
        Some(known) => *known = new,
        None => entries.push(new),
    }
    let whole_grid = Setting {
        layer: setting.layer.clone(),
        path: setting.path[..2].to_vec(),
        value: Node { span: axis.span, data: Data::Map(entries) },
    };
    nest(&whole_grid, &["sweep".to_owned(), "grid".to_owned()])
}
