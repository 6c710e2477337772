//! Resolved settings by their dotted names, and in what two runs differ.

use crate::plan::identity::short;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// A setting that two runs do not share; `None` where a run does not have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// As it is written below `run`: `train.generator.lr`.
    pub key: String,
    /// Its value in the one run.
    pub from: Option<Value>,
    /// Its value in the other.
    pub to: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {} → {}", self.key, text(self.from.as_ref()), text(self.to.as_ref()))
    }
}

/// A value in a sentence or a table.
pub(crate) fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "not set".to_owned(), short)
}

/// All settings of a resolved configuration by their dotted keys, in its order. Lists are values.
pub(crate) fn flatten(config: &Value) -> Map<String, Value> {
    fn walk(key: &str, value: &Value, flat: &mut Map<String, Value>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, value) in map {
                    let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                    walk(&key, value, flat);
                }
            }
            value => {
                flat.insert(key.to_owned(), value.clone());
            }
        }
    }
    let mut flat = Map::new();
    walk("", config, &mut flat);
    flat
}

/// What differs between two flattened configurations: in the order of the second, then what only the first has.
pub(crate) fn differences(from: &Map<String, Value>, to: &Map<String, Value>) -> Vec<Difference> {
    let keys = to.keys().chain(from.keys().filter(|key| !to.contains_key(*key)));
    let differing = keys.filter(|key| !same(from.get(*key), to.get(*key)));
    differing
        .map(|key| Difference { key: key.clone(), from: from.get(key).cloned(), to: to.get(key).cloned() })
        .collect()
}

/// What both networks changed alike as one line with `*`, as an experiment file would have it.
pub(crate) fn folded(differences: &[Difference]) -> Vec<Difference> {
    let fold = |difference: &Difference| {
        let Difference { from, to, .. } = difference;
        let alike = |key: &str| differences.iter().any(|d| d.key == key && (&d.from, &d.to) == (from, to));
        let key = folded_key(&difference.key, alike)?;
        Some(Difference { key, ..difference.clone() })
    };
    differences.iter().filter_map(fold).collect()
}

/// The key that stands for this one and for the other network's where `alike` says of that one that it differs in the
/// same way; `None` where the other one's does.
pub(crate) fn folded_key(key: &str, alike: impl Fn(&str) -> bool) -> Option<String> {
    const NETWORKS: [&str; 2] = [".generator.", ".discriminator."];
    let [generator, discriminator] = NETWORKS;
    if key.contains(discriminator) && alike(&key.replacen(discriminator, generator, 1)) {
        None
    } else if key.contains(generator) && alike(&key.replacen(generator, discriminator, 1)) {
        Some(key.replacen(generator, ".*.", 1))
    } else {
        Some(key.to_owned())
    }
}

/// Numbers are equal as numbers: `1` is `1.0`.
pub(crate) fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one.and_then(Value::as_f64), other.and_then(Value::as_f64)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(from: Value, to: Value) -> Vec<String> {
        let differences = differences(&flatten(&from), &flatten(&to));
        folded(&differences).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn keys_are_dotted_and_lists_are_values() {
        let flat = flatten(&json!({"a": {"b": 1, "c": {"d": [1, {"e": 2}]}}, "f": {}}));
        assert_eq!(Value::Object(flat), json!({"a.b": 1, "a.c.d": [1, {"e": 2}], "f": {}}));
    }

    #[test]
    fn each_difference_is_listed_once() {
        let check = |from, to, expected: &[&str]| assert_eq!(lines(from, to), expected);
        check(json!({"a": 1}), json!({"a": 1.0}), &[]);
        check(json!({"train": {"steps": 600}}), json!({"train": {"steps": 800}}), &["train.steps: 600 → 800"]);
        check(
            json!({"loss": "hinge", "old": [8]}),
            json!({"new": true, "loss": "hinge"}),
            &["new: not set → true", "old: [8] → not set"],
        );
        let lr = |g: f64, d: f64| json!({"train": {"generator": {"lr": g}, "discriminator": {"lr": d}}});
        check(lr(1e-4, 1e-4), lr(1e-3, 1e-3), &["train.*.lr: 1e-4 → 1e-3"]);
        check(
            lr(1e-4, 1e-4),
            lr(1e-3, 1e-2),
            &["train.generator.lr: 1e-4 → 1e-3", "train.discriminator.lr: 1e-4 → 1e-2"],
        );
        check(lr(1e-4, 1e-4), lr(1e-4, 1e-2), &["train.discriminator.lr: 1e-4 → 1e-2"]);
    }
}
