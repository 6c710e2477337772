//! How one value lies over another.
//!
//! Maps merge key by key; everything else is replaced. A map that states another variant (`architecture: mlp` over
//! `architecture: dcgan`) is replaced as a whole, so that the old variant's settings do not stay behind.

use serde_json::{Map, Value};

/// Keys whose value says which settings stand beside it.
pub(crate) const TAG_KEYS: [&str; 4] = ["architecture", "kind", "optimizer", "name"];

/// Lays `over` on top of `below`.
pub(crate) fn merge(below: &mut Value, over: &Value) {
    match (below, over) {
        (Value::Object(below), Value::Object(over)) if !states_another(below, over) => {
            for (key, value) in over {
                match below.get_mut(key) {
                    Some(known) => merge(known, value),
                    None => {
                        below.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (below, over) => *below = over.clone(),
    }
}

/// The paths of the maps in `below` that `over` replaces because it states another variant.
pub(crate) fn replaced(below: &Value, over: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    find_replaced(below, over, &mut Vec::new(), &mut found);
    found
}

fn find_replaced(below: &Value, over: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let (Value::Object(below), Value::Object(over)) = (below, over) else {
        return;
    };
    if states_another(below, over) {
        found.push(path.clone());
        return;
    }
    for (key, value) in over {
        if let Some(known) = below.get(key) {
            path.push(key.clone());
            find_replaced(known, value, path, found);
            path.pop();
        }
    }
}

fn states_another(below: &Map<String, Value>, over: &Map<String, Value>) -> bool {
    TAG_KEYS.iter().any(|key| matches!((below.get(*key), over.get(*key)), (Some(below), Some(over)) if below != over))
}

/// Sets the value at `path`, making maps on the way; a map joins a map that is there already.
pub(crate) fn set(root: &mut Value, path: &[String], value: &Value) {
    let Some((key, rest)) = path.split_first() else {
        return join(root, value);
    };
    if !root.is_object() {
        *root = Value::Object(Map::new());
    }
    if let Value::Object(map) = root {
        let child = map.entry(key.clone()).or_insert(Value::Null);
        set(child, rest, value);
    }
}

/// Like [`merge`], but within one layer, where a stated variant concerns the layers below and not this one.
pub(crate) fn join(below: &mut Value, over: &Value) {
    match (below, over) {
        (Value::Object(below), Value::Object(over)) => {
            for (key, value) in over {
                join(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, over) => *below = over.clone(),
    }
}

/// The value at `path`.
pub(crate) fn get<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_merge_and_variants_replace() {
        for (below, over, expected) in [
            (json!({"a": 1, "b": {"c": 2}}), json!({"b": {"d": 3}}), json!({"a": 1, "b": {"c": 2, "d": 3}})),
            (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
            (json!({"a": "none"}), json!({"a": {"kind": "x"}}), json!({"a": {"kind": "x"}})),
            (json!({"a": {"kind": "x"}}), json!({"a": "none"}), json!({"a": "none"})),
            (json!({"a": {"b": 1}}), json!({"a": null}), json!({"a": null})),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                json!({"g": {"architecture": "mlp"}}),
                json!({"g": {"architecture": "mlp"}}),
            ),
            (
                json!({"g": {"architecture": "dcgan", "channels": 64}}),
                json!({"g": {"architecture": "dcgan", "depth": 2}}),
                json!({"g": {"architecture": "dcgan", "channels": 64, "depth": 2}}),
            ),
            (
                json!({"g": {"kind": "a", "deep": {"optimizer": "adam", "lr": 1}}}),
                json!({"g": {"deep": {"optimizer": "sgd"}}}),
                json!({"g": {"kind": "a", "deep": {"optimizer": "sgd"}}}),
            ),
            (json!({"g": {"width": 3}}), json!({"g": {"kind": "a"}}), json!({"g": {"width": 3, "kind": "a"}})),
        ] {
            let mut merged = below.clone();
            merge(&mut merged, &over);
            assert_eq!(merged, expected, "{below} under {over}");
        }
    }

    #[test]
    fn replaced_maps_are_found_where_they_start() {
        let below = json!({"g": {"kind": "a"}, "h": {"deep": {"name": "x", "kind": "a"}}, "i": {"kind": "a"}});
        let over = json!({"g": {"kind": "b"}, "h": {"deep": {"name": "y"}}, "i": {"kind": "a"}});
        assert_eq!(replaced(&below, &over), [vec!["g"], vec!["h", "deep"]]);
    }

    #[test]
    fn settings_of_one_layer_do_not_displace_each_other() {
        let mut layer = json!({});
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        set(&mut layer, &path("train.generator.lr"), &json!(1));
        set(&mut layer, &path("train.generator"), &json!({"optimizer": "sgd"}));
        set(&mut layer, &path("train.generator.optimizer"), &json!("adam"));
        assert_eq!(layer, json!({"train": {"generator": {"lr": 1, "optimizer": "adam"}}}));
        assert_eq!(get(&layer, &path("train.generator.lr")), Some(&json!(1)));
        assert_eq!(get(&layer, &path("train.lr")), None);
    }
}
