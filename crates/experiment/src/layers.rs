//! The layers of an experiment, merged by figment: preset ◀ extends ◀ file ◀ environment ◀ `--set`.
//!
//! figment merges what the layers state and remembers for each setting which layer it came from. The value and its place
//! are in the tree of that layer; so the result is again one tree of values that know their places. The defaults lie under
//! all layers and are serde's.

use std::collections::HashMap;

use figment::value::{Dict, Empty, Map, Tag, Value as Stated};
use figment::{Error, Figment, Metadata, Profile, Provider};
use serde_json::Value;

use crate::merge::{Tags, join, remove, replaced, spell_out};
use crate::names::{quote, suggest};
use crate::node::{Data, Entry, Mark, Node};
use crate::path::{self, Step};
use crate::source::Span;

/// One file, environment variable or `--set` argument, or a preset.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// What figment calls it; layers of the same name have the same content.
    pub name: String,
    /// The sections that it states.
    pub root: Node,
}

/// Layers that do not replace each other's settings.
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
    pub(crate) fn new(pattern: &[String], span: Span, value: &Value) -> Self {
        let names = path::names_after_wildcard(pattern, value);
        let after = pattern.iter().skip_while(|key| *key != "*").nth(1);
        Unmatched {
            span,
            message: format!("{} matches no setting of `run`", quote(&pattern.join("."))),
            label: after.and_then(|key| suggest(key, names.iter().map(String::as_str))),
        }
    }
}

/// All layers, merged.
pub(crate) struct Merged {
    pub root: Node,
    /// Patterns that fit nothing.
    pub unmatched: Vec<Unmatched>,
}

impl Merged {
    /// A section of the experiment; `None` if no layer states it.
    pub(crate) fn section(&self, key: &str) -> Option<&Node> {
        Some(&self.root.entry(key)?.value).filter(|node| !matches!(node.data, Data::Null))
    }

    /// Where the layer that set a value states it, or where the closest map around it was set.
    pub(crate) fn locate(&self, path: &[Step], mark: Mark) -> Option<Span> {
        self.root.locate(path, mark)
    }
}

/// Merges the groups in order over the preset.
///
/// `resolve` turns a `run` section into the same with every default, which is what patterns are matched with.
pub(crate) fn merge_groups(
    groups: &[Group],
    preset: Option<(&str, Node)>,
    resolve: &dyn Fn(&Node) -> Value,
    tags: Tags<'_>,
) -> Merged {
    let mut stack = Stack { layers: Vec::new(), tags };
    let mut unmatched = Vec::new();
    if let Some((name, run)) = preset {
        let section = Entry { key: "run".into(), key_span: run.span, value: run };
        stack.layers.push(Layer { name: format!("preset {name}"), root: Node::map(section.key_span, vec![section]) });
    }
    for group in groups {
        match group {
            Group::File(layer) => stack.add(vec![layer.clone()]),
            Group::Settings(settings) => stack.add(expand(settings, &stack, resolve, &mut unmatched)),
        }
    }
    Merged { root: stack.tree(), unmatched }
}

/// Layers, each over the one before.
#[derive(Clone)]
struct Stack<'t> {
    layers: Vec<Layer>,
    tags: Tags<'t>,
}

impl Stack<'_> {
    /// Adds layers that do not replace each other's settings. Where they state another variant, the layers below lose the
    /// settings of theirs.
    fn add(&mut self, group: Vec<Layer>) {
        let mut stated = Node::map(NOWHERE, Vec::new());
        for layer in &group {
            join(&mut stated, &layer.root);
        }
        let tree = self.tree();
        if let (Some(below), Some(stated)) = (tree.entry("run"), stated.entry("run")) {
            for path in replaced(&below.value, &stated.value, self.tags) {
                let path: Vec<String> = [&["run".to_owned()][..], &path].concat();
                self.layers.iter_mut().for_each(|layer| remove(&mut layer.root, &path));
            }
        }
        for layer in group {
            self.spell_out(&layer);
            self.layers.push(layer);
        }
    }

    /// Writes words as maps where `over` adds settings to them. As words they replaced what the layers below state.
    fn spell_out(&mut self, over: &Layer) {
        let Some(over) = over.root.entry("run") else { return };
        for index in 0..self.layers.len() {
            let (below, rest) = self.layers.split_at_mut(index);
            let Some(run) = rest[0].root.at_mut(&["run".into()]) else { continue };
            for path in spell_out(run, &over.value, self.tags) {
                let path: Vec<String> = [&["run".to_owned()][..], &path].concat();
                below.iter_mut().for_each(|layer| remove(&mut layer.root, &path));
            }
        }
    }

    /// What all layers state together.
    fn tree(&self) -> Node {
        let figment = self.layers.iter().fold(Figment::new(), |figment, layer| figment.merge(layer));
        // Its providers cannot fail, so neither can figment.
        let sections = figment.data().unwrap_or_default().remove(&Profile::Default).unwrap_or_default();
        let maps: Vec<_> = self.layers.iter().map(|layer| Stating::new(&layer.name, &layer.root)).collect();
        Node::map(NOWHERE, entries(&figment, &sections, &maps))
    }
}

