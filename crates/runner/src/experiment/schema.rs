//! The JSON Schema of an experiment file, for editors.
//!
//! What `run` and `execution` hold comes from their types. The rest of the language has no types of serde, so it is
//! written here beside the readers of [`file`](super::file), [`sweep`](super::sweep), [`values`](super::values).

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::execution::Execution;
use super::values::MOST_VALUES;

/// The schema (draft 2020-12) of experiment files with runs of this type.
///
/// It refuses what no layer could make right: unknown keys and values of a wrong type. It requires no key, because a
/// preset or an extended file may give it.
pub fn schema<R: JsonSchema>() -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let run = generator.subschema_for::<R>().to_value();
    let execution = generator.subschema_for::<Execution>().to_value();
    let mut definitions = generator.take_definitions(true);
    definitions.values_mut().for_each(loosen);
    let keys = keys(&run, &definitions);
    for (name, definition) in language(&keys) {
        definitions.insert(name, definition);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Experiment",
        "description": "A sweep of training runs.",
        "type": ["object", "null"],
        "properties": {
            "name": {
                "description": "Name of the results' folder; the file's stem by default.",
                "type": ["string", "null"],
                "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]*$",
                "maxLength": 100,
            },
            "description": { "description": "Shown on top of the report.", "type": ["string", "null"] },
            "extends": {
                "description": "Files to merge below this one, later wins; paths relative to this file.",
                "anyOf": [{ "type": ["string", "null"] }, { "type": "array", "items": { "type": "string" } }],
            },
            "run": { "description": "What changes numbers.", "anyOf": [run, { "type": "null" }] },
            "sweep": { "description": "Which runs.", "anyOf": [{ "$ref": "#/$defs/Sweep" }, { "type": "null" }] },
            "execution": { "description": "How and where.", "anyOf": [execution, { "type": "null" }] },
        },
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// Another layer may give what one leaves out: nothing is required, and a map may fit several variants.
fn loosen(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.remove("required");
            if let Some(variants) = map.remove("oneOf") {
                map.insert("anyOf".to_owned(), variants);
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.replace("[`", "`").replace("`]", "`");
            }
            map.values_mut().for_each(loosen);
        }
        Value::Array(items) => items.iter_mut().for_each(loosen),
        _ => {}
    }
}

/// Every key of an axis: paths to settings below `run`, and the patterns that fit them.
fn keys(run: &Value, definitions: &Map<String, Value>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    find_keys(run, definitions, &[], &mut keys);
    keys
}

fn find_keys(schema: &Value, definitions: &Map<String, Value>, above: &[String], keys: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/"))
        && let Some(definition) = definitions.get(name)
    {
        find_keys(definition, definitions, above, keys);
    }
    for variant in schema["anyOf"].as_array().into_iter().flatten() {
        find_keys(variant, definitions, above, keys);
    }
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        keys.extend(above.iter().map(|above| format!("{above}{key}")));
        if above.is_empty() {
            keys.insert(key.clone());
        }
        let roots = if above.is_empty() { &[String::new()][..] } else { above };
        let above: Vec<String> = roots.iter().flat_map(|root| [format!("{root}{key}."), format!("{root}*.")]).collect();
        find_keys(value, definitions, &above, keys);
    }
}

/// The definitions of what stands below `sweep`.
fn language(keys: &BTreeSet<String>) -> [(String, Value); 4] {
    let list = json!({ "type": "array", "minItems": 1 });
    let number = json!({ "type": "number" });
    let three = json!({ "type": "array", "items": number, "minItems": 3, "maxItems": 3 });
    let when = json!({ "$ref": "#/$defs/When" });
    let key = json!({ "$ref": "#/$defs/AxisKey" });
    let axis = json!({ "$ref": "#/$defs/Axis" });
    let points = |about: &str| {
        json!({
            "description": about,
            "type": ["array", "null"],
            "items": { "type": ["object", "null"], "propertyNames": key },
        })
    };
    let mut exclude = points("Points to leave out: those with all of the values.");
    exclude["items"] = json!({ "type": "object", "propertyNames": key, "minProperties": 1 });
    let mut runs = points("The points themselves, in this order; stands alone beside `seeds`.");
    runs["minItems"] = json!(1);
    let nothing = json!({ "type": "null" });
    let seed = json!({ "type": "integer", "minimum": 0 });
    let form = |name: &str, about: &str, value: &Value| {
        let mut value = value.clone();
        value["description"] = json!(about);
        json!({ "type": "object", "properties": { name: value, "when": when }, "additionalProperties": false })
    };
    let definitions = [
        (
            "Sweep",
            json!({
                "type": "object",
                "properties": {
                    "grid": {
                        "description": "Axes that are multiplied out; the last varies fastest.",
                        "type": ["object", "null"],
                        "propertyNames": key,
                        "additionalProperties": axis,
                    },
                    "zip": {
                        "description": "Axes of lists of equal length that are taken together.",
                        "type": ["array", "null"],
                        "items": {
                            "type": "object",
                            "properties": { "when": when },
                            "propertyNames": { "anyOf": [key, { "const": "when" }] },
                            "additionalProperties": axis,
                            "minProperties": 1,
                        },
                    },
                    "exclude": exclude,
                    "include": points("Points to add."),
                    "runs": runs,
                    "seeds": {
                        "description": "How many seeds from `run.seed` on, or which: replicates of every point.",
                        "anyOf": [
                            { "type": "integer", "minimum": 1, "maximum": MOST_VALUES },
                            { "type": "array", "items": seed, "minItems": 1 },
                            nothing,
                        ],
                    },
                },
                "additionalProperties": false,
                "anyOf": [
                    { "properties": { "runs": nothing } },
                    { "properties": { "grid": nothing, "zip": nothing, "exclude": nothing, "include": nothing } },
                ],
            }),
        ),
        (
            "Axis",
            json!({
                "description": "The values of a setting.",
                "anyOf": [
                    list,
                    form("values", "The values.", &list),
                    form("linspace", "[from, to, n]: n numbers at equal distances, both ends included.", &three),
                    form("logspace", "[from, to, n]: n numbers at equal ratios, both ends included.", &three),
                    form("range", "[from, to, step]: numbers up to `to`, which is included if a step hits it.", &three),
                ],
            }),
        ),
        (
            "When",
            json!({
                "description": "The axis exists where each setting has the value, or one of the list of values.",
                "type": "object",
                "propertyNames": key,
                "minProperties": 1,
            }),
        ),
        (
            "AxisKey",
            json!({
                "description": "A path below `run`; `*` is each map that has the next key.",
                "anyOf": [{ "enum": keys }, { "pattern": "^run\\." }],
            }),
        ),
    ];
    definitions.map(|(name, definition)| (name.to_owned(), definition))
}
