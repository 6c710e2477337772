//! A run's id: a slug of what differs, and a hash of what changes its numbers.

use serde_json::{Map, Value};
use std::fmt::Write;
use training::RunConfig;

/// Letters of a slug before its hash.
const SLUG_LENGTH: usize = 60;

/// Part of every id, whatever format the record has. Raised only where the same settings shall make another run.
const FORMAT: u32 = 1;

/// Digits of a digest.
pub(crate) const DIGEST_LENGTH: usize = 32;

/// Lengths of a hash in an id: the first at which the runs of a plan have different ids.
pub(crate) const HASH_LENGTHS: [usize; 3] = [8, 16, DIGEST_LENGTH];

/// `guide-lr1e-4-s0`, an id without its hash: model, overrides, seed.
pub(crate) fn name(config: &RunConfig, overrides: &Map<String, Value>) -> String {
    let mut slug = model_name(config);
    for (key, value) in overrides.iter().filter(|(key, _)| *key != "model.preset") {
        let _ = write!(slug, "-{}", part(key, value));
    }
    let mut slug: String =
        slug.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
    slug.truncate(SLUG_LENGTH);
    format!("{slug}-s{}", config.seed)
}

/// `guide-lr1e-4-s0-3fa9c21b`: a name, and so many digits of the run's digest.
pub(crate) fn run_id(name: &str, digest: &str, length: usize) -> String {
    format!("{name}-{}", &digest[..length])
}

fn model_name(config: &RunConfig) -> String {
    config.model.preset.clone().unwrap_or_else(|| {
        let generator = serde_json::to_value(&config.model.generator).unwrap_or_default();
        generator["architecture"].as_str().unwrap_or("gan").to_owned()
    })
}

/// Numbers keep the last word of their key; words speak for themselves.
fn part(key: &str, value: &Value) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    let tag =
        |value: &Value| ["kind", "architecture", "name"].iter().find_map(|tag| value[*tag].as_str().map(str::to_owned));
    match value {
        Value::String(word) => word.clone(),
        Value::Object(_) => tag(value).unwrap_or_else(|| name.to_owned()),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(|item| tag(item).unwrap_or_else(|| name.to_owned())).collect::<Vec<_>>().join("-")
        }
        // `beta1_0.9`, for `beta10.9` reads as another setting.
        value if name.ends_with(|c: char| c.is_ascii_digit()) => format!("{name}_{}", short(value)),
        value => format!("{name}{}", short(value)),
    }
}

/// A value in as few letters as it takes: `1e-4`, `0.5`, `64`.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Number(number) => {
            let plain = number.to_string();
            let plain = plain.strip_suffix(".0").unwrap_or(&plain);
            let exponential = number.as_f64().filter(|x| x.abs() < 0.1 && *x != 0.0).map(|x| format!("{x:e}"));
            exponential.filter(|text| text.len() <= plain.len()).unwrap_or_else(|| plain.to_owned())
        }
        value => value.to_string(),
    }
}

/// 32 hexadecimal digits over the resolved configuration, the data's contents and the format version. A preset's
/// name and the paths of data and of weights change no number and are left out.
pub(crate) fn digest(config: &RunConfig, fingerprint: &str) -> String {
    digest_of(&plain(config), fingerprint)
}

/// The same of a configuration as plain data.
pub(crate) fn digest_of(config: &Value, fingerprint: &str) -> String {
    hash(config, fingerprint, &WITHOUT_A_NUMBER)
}

/// The same over what the weights after each step follow from: without the number of steps, and without what a run records
/// and when it ends by itself. Learning rates may still depend on the number of steps.
pub(crate) fn trajectory(config: &RunConfig, fingerprint: &str) -> String {
    hash(&plain(config), fingerprint, &[&WITHOUT_A_NUMBER[..], &WITHOUT_A_WEIGHT[..]].concat())
}

/// A resolved configuration as it stands in plans.
pub(crate) fn plain(config: &RunConfig) -> Value {
    serde_json::to_value(config).expect("a configuration is plain data")
}

/// Settings that change no number of a run.
const WITHOUT_A_NUMBER: [&[&str]; 3] =
    [&["model", "preset"], &["model", "weights", "file"], &["evaluate", "inception", "file"]];

/// Settings that change none of its weights.
const WITHOUT_A_WEIGHT: [&[&str]; 6] =
    [&["sample"], &["evaluate"], &["stop"], &["checkpoint"], &["log"], &["train", "steps"]];

fn hash(config: &Value, fingerprint: &str, left_out: &[&[&str]]) -> String {
    let mut text = String::new();
    canonical(config, left_out, Some(fingerprint), &mut text);
    let _ = write!(text, "\nformat {FORMAT}");
    blake3::hash(text.as_bytes()).to_hex()[..DIGEST_LENGTH].to_owned()
}

