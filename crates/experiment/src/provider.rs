//! Layers as figment's providers, and figment's values as JSON.

use figment::value::{Dict, Empty, Map, Tag, Value as Layered};
use figment::{Error, Metadata, Profile, Provider};
use serde_json::{Map as JsonMap, Number, Value};

use crate::node::{Data, Node};

/// What a layer states, under the name that figment remembers for each value.
pub(crate) struct LayerProvider {
    name: String,
    data: Dict,
}

impl LayerProvider {
    /// A file, environment variable or argument.
    pub fn stated(name: &str, root: &Node) -> Self {
        let mut data = Dict::new();
        for entry in root.entries().unwrap_or_default() {
            let value = match entry.key.as_str() {
                "sweep" => sweep(&entry.value),
                _ => layered(&entry.value.to_json()),
            };
            data.insert(entry.key.clone(), value);
        }
        let name = name.to_owned();
        LayerProvider { name, data }
    }

    /// A preset's `run` section.
    pub fn preset(name: &str, run: &Value) -> Self {
        LayerProvider { name: format!("preset {name}"), data: Dict::from([("run".to_owned(), layered(run))]) }
    }

    /// Clears the settings below `run` at these paths.
    pub fn cleared(paths: &[Vec<String>]) -> Self {
        let mut run = Layered::from(Dict::new());
        for path in paths {
            clear(&mut run, path);
        }
        LayerProvider { name: "another variant".to_owned(), data: Dict::from([("run".to_owned(), run)]) }
    }
}

impl Provider for LayerProvider {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.data.clone())]))
    }
}

/// figment sorts the keys of a map. The order of the axes matters, so the grid becomes a list of pairs, which a later
/// layer replaces as a whole.
fn sweep(section: &Node) -> Layered {
    let Some(entries) = section.entries() else {
        return layered(&section.to_json());
    };
    let mut data = Dict::new();
    for entry in entries {
        let value = match (entry.key.as_str(), &entry.value.data) {
            ("grid", Data::Map(axes)) => {
                let pair = |key: &str, value: &Node| Layered::from(vec![Layered::from(key), layered(&value.to_json())]);
                let pairs = axes.iter().map(|axis| pair(&axis.key, &axis.value));
                Layered::from(pairs.collect::<Vec<_>>())
            }
            _ => layered(&entry.value.to_json()),
        };
        data.insert(entry.key.clone(), value);
    }
    Layered::from(data)
}

fn clear(value: &mut Layered, path: &[String]) {
    let (Some((key, rest)), Layered::Dict(_, map)) = (path.split_first(), &mut *value) else {
        *value = Layered::Empty(Tag::Default, Empty::None);
        return;
    };
    let child = map.entry(key.clone()).or_insert_with(|| Layered::from(Dict::new()));
    clear(child, rest);
}

fn layered(value: &Value) -> Layered {
    match value {
        Value::Null => Layered::Empty(Tag::Default, Empty::Unit),
        Value::Bool(value) => Layered::from(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => Layered::from(number),
            (_, Some(number), _) => Layered::from(number),
            (.., number) => Layered::from(number.unwrap_or(f64::NAN)),
        },
        Value::String(text) => Layered::from(text.as_str()),
        Value::Array(items) => Layered::from(items.iter().map(layered).collect::<Vec<_>>()),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), layered(value)));
            Layered::from(entries.collect::<Dict>())
        }
    }
}

/// figment's value without its layers; maps come out sorted by key.
pub(crate) fn json(value: &Layered) -> Value {
    match value {
        Layered::String(_, text) => Value::String(text.clone()),
        Layered::Char(_, character) => Value::String(character.to_string()),
        Layered::Bool(_, value) => Value::Bool(*value),
        Layered::Num(_, number) => {
            let signed = number.to_i128().and_then(|n| i64::try_from(n).ok());
            let unsigned = number.to_u128().and_then(|n| u64::try_from(n).ok());
            match (signed, unsigned) {
                (Some(number), _) => Value::from(number),
                (_, Some(number)) => Value::from(number),
                _ => number.to_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
            }
        }
        Layered::Empty(..) => Value::Null,
        Layered::Dict(_, map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), json(value))).collect::<JsonMap<_, _>>())
        }
        Layered::Array(_, items) => Value::Array(items.iter().map(json).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn values_survive_figment() {
        for expected in [
            value!(null),
            value!(true),
            value!(-3),
            value!(3),
            value!(u64::MAX),
            value!(1e-4),
            value!(2.0),
            value!("on"),
            value!([1, [], {}, {"a": {"b": null}}]),
        ] {
            assert_eq!(json(&layered(&expected)).to_string(), expected.to_string());
        }
    }
}
