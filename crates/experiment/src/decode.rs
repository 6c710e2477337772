//! A value to a typed section, finding every fault and not only the first.
//!
//! serde stops at the first fault. So the faulty setting is removed, which leaves its default, and the rest is decoded
//! again until it fits.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::merge::TAG_KEYS;
use crate::path::{Step, show, value_at, value_at_mut};
use crate::problem::{nearest, quote};
use crate::source::{Span, Texts};
use crate::words::{Said, name_label, number_label, plain_expected, plain_found, understand, upper_bound};

/// Rounds of repair: more faults than this are not worth a reader's time.
const MOST_ROUNDS: usize = 100;

/// Something in a value that its type refuses.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Below the section.
    pub path: Vec<Step>,
    pub mark: Mark,
    pub message: String,
    pub label: Option<String>,
    /// The number that the message names.
    number: Option<String>,
}

impl Fault {
    /// The message with the number as it was typed: `1e1`, where serde says `10.0`.
    pub fn message(&self, span: Span, texts: &Texts) -> String {
        match self.number.as_deref().zip(texts.typed_number(span)) {
            Some((number, typed)) => {
                self.message.replacen(&format!("not {number}"), &format!("not the number {}", quote(typed)), 1)
            }
            None => self.message.clone(),
        }
    }
}

/// What to mark in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The key itself: it should not be there.
    Key,
    /// The value that the key has.
    Value,
    /// The setting as a whole: something in it is missing or does not fit the rest.
    Setting,
}

/// Decodes a section. The typed value is there if there are no faults, or if it decodes without the faulty settings.
pub(crate) fn inspect<T: DeserializeOwned>(value: &Value, section: &str) -> (Option<T>, Vec<Fault>) {
    let mut inspection = Inspection::new(section, value.clone());
    let decoded = inspection.run();
    (decoded, inspection.faults)
}

struct Inspection<'a> {
    section: &'a str,
    value: Value,
    /// What was taken out, in the places of the original value.
    removed: Vec<Vec<Step>>,
    faults: Vec<Fault>,
    /// Whether it asks what is wrong with a variant that nobody stated.
    is_trial: bool,
}

impl<'a> Inspection<'a> {
    fn new(section: &'a str, value: Value) -> Self {
        Inspection { section, value, removed: Vec::new(), faults: Vec::new(), is_trial: false }
    }

    fn run<T: DeserializeOwned>(&mut self) -> Option<T> {
        for _ in 0..MOST_ROUNDS {
            let error = match serde_path_to_error::deserialize::<_, T>(&self.value) {
                Ok(decoded) => return Some(decoded),
                Err(error) => error,
            };
            let path = self.steps(error.path());
            let said = understand(&error.inner().to_string());
            let path = self.narrow(path, &said);
            if !self.is_consequence(&path, &said) {
                let fault = self.fault(self.original(&path), &said);
                self.faults.push(fault);
                if let Said::MissingKey { name } = &said
                    && TAG_KEYS.contains(&name.as_str())
                    && !self.is_trial
                {
                    let unknown = self.unknown_beside::<T>(&path, name);
                    self.faults.extend(unknown);
                }
            }
            if !self.remove(path) {
                return None;
            }
        }
        None
    }

    /// The path of serde, without what is no step into the value.
    fn steps(&self, path: &serde_path_to_error::Path) -> Vec<Step> {
        let mut steps = Vec::new();
        for segment in path {
            let step = match segment {
                Segment::Seq { index } => Step::Index(*index),
                Segment::Map { key } => Step::Key(key.clone()),
                Segment::Enum { variant } => {
                    let here = value_at(&self.value, &steps);
                    match here.and_then(|here| here.get(variant)) {
                        Some(_) => Step::Key(variant.clone()),
                        None => continue,
                    }
                }
                Segment::Unknown => break,
            };
            steps.push(step);
        }
        steps
    }

