//! What a sweep varies: the keys of its overrides, a run's value of each, and which runs are replicates of each other.

use record::PlannedRun;
use serde_json::{Map, Number, Value};

/// The keys that a sweep sets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Every key that some run overrides, in the order of the plan.
    pub keys: Vec<String>,
    /// Those of [`keys`](Self::keys) that do not have the same value in all runs.
    pub differing: Vec<String>,
}

impl Settings {
    pub(crate) fn of(runs: &[&PlannedRun]) -> Self {
        let mut keys: Vec<String> = Vec::new();
        for key in runs.iter().flat_map(|run| run.overrides.keys()) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        let differs = |key: &&String| {
            let mut values = runs.iter().map(|run| setting(run, key));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        let differing = keys.iter().filter(differs).cloned().collect();
        Self { keys, differing }
    }
}

/// A run's value of a key: what the sweep set, else what the resolved configuration holds.
pub(crate) fn setting<'a>(run: &'a PlannedRun, key: &str) -> Option<&'a Value> {
    run.overrides.get(key).or_else(|| resolve(&run.config, &mut key.split('.')))
}

/// Follows a dotted key; `*` stands for all children, and has a value where they agree.
fn resolve<'a, 'k>(value: &'a Value, key: &mut (impl Iterator<Item = &'k str> + Clone)) -> Option<&'a Value> {
    let Some(name) = key.next() else { return Some(value) };
    let map = value.as_object()?;
    if name != "*" {
        return resolve(map.get(name)?, key);
    }
    let mut found = map.values().filter_map(|child| resolve(child, &mut key.clone()));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Whether a double-precision number holds it exactly.
pub(crate) fn is_exact(number: &Number) -> bool {
    const MAX: u64 = (1 << 53) - 1;
    number.is_f64() || number.as_i64().map_or(number.as_u64(), |whole| Some(whole.unsigned_abs())) <= Some(MAX)
}

/// Whether an overriding key, perhaps with `*` or with a whole map as its value, sets the leaf.
pub(crate) fn covers(key: &str, leaf: &str) -> bool {
    let mut parts = leaf.split('.');
    key.split('.').all(|name| parts.next().is_some_and(|part| name == "*" || name == part))
}

/// The settings of a configuration by their dotted keys. A list is one setting.
pub(crate) fn leaves(config: &Value) -> Map<String, Value> {
    fn descend(prefix: &str, value: &Value, leaves: &mut Map<String, Value>) {
        match value.as_object().filter(|map| !map.is_empty()) {
            Some(map) => {
                for (name, child) in map {
                    let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    descend(&key, child, leaves);
                }
            }
            None => {
                leaves.insert(prefix.to_owned(), value.clone());
            }
        }
    }
    let mut found = Map::new();
    descend("", config, &mut found);
    found
}

/// Short names that still distinguish the keys: `train.*.lr` is `lr` unless another key ends like it.
pub(crate) fn short_names(keys: &[String]) -> Vec<String> {
    let tail = |key: &str, parts: usize| {
        let names: Vec<&str> = key.split('.').filter(|name| *name != "*").collect();
        names[names.len().saturating_sub(parts)..].join(".")
    };
    let name = |key: &String| {
        let is_own = |parts: &usize| keys.iter().filter(|other| tail(other, *parts) == tail(key, *parts)).count() == 1;
        (1..key.split('.').count()).find(is_own).map_or_else(|| key.clone(), |parts| tail(key, parts))
    };
    keys.iter().map(name).collect()
}

/// The same for two runs that differ in nothing but the seed, for example `train.*.lr=0.0001 #3fa9c21b`.
pub(crate) fn group(run: &PlannedRun) -> String {
    let mut config = run.config.clone();
    if let Some(map) = config.as_object_mut() {
        map.shift_remove("seed");
    }
    let hash = blake3::hash(format!("{config}{:?}", run.overrides).as_bytes()).to_hex();
    let mut group: String = run.overrides.iter().map(|(key, value)| format!("{key}={} ", text(value))).collect();
    group.push_str(&format!("#{}", &hash[..8]));
    group
}

/// A value as a person would write it in the experiment file, on one line.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {}", text(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        number if reads_better_scientific(number) => scientific(number),
        other => other.to_string(),
    }
}

/// The values of a column of a table: to six digits, and alike, so that `1e-3` does not stand above `0.01`.
pub(crate) fn texts(values: &[Option<&Value>]) -> Vec<Option<String>> {
    let values: Vec<Option<Value>> = values.iter().map(|value| value.map(rounded)).collect();
    let known = || values.iter().flatten();
    let all_scientific =
        known().any(reads_better_scientific) && known().all(|value| value.as_f64().is_some_and(|number| number < 1.0));
    let write = if all_scientific { scientific } else { text };
    values.iter().map(|value| value.as_ref().map(write)).collect()
}

