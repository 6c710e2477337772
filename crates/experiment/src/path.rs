//! Paths to settings: `train.generator.lr`, and patterns such as `train.*.lr`.

use serde_json::Value;

use crate::names::quote;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

/// `run.evaluate.metrics[1]`, in backticks.
pub(crate) fn show(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    quote(&text)
}

/// The keys as steps.
pub(crate) fn steps(keys: &[String]) -> Vec<Step> {
    keys.iter().cloned().map(Step::Key).collect()
}

/// Whether a pattern has a `*`.
pub(crate) fn is_pattern(keys: &[String]) -> bool {
    keys.iter().any(|key| key == "*")
}

/// The paths in `value` that a pattern matches: `*` is every map that has the key after it.
///
/// Without a `*` the pattern is the path, whether the value has it or not.
pub(crate) fn expand(pattern: &[String], value: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    expand_below(pattern, Some(value), &mut Vec::new(), &mut found);
    found
}

fn expand_below(pattern: &[String], value: Option<&Value>, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some((key, rest)) = pattern.split_first() else {
        found.push(path.clone());
        return;
    };
    if key != "*" {
        path.push(key.clone());
        expand_below(rest, value.and_then(|value| value.get(key)), path, found);
        path.pop();
        return;
    }
    let children = value.and_then(Value::as_object).into_iter().flatten();
    for (name, child) in children {
        let fits = match rest.first() {
            Some(next) if next == "*" => child.is_object(),
            Some(next) => child.get(next).is_some(),
            None => false,
        };
        if fits {
            path.push(name.clone());
            expand_below(rest, Some(child), path, found);
            path.pop();
        }
    }
}

/// The names that could stand in a pattern that fits nothing: the keys of the maps that its first `*` matches.
pub(crate) fn names_after_wildcard(pattern: &[String], value: &Value) -> Vec<String> {
    let Some(star) = pattern.iter().position(|key| key == "*") else {
        return Vec::new();
    };
    let parent = pattern[..star].iter().try_fold(value, |value, key| value.get(key));
    let children = parent.and_then(Value::as_object).into_iter().flatten();
    let mut names: Vec<String> = Vec::new();
    for (_, child) in children {
        for name in child.as_object().into_iter().flatten().map(|(name, _)| name) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_star_is_every_map_with_the_next_key() {
        let value = json!({"train": {
            "steps": 1,
            "generator": {"lr": 1, "deep": {"x": 1}},
            "discriminator": {"lr": 1},
            "average": {"decay": 1},
            "other": null,
        }});
        for (pattern, expected) in [
            ("train.*.lr", vec!["train.generator.lr", "train.discriminator.lr"]),
            ("train.*.decay", vec!["train.average.decay"]),
            ("train.*.lrr", vec![]),
            ("train.*", vec![]),
            ("*", vec![]),
            ("*.*.lr", vec!["train.generator.lr", "train.discriminator.lr"]),
            ("train.*.deep.y", vec!["train.generator.deep.y"]),
            ("nothing.*.lr", vec![]),
            ("train.steps.*.lr", vec![]),
            ("nothing.at.all", vec!["nothing.at.all"]),
        ] {
            let pattern: Vec<String> = pattern.split('.').map(str::to_owned).collect();
            let found: Vec<String> = expand(&pattern, &value).iter().map(|p| p.join(".")).collect();
            assert_eq!(found, expected, "{pattern:?}");
        }
        let pattern = ["train", "*", "lrr"].map(str::to_owned);
        assert_eq!(names_after_wildcard(&pattern, &value), ["lr", "deep", "decay"]);
    }

    #[test]
    fn paths_are_shown_as_they_are_written() {
        let path = [Step::Key("run".into()), Step::Key("metrics".into()), Step::Index(1)];
        assert_eq!(show(&path), "`run.metrics[1]`");
    }
}
