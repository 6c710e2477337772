//! How settings are merged into one tree.
//!
//! Maps join key by key; everything else is replaced. A map that states another variant (`architecture: mlp` over
//! `architecture: dcgan`) is replaced as a whole, so that the old variant's settings do not stay behind.

use std::collections::HashMap;
use std::rc::Rc;

use family::Implied;

use crate::node::{Data, Entry, Node};
use crate::path::Step;
use crate::source::Span;

/// Keys whose value says which settings stand beside it.
pub(crate) const TAG_KEYS: [&str; 4] = ["architecture", "kind", "optimizer", "name"];

/// How settings state a variant other than by its tag.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tags<'a> {
    /// Settings that imply the tag: a map with `layers` has `architecture: layers`.
    pub implied: &'a [Implied],
    /// Settings that may be a word, by their dotted paths below `run`, and the tag that the word is the value of.
    pub words: &'a [(&'a str, &'a str)],
}

/// The paths of the maps in `below` that `over` replaces because it states another variant.
pub(crate) fn replaced(below: &Node, over: &Node, tags: Tags<'_>) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    tags.find_replaced(below, over, &mut Vec::new(), &mut found);
    found
}

/// The same for a layer that only sets the value at `path`.
pub(crate) fn replaced_at(below: &Node, path: &[String], value: &Node, tags: Tags<'_>) -> Vec<Vec<String>> {
    replaced(below, &nested(path, value), tags)
}

/// Writes a word as the map that it stands for wherever `over` adds settings to it: under `weight: 10`, `penalty: r1` is
/// `penalty: { kind: r1 }`. Returns where that was.
pub(crate) fn spell_out(below: &mut Node, over: &Node, tags: Tags<'_>) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (path, tag) in tags.words {
        let keys = || path.split('.');
        let adds = |map: &Node| map.entries().is_some() && map.entry(tag).is_none() && tags.implied(map, tag).is_none();
        if over.get(keys()).is_some_and(adds)
            && let Some(word) = below.at_mut(&keys().map(Step::from).collect::<Vec<_>>())
            && word.text().is_some_and(|text| text != "none")
        {
            *word = nested(&[(*tag).to_owned()], word);
            found.push(keys().map(str::to_owned).collect());
        }
    }
    found
}

/// The same for a layer that only sets the value at `path`.
pub(crate) fn spell_out_at(below: &mut Node, path: &[String], value: &Node, tags: Tags<'_>) {
    spell_out(below, &nested(path, value), tags);
}

/// A value below the maps that lead to it.
fn nested(path: &[String], value: &Node) -> Node {
    path.iter().rev().fold(value.clone(), |value, key| {
        let span = value.span;
        Node::map(span, vec![Entry { key: key.as_str().into(), key_span: span, value }])
    })
}

impl Tags<'_> {
    fn find_replaced(&self, below: &Node, over: &Node, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        let (Some(known), Some(entries)) = (below.entries(), over.entries()) else {
            return;
        };
        let is_another = |tag: &&str| match (below.entry(tag), over.entry(tag)) {
            (Some(below), Some(over)) => !below.value.equals(&over.value),
            (Some(stated), None) => self.implied(over, tag).is_some_and(|name| stated.value.text() != Some(name)),
            (None, Some(stated)) => self.implied(below, tag).is_some_and(|name| stated.value.text() != Some(name)),
            (None, None) => false,
        };
        if TAG_KEYS.iter().any(is_another) {
            found.push(path.clone());
            return;
        }
        let places = places(known);
        for entry in entries {
            if let Some(known) = places.get(&entry.key).map(|place| &known[*place]) {
                path.push(entry.key.to_string());
                self.find_replaced(&known.value, &entry.value, path, found);
                path.pop();
            }
        }
    }

    /// The variant that a map states under this tag by a setting that no other variant has.
    fn implied(&self, map: &Node, tag: &str) -> Option<&'static str> {
        let of_tag = self.implied.iter().filter(|implied| implied.tag == tag);
        of_tag.into_iter().find(|implied| map.entry(implied.key).is_some()).map(|implied| implied.name)
    }
}

/// Takes out what is at `path`.
pub(crate) fn remove(root: &mut Node, path: &[String]) {
    let Data::Map(entries) = &mut root.data else {
        return;
    };
    match path {
        [] => entries_of(entries).clear(),
        [key] => entries_of(entries).retain(|entry| *entry.key != **key),
        [key, rest @ ..] => {
            if let Some(place) = entries.iter().position(|entry| *entry.key == **key) {
                remove(&mut entries_of(entries)[place].value, rest);
            }
        }
    }
}