fn rounded(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() => {
            format!("{number:.5e}").parse::<f64>().map_or_else(|_| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

fn reads_better_scientific(value: &Value) -> bool {
    value.is_f64() && scientific(value).len() < value.to_string().len()
}

fn scientific(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| format!("{number:e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(seed: u64, overrides: Value, config: Value) -> PlannedRun {
        let overrides = overrides.as_object().unwrap().clone();
        PlannedRun { id: "x".into(), digest: None, seed, overrides, steps: 1, config }
    }

    #[test]
    fn a_key_that_a_run_does_not_override_is_looked_up_in_its_configuration() {
        let config = json!({"train": {"steps": 9, "generator": {"lr": 0.1}, "discriminator": {"lr": 0.1}}});
        let check = |key, expected: Option<Value>| {
            assert_eq!(
                setting(&run(0, json!({"model.loss": "hinge"}), config.clone()), key),
                expected.as_ref(),
                "{key}"
            );
        };
        check("model.loss", Some(json!("hinge")));
        check("train.steps", Some(json!(9)));
        check("train.*.lr", Some(json!(0.1)));
        check("train.*.beta1", None);
        check("train.steps.more", None);
    }

    #[test]
    fn children_that_disagree_have_no_common_value() {
        let config = json!({"train": {"generator": {"lr": 0.1}, "discriminator": {"lr": 0.2}}});
        assert_eq!(setting(&run(0, json!({}), config), "train.*.lr"), None);
    }

    #[test]
    fn replicates_share_a_group_and_others_do_not() {
        let group = |seed, lr: f64| group(&run(seed, json!({"lr": lr}), json!({"seed": seed, "lr": lr})));
        assert_eq!(group(0, 0.1), group(1, 0.1));
        assert_ne!(group(0, 0.1), group(0, 0.2));
        assert!(group(0, 1e-4).starts_with("lr=1e-4 #"));
    }

    #[test]
    fn keys_are_shortened_as_far_as_they_stay_apart() {
        let check = |keys: &[&str], expected: &[&str]| {
            assert_eq!(short_names(&keys.iter().map(|key| key.to_string()).collect::<Vec<_>>()), expected);
        };
        check(&["train.*.lr", "model.loss"], &["lr", "loss"]);
        check(&["train.generator.lr", "train.discriminator.lr"], &["generator.lr", "discriminator.lr"]);
        check(&["train.*.lr", "train.lr"], &["train.*.lr", "train.lr"]);
        check(&["seed"], &["seed"]);
    }

    #[test]
    fn a_leaf_is_covered_by_the_key_that_sets_it() {
        let config = json!({"train": {"generator": {"lr": 0.1}, "steps": 3}, "hidden": [1, 2], "empty": {}});
        assert_eq!(
            leaves(&config).keys().collect::<Vec<_>>(),
            ["train.generator.lr", "train.steps", "hidden", "empty"]
        );
        let check = |key, leaf, expected| assert_eq!(covers(key, leaf), expected, "{key} {leaf}");
        check("train.*.lr", "train.generator.lr", true);
        check("train", "train.generator.lr", true);
        check("train.generator.lr.x", "train.generator.lr", false);
        check("model", "train.generator.lr", false);
    }

    #[test]
    fn values_read_as_in_the_experiment_file() {
        let check = |value: Value, expected: &str| assert_eq!(text(&value), expected);
        check(json!(0.0001), "1e-4");
        check(json!(0.0002), "2e-4");
        check(json!(0.01), "0.01");
        check(json!(0.5), "0.5");
        check(json!(64), "64");
        check(json!("hinge"), "hinge");
        check(json!(true), "true");
        check(json!(1e-5), "1e-5");
        check(json!([1, [2.5, "x"]]), "[1, [2.5, x]]");
        check(json!({"kind": "r1", "weight": 10}), "{kind: r1, weight: 10}");
    }

    #[test]
    fn the_values_of_a_column_read_alike() {
        let check = |values: &[Value], expected: &[&str]| {
            let values: Vec<Option<&Value>> = values.iter().map(Some).collect();
            let texts: Vec<String> = texts(&values).into_iter().flatten().collect();
            assert_eq!(texts, expected);
        };
        check(&[json!(0.001), json!(0.01)], &["1e-3", "1e-2"]);
        check(&[json!(0.5), json!(0.9)], &["0.5", "0.9"]);
        check(&[json!(1e-4), json!("cosine")], &["1e-4", "cosine"]);
        check(&[json!(1e-4), json!(10)], &["1e-4", "10"]);
        check(&[json!(4.641588833612779e-5), json!(1e-3)], &["4.64159e-5", "1e-3"]);
        check(&[json!(0.30000000000000004)], &["0.3"]);
    }
}