    /// serde loses the path inside tagged and untagged enums: there the faulty setting is found by what it says.
    fn narrow(&self, path: Vec<Step>, said: &Said) -> Vec<Step> {
        let Some(here) = value_at(&self.value, &path) else {
            return path;
        };
        let below = match said {
            Said::UnknownKey { name, .. } => {
                if matches!(path.last(), Some(Step::Key(key)) if key == name) {
                    return path;
                }
                search(here, &|key, _| matches!(key, Step::Key(key) if key == name))
            }
            Said::UnknownName { name, .. } => {
                search(here, &|_, value| value.as_str() == Some(name) || has_only_key(value, name))
            }
            Said::Wrong { found, .. } if here.is_object() && found != "map" => {
                search(here, &|_, value| describes(found, value))
            }
            _ => None,
        };
        match below {
            Some(below) => [path, below].concat(),
            None => path,
        }
    }

    /// The keys of a map without its tag that no variant has: one of them may be the tag itself, misspelt.
    fn unknown_beside<T: DeserializeOwned>(&self, path: &[Step], tag: &str) -> Vec<Fault> {
        let with_tag = |variant: &str| {
            let mut value = self.value.clone();
            if let Some(Value::Object(map)) = value_at_mut(&mut value, path) {
                map.insert(tag.to_owned(), Value::from(variant));
            }
            value
        };
        let Err(error) = T::deserialize(with_tag("")) else {
            return Vec::new();
        };
        let Said::UnknownName { valid: variants, .. } = understand(&error.to_string()) else {
            return Vec::new();
        };
        // For each variant the keys that it does not have, with a note.
        let refused: Vec<Vec<(Step, Option<String>)>> = variants
            .iter()
            .map(|variant| {
                let mut trial = Inspection { is_trial: true, ..Inspection::new(self.section, with_tag(variant)) };
                let _ = trial.run::<T>();
                let faults = trial.faults.into_iter().filter(|fault| fault.mark == Mark::Key);
                let below = faults.filter_map(|fault| match fault.path.split_last() {
                    Some((key, parent)) if parent == path => Some((key.clone(), fault.label)),
                    _ => None,
                });
                below.collect()
            })
            .collect();
        let keys = value_at(&self.value, path).and_then(Value::as_object).into_iter().flat_map(Map::keys);
        keys.filter_map(|name| {
            let step = Step::Key(name.clone());
            let notes: Option<Vec<&Option<String>>> =
                refused.iter().map(|keys| keys.iter().find(|(key, _)| *key == step).map(|(_, note)| note)).collect();
            let note = notes?.into_iter().flatten().find(|note| note.starts_with("did you mean")).cloned();
            let said = Said::UnknownKey { name: name.clone(), valid: Vec::new() };
            let fault = self.fault(self.original(&[path, &[step]].concat()), &said);
            let label = nearest(name, [tag]).map(|tag| format!("did you mean `{tag}`?")).or(note);
            Some(Fault { label, ..fault })
        })
        .collect()
    }

    /// A fault that only the removal of another one brought about.
    fn is_consequence(&self, path: &[Step], said: &Said) -> bool {
        let original = self.original(path);
        self.removed.iter().any(|removed| match said {
            Said::MissingKey { name } => match removed.split_last() {
                Some((Step::Key(key), parent)) => parent == original && key == name,
                _ => false,
            },
            Said::Wrong { .. } | Said::Other(_) => removed.len() > original.len() && removed.starts_with(&original),
            _ => false,
        })
    }

    fn fault(&self, path: Vec<Step>, said: &Said) -> Fault {
        let section = [Step::Key(self.section.to_owned())];
        let full = [&section[..], &path].concat();
        let parent = &full[..full.len().max(2) - 1];
        let mut number = None;
        let (mark, message, label) = match said {
            Said::UnknownKey { name, valid } => {
                (Mark::Key, format!("unknown key {} in {}", quote(name), show(parent)), name_label(name, valid, true))
            }
            Said::UnknownName { name, valid } => {
                (Mark::Value, format!("{} is no value of {}", quote(name), show(&full)), name_label(name, valid, false))
            }
            Said::MissingKey { name } => {
                (Mark::Setting, format!("the key {} is missing in {}", quote(name), show(&full)), None)
            }
            Said::DuplicateKey { name } => {
                (Mark::Setting, format!("the key {} is given twice in {}", quote(name), show(&full)), None)
            }
            Said::Wrong { found, expected } => {
                let expected = upper_bound(found, expected).unwrap_or_else(|| plain_expected(expected));
                let label = number_label(found, &expected);
                let found = plain_found(found);
                number = found.starts_with("the number").then(|| found.clone());
                let message = format!("{} must be {expected}, not {found}", show(&full));
                (Mark::Value, message, label)
            }
            Said::Other(message) => (Mark::Value, format!("{}: {message}", show(&full)), None),
        };
        Fault { path, mark, message, label, number }
    }