/// Sets the value at `path`, making maps on the way. `place` says where the key of a step is written.
pub(crate) fn set(root: &mut Node, path: &[String], place: &dyn Fn(usize) -> Span, value: &Node) {
    set_below(root, path, 0, place, value);
}

fn set_below(node: &mut Node, path: &[String], depth: usize, place: &dyn Fn(usize) -> Span, value: &Node) {
    let Some(key) = path.get(depth) else {
        return join(node, value);
    };
    if !matches!(node.data, Data::Map(_)) {
        *node = Node::map(place(depth.saturating_sub(1)), Vec::new());
    }
    let Data::Map(entries) = &mut node.data else {
        return;
    };
    let entries = entries_of(entries);
    let found = entries.iter().position(|entry| *entry.key == **key);
    let at = found.unwrap_or_else(|| {
        let key_span = place(depth);
        let value = Node { span: key_span, data: Data::Null };
        entries.push(Entry { key: key.as_str().into(), key_span, value });
        entries.len() - 1
    });
    if depth + 1 == path.len() {
        entries[at].key_span = place(depth);
    }
    set_below(&mut entries[at].value, path, depth + 1, place, value);
}

/// Joins what one layer states: a variant stated in `over` concerns other layers and not this one.
pub(crate) fn join(below: &mut Node, over: &Node) {
    let (Data::Map(known), Data::Map(more)) = (&mut below.data, &over.data) else {
        *below = over.clone();
        return;
    };
    below.span = over.span;
    let known = entries_of(known);
    let places = places(known);
    for entry in more.iter() {
        match places.get(&entry.key) {
            Some(place) => {
                known[*place].key_span = entry.key_span;
                join(&mut known[*place].value, &entry.value);
            }
            None => known.push(entry.clone()),
        }
    }
}

fn places(entries: &[Entry]) -> HashMap<Rc<str>, usize> {
    entries.iter().enumerate().map(|(place, entry)| (entry.key.clone(), place)).collect()
}