/// A map of a layer, by its keys.
struct Stating<'n> {
    layer: &'n str,
    entries: HashMap<&'n str, &'n Entry>,
}

impl<'n> Stating<'n> {
    fn new(layer: &'n str, map: &'n Node) -> Self {
        let entries = map.entries().unwrap_or_default().iter().map(|entry| (&*entry.key, entry));
        Stating { layer, entries: entries.collect() }
    }
}

/// The settings of a map of the merged tree, each out of the layer that figment names. `maps` is what the layers state of
/// that map, the last layer last.
fn entries(figment: &Figment, merged: &Dict, maps: &[Stating<'_>]) -> Vec<Entry> {
    let own = |(key, stated): (&String, &Stated)| {
        let layer = &figment.get_metadata(stated.tag())?.name;
        let mut of_layer = maps.iter().rev().filter(|map| map.layer == &**layer);
        let entry = *of_layer.find_map(|map| map.entries.get(&**key))?;
        let Stated::Dict(_, below) = stated else {
            return Some(entry.clone());
        };
        let below_maps = maps.iter().filter_map(|map| Some(Stating::new(map.layer, &map.entries.get(&**key)?.value)));
        let value = Node::map(entry.value.span, entries(figment, below, &below_maps.collect::<Vec<_>>()));
        Some(Entry { value, ..entry.clone() })
    };
    merged.iter().filter_map(own).collect()
}

/// The place of a tree that no text holds as a whole; it is never shown.
const NOWHERE: Span = Span::on_line(0, 1, 0, 1);

/// figment is given the keys of a layer; the values stay in the layer's tree.
impl Provider for &Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, dict(self.root.entries().unwrap_or_default(), &mut Vec::new()))]))
    }
}

fn dict<'n>(entries: &'n [Entry], path: &mut Vec<&'n str>) -> Dict {
    let stated = |entry: &'n Entry| {
        path.push(&entry.key);
        let value = match entry.value.entries() {
            // The axes are one value: those of a later layer take the place of all.
            Some(entries) if path[..] != ["sweep", "grid"] => Stated::from(dict(entries, path)),
            _ => Stated::Empty(Tag::Default, Empty::Unit),
        };
        path.pop();
        (entry.key.to_string(), value)
    };
    entries.iter().map(stated).collect()
}

/// Settings as layers: patterns become the paths that they fit, and an axis joins the grid below.
fn expand(
    settings: &[Setting],
    below: &Stack<'_>,
    resolve: &dyn Fn(&Node) -> Value,
    unmatched: &mut Vec<Unmatched>,
) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for setting in settings {
        let with_layers = || {
            let mut stack = below.clone();
            stack.add(layers.clone());
            stack.tree()
        };
        let names: Vec<String> = setting.path.iter().map(|part| part.name.clone()).collect();
        let keys: Vec<&str> = names.iter().map(String::as_str).collect();
        let root = match keys[..] {
            ["sweep", "grid", _] => with_axis(setting, with_layers().get(["sweep", "grid"])),
            ["run", ..] if path::is_pattern(&names) => {
                let tree = with_layers();
                let run = resolve(tree.get(["run"]).unwrap_or(&Node::map(NOWHERE, Vec::new())));
                let nested = path::expand(&names[1..], &run)
                    .into_iter()
                    .map(|path| nest(setting, &[&names[..1], &path].concat()))
                    .reduce(|mut first, second| {
                        join(&mut first, &second);
                        first
                    });
                let Some(nested) = nested else {
                    unmatched.push(Unmatched::new(&names[1..], whole(&setting.path), &run));
                    continue;
                };
                nested
            }
            _ => nest(setting, &names),
        };
        layers.push(Layer { name: setting.layer.clone(), root });
    }
    layers
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
        let entry = Entry { key: name.as_str().into(), key_span: part.span, value: node };
        node = Node::map(part.span, vec![entry]);
    }
    node
}

/// An axis from outside a file takes the place of the grid's axis of the same key, or comes last.
fn with_axis(setting: &Setting, grid: Option<&Node>) -> Node {
    let axis = &setting.path[2];
    let mut entries: Vec<Entry> = grid.and_then(Node::entries).unwrap_or_default().to_vec();
    let new = Entry { key: axis.name.as_str().into(), key_span: axis.span, value: setting.value.clone() };
    match entries.iter_mut().find(|entry| entry.key == new.key) {
        Some(known) => *known = new,
        None => entries.push(new),
    }
    let whole_grid = Setting {
        layer: setting.layer.clone(),
        path: setting.path[..2].to_vec(),
        value: Node::map(axis.span, entries),
    };
    nest(&whole_grid, &["sweep".to_owned(), "grid".to_owned()])
}