/// JSON with sorted keys, so that the order of fields in the code does not matter, without the settings at some paths. A
/// fingerprint stands for the data.
fn canonical(value: &Value, left_out: &[&[&str]], fingerprint: Option<&str>, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (key, value) in entries {
                let below = left_out.iter().filter_map(|path| path.split_first()).filter(|(first, _)| *first == key);
                let below: Vec<&[&str]> = below.map(|(_, rest)| rest).collect();
                if below.iter().any(|rest| rest.is_empty()) {
                    continue;
                }
                let _ = write!(out, "{key:?}:");
                match fingerprint.filter(|_| key == "data") {
                    Some(fingerprint) => drop(write!(out, "{}", Value::from(fingerprint))),
                    None => canonical(value, &below, None, out),
                }
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, &[], None, out);
                out.push(',');
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(config: Value, overrides: Value) -> String {
        let config: RunConfig = serde_json::from_value(config).unwrap();
        run_id(&name(&config, overrides.as_object().unwrap()), &digest(&config, "blake3:data"), 8)
    }

    #[test]
    fn the_slug_says_what_differs() {
        let check = |config: Value, overrides: Value, slug: &str| {
            let id = id(config, overrides);
            let (found, hash) = id.rsplit_once('-').unwrap();
            assert_eq!((found, hash.len()), (slug, 8));
        };
        check(json!({"model": {"preset": "guide"}}), json!({"train.*.lr": 1e-4}), "guide-lr1e-4-s0");
        check(json!({"seed": 3}), json!({"model.loss": "hinge", "train.steps": 500}), "guide-hinge-steps500-s3");
        check(json!({}), json!({"model.preset": "dcgan", "a": {"kind": "r1"}, "x/y": 0.5}), "guide-r1-x_y0.5-s0");
        check(json!({}), json!({"train.*.lr": 0.01}), "guide-lr1e-2-s0");
        check(json!({}), json!({"train.*.beta1": 0}), "guide-beta1_0-s0");
        check(json!({}), json!({"model.penalty": [{"kind": "r1"}, {"kind": "r2", "every": 2}]}), "guide-r1-r2-s0");
    }

    #[test]
    fn the_hash_follows_what_changes_numbers_and_nothing_else() {
        let plain = id(json!({}), json!({}));
        let hash = |config| id(config, json!({})).rsplit_once('-').unwrap().1.to_owned();
        let same = plain.rsplit_once('-').unwrap().1;
        assert_eq!(same, hash(json!({"model": {"preset": "guide"}})));
        assert_eq!(same, hash(json!({"data": {"name": "idx", "images": "/somewhere"}})));
        assert_ne!(same, hash(json!({"seed": 1})));
        assert_ne!(same, hash(json!({"train": {"generator": {"epsilon": 1e-7}}})));
    }

    #[test]
    fn a_trajectory_is_of_what_changes_weights() {
        let of = |config: Value| trajectory(&serde_json::from_value(config).unwrap(), "blake3:data");
        let plain = of(json!({}));
        for same in [
            json!({"train": {"steps": 7}}),
            json!({"sample": {"every": 7}, "log": {"every": 3}, "checkpoint": {"every": 5, "final": "weights"}}),
            json!({"evaluate": {}, "stop": {"collapsed": "none"}, "model": {"preset": "guide"}}),
        ] {
            assert_eq!(of(same.clone()), plain, "{same}");
        }
        for other in [json!({"seed": 1}), json!({"train": {"batch_size": 8}}), json!({"model": {"loss": "hinge"}})] {
            assert_ne!(of(other.clone()), plain, "{other}");
        }
    }

    /// Files of weights are what they hold, wherever they lie.
    #[test]
    fn the_hash_follows_the_contents_of_weights() {
        let hash = |place: &str, file: &str, digest: &str| {
            let weights = json!({ "file": file, "digest": digest });
            let (section, key) = place.split_once('.').unwrap();
            id(json!({ section: { key: weights } }), json!({})).rsplit_once('-').unwrap().1.to_owned()
        };
        for place in ["model.weights", "evaluate.inception"] {
            assert_eq!(hash(place, "here", "blake3:1"), hash(place, "there", "blake3:1"), "{place}");
            assert_ne!(hash(place, "here", "blake3:1"), hash(place, "here", "blake3:2"), "{place}");
        }
        assert_ne!(
            id(json!({ "evaluate": {} }), json!({})),
            id(json!({ "evaluate": { "inception": "x" } }), json!({}))
        );
    }

    #[test]
    fn the_hash_is_pinned_so_that_no_release_orphans_finished_runs() {
        assert_eq!(id(json!({}), json!({})), "guide-s0-54ec0c47");
    }
}