fn entries_of(entries: &mut Rc<Vec<Entry>>) -> &mut Vec<Entry> {
    Rc::make_mut(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const BELOW: Span = Span::on_line(0, 1, 0, 1);
    const OVER: Span = Span::on_line(0, 2, 0, 1);

    const IMPLIED: [Implied; 3] = [
        Implied { key: "layers", tag: "architecture", name: "layers" },
        Implied { key: "discriminator", tag: "kind", name: "formula" },
        Implied { key: "generator", tag: "kind", name: "formula" },
    ];

    const TAGS: Tags<'_> = Tags { implied: &IMPLIED, words: &[("loss", "kind")] };

    fn node(value: &Value, span: Span) -> Node {
        Node::from_json(value, span)
    }

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn a_value_takes_the_place_of_another() {
        for (below, at, value, expected) in [
            (json!({"a": 1, "b": {"c": 2}}), "b", json!({"d": 3}), json!({"a": 1, "b": {"c": 2, "d": 3}})),
            (json!({"a": [1, 2]}), "a", json!([3]), json!({"a": [3]})),
            (json!({"a": "none"}), "a.kind", json!("x"), json!({"a": {"kind": "x"}})),
            (json!({"a": {"kind": "x"}}), "a", json!("none"), json!({"a": "none"})),
            (json!({"a": {"b": 1}}), "a", json!(null), json!({"a": null})),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                "g",
                json!({"architecture": "mlp"}),
                json!({"g": {"architecture": "mlp"}}),
            ),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                "g.architecture",
                json!("mlp"),
                json!({"g": {"architecture": "mlp"}}),
            ),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                "g",
                json!({"architecture": "dcgan", "depth": 2}),
                json!({"g": {"architecture": "dcgan", "channels": 64, "depth": 2}}),
            ),
            (
                json!({"g": {"kind": "a", "deep": {"optimizer": "adam", "lr": 1}}}),
                "g",
                json!({"deep": {"optimizer": "sgd"}}),
                json!({"g": {"kind": "a", "deep": {"optimizer": "sgd"}}}),
            ),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                "g",
                json!({"layers": ["relu"]}),
                json!({"g": {"layers": ["relu"]}}),
            ),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                "g.layers",
                json!(["relu"]),
                json!({"g": {"layers": ["relu"]}}),
            ),
            (
                json!({"g": {"layers": ["relu"]}}),
                "g",
                json!({"architecture": "dcgan"}),
                json!({"g": {"architecture": "dcgan"}}),
            ),
            (
                json!({"g": {"architecture": "layers", "layers": ["relu"], "spectral_norm": true}}),
                "g",
                json!({"layers": ["tanh"]}),
                json!({"g": {"architecture": "layers", "layers": ["tanh"], "spectral_norm": true}}),
            ),
            (
                json!({"g": {"layers": ["relu"]}}),
                "g.architecture",
                json!("dcgan"),
                json!({"g": {"architecture": "dcgan"}}),
            ),
            (
                json!({"loss": {"kind": "energy", "margin": 1}, "generator": {"architecture": "dcgan", "channels": 8}}),
                "loss",
                json!({"discriminator": "fake - real", "generator": "-fake"}),
                json!({
                    "loss": {"discriminator": "fake - real", "generator": "-fake"},
                    "generator": {"architecture": "dcgan", "channels": 8}
                }),
            ),
            (
                json!({"loss": {"kind": "energy", "margin": 1}}),
                "loss.generator",
                json!("-fake"),
                json!({"loss": {"generator": "-fake"}}),
            ),
            (
                json!({"loss": {"discriminator": "fake - real", "generator": "-fake"}}),
                "loss.kind",
                json!("energy"),
                json!({"loss": {"kind": "energy"}}),
            ),
            (
                json!({"loss": {"discriminator": "fake - real", "generator": "-fake"}}),
                "loss.generator",
                json!("softplus(-fake)"),
                json!({"loss": {"discriminator": "fake - real", "generator": "softplus(-fake)"}}),
            ),
            (json!({"loss": "energy"}), "loss.margin", json!(2), json!({"loss": {"kind": "energy", "margin": 2}})),
            (json!({"loss": "energy"}), "loss", json!({"margin": 2}), json!({"loss": {"kind": "energy", "margin": 2}})),
            (json!({"loss": "energy"}), "loss", json!({"kind": "hinge"}), json!({"loss": {"kind": "hinge"}})),
            (json!({"loss": "energy"}), "loss.generator", json!("-fake"), json!({"loss": {"generator": "-fake"}})),
            (json!({"loss": "none"}), "loss.margin", json!(2), json!({"loss": {"margin": 2}})),
            (json!({"loss": "energy"}), "loss", json!("hinge"), json!({"loss": "hinge"})),
            (json!({"g": {"width": 3}}), "g.kind", json!("a"), json!({"g": {"width": 3, "kind": "a"}})),
        ] {
            let (mut merged, value) = (node(&below, BELOW), node(&value, OVER));
            for gone in replaced_at(&merged, &path(at), &value, TAGS) {
                remove(&mut merged, &gone);
            }
            spell_out_at(&mut merged, &path(at), &value, TAGS);
            set(&mut merged, &path(at), &|_| OVER, &value);
            assert_eq!(merged.to_json(), expected, "{below} under {at}");
        }
    }

    #[test]
    fn replaced_maps_are_found_where_they_start() {
        let below = json!({"g": {"kind": "a"}, "h": {"deep": {"name": "x", "kind": "a"}}, "i": {"kind": "a"}});
        let over = json!({"g": {"kind": "b"}, "h": {"deep": {"name": "y"}}, "i": {"kind": "a"}});
        assert_eq!(replaced(&node(&below, BELOW), &node(&over, OVER), Tags::default()), [vec!["g"], vec!["h", "deep"]]);
    }

    #[test]
    fn settings_of_one_layer_do_not_displace_each_other() {
        let mut layer = Node::map(BELOW, Vec::new());
        for (at, value) in [
            ("train.generator.lr", json!(1)),
            ("train.generator", json!({"optimizer": "sgd"})),
            ("train.generator.optimizer", json!("adam")),
        ] {
            set(&mut layer, &path(at), &|_| OVER, &node(&value, OVER));
        }
        assert_eq!(layer.to_json(), json!({"train": {"generator": {"lr": 1, "optimizer": "adam"}}}));
    }

    #[test]
    fn maps_on_the_way_keep_their_place() {
        let mut tree = node(&json!({"a": {"b": {"c": 1}}}), BELOW);
        set(&mut tree, &path("a.b.c"), &|_| OVER, &node(&json!(2), OVER));
        set(&mut tree, &path("a.d.e"), &|_| OVER, &node(&json!(2), OVER));
        let place = |keys: &[&str]| tree.reach(&keys.iter().map(|key| (*key).into()).collect::<Vec<_>>());
        assert_eq!((place(&["a", "b"]).key, place(&["a", "b"]).value), (Some(BELOW), BELOW));
        assert_eq!((place(&["a", "b", "c"]).key, place(&["a", "b", "c"]).value), (Some(OVER), OVER));
        assert_eq!(place(&["a", "d"]).key, Some(OVER));
    }
}