    /// Takes the setting out; if that is impossible, the map that it stands in. False if nothing is left to take out.
    fn remove(&mut self, mut path: Vec<Step>) -> bool {
        while let Some((last, parent)) = path.split_last() {
            let original = self.original(&path);
            let done = match (value_at_mut(&mut self.value, parent), last) {
                (Some(Value::Object(map)), Step::Key(key)) => map.shift_remove(key).is_some(),
                (Some(Value::Array(list)), Step::Index(index)) if *index < list.len() => {
                    list.remove(*index);
                    true
                }
                _ => false,
            };
            if done {
                self.removed.push(original);
                return true;
            }
            path.pop();
        }
        let is_empty = matches!(&self.value, Value::Object(map) if map.is_empty());
        self.value = Value::Object(Map::new());
        !is_empty
    }

    /// A path in the value as it is now, to the path in the value as it was: items taken out of lists count again.
    fn original(&self, path: &[Step]) -> Vec<Step> {
        let mut original: Vec<Step> = Vec::with_capacity(path.len());
        for step in path {
            let step = match step {
                Step::Key(key) => Step::Key(key.clone()),
                Step::Index(index) => {
                    let mut gone: Vec<usize> = self
                        .removed
                        .iter()
                        .filter_map(|removed| match removed.split_last() {
                            Some((Step::Index(index), parent)) if parent == original => Some(*index),
                            _ => None,
                        })
                        .collect();
                    gone.sort_unstable();
                    let shifted = gone.into_iter().fold(*index, |index, gone| index + usize::from(gone <= index));
                    Step::Index(shifted)
                }
            };
            original.push(step);
        }
        original
    }
}

/// The nearest place below `root` that fits, breadth first.
fn search(root: &Value, fits: &dyn Fn(&Step, &Value) -> bool) -> Option<Vec<Step>> {
    let mut level: Vec<(Vec<Step>, &Value)> = vec![(Vec::new(), root)];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (path, value) in level {
            let children: Vec<(Step, &Value)> = match value {
                Value::Object(map) => map.iter().map(|(k, v)| (Step::Key(k.clone()), v)).collect(),
                Value::Array(list) => {
                    list.iter().enumerate().map(|(index, value)| (Step::Index(index), value)).collect()
                }
                _ => Vec::new(),
            };
            for (step, child) in children {
                let found = fits(&step, child);
                let path = [&path[..], &[step]].concat();
                if found {
                    return Some(path);
                }
                next.push((path, child));
            }
        }
        level = next;
    }
    None
}

fn has_only_key(value: &Value, name: &str) -> bool {
    value.as_object().is_some_and(|map| map.len() == 1 && map.contains_key(name))
}

/// Whether serde's name of a value that it found can mean this one.
fn describes(found: &str, value: &Value) -> bool {
    match value {
        Value::Null => matches!(found, "null" | "unit value"),
        Value::Bool(value) => found == format!("boolean `{value}`"),
        Value::Number(value) => {
            found == format!("integer `{value}`")
                || value.as_f64().is_some_and(|number| {
                    found
                        .strip_prefix("floating point `")
                        .and_then(|found| found.strip_suffix('`'))
                        .and_then(|found| found.parse::<f64>().ok())
                        .is_some_and(|found| found == number)
                })
        }
        Value::String(value) => found == format!("string {value:?}"),
        Value::Array(_) => found == "sequence",
        Value::Object(_) => found == "map",
    }
}
