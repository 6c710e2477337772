//! The JSON Schema of an experiment file, for editors.
//!
//! What `run` and `execution` hold comes from their types. The rest of the language has no types of serde, so it is
//! written here beside the readers of [`file`](crate::file), [`sweep`](crate::sweep), [`values`](crate::values).

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::execution::Execution;
use crate::values::MAX_VALUES;

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
    let mut settings = Settings::new();
    find_settings(&run, &definitions, &[], &mut settings);
    for (name, definition) in language(&settings) {
        definitions.insert(name.to_owned(), definition);
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

/// Every key of an axis with the schemas of its value: paths to settings below `run`, and the patterns that fit them.
type Settings = BTreeMap<String, Vec<Value>>;

fn find_settings(schema: &Value, definitions: &Map<String, Value>, above: &[String], settings: &mut Settings) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/"))
        && let Some(definition) = definitions.get(name)
    {
        find_settings(definition, definitions, above, settings);
    }
    for variant in schema["anyOf"].as_array().into_iter().flatten() {
        find_settings(variant, definitions, above, settings);
    }
    let root = [String::new()];
    let above = if above.is_empty() { &root } else { above };
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let mut setting = value.clone();
        if let Value::Object(map) = &mut setting {
            map.remove("default");
        }
        for key in above.iter().map(|above| format!("{above}{key}")) {
            let known = settings.entry(key).or_default();
            if !known.contains(&setting) {
                known.push(setting.clone());
            }
        }
        let below: Vec<String> = above.iter().flat_map(|a| [format!("{a}{key}."), format!("{a}*.")]).collect();
        find_settings(value, definitions, &below, settings);
    }
}

/// The definitions below `sweep`.
fn language(settings: &Settings) -> [(&'static str, Value); 6] {
    let setting = |key: &str| json!({ "$ref": format!("#/$defs/Settings/properties/{key}") });
    // Each key with what it may have, and any key that is written in full: `run.` may stand in front.
    let keyed = |about: &str, value: &dyn Fn(&str) -> Value, more: &[(&str, Value)]| {
        let more = more.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        let properties: Map<String, Value> = settings.keys().map(|key| (key.clone(), value(key))).chain(more).collect();
        json!({
            "description": about,
            "type": "object",
            "properties": properties,
            "patternProperties": { "^run\\.": {} },
            "additionalProperties": false,
        })
    };
    let axis = |key: &str| {
        let (axis, items) = (json!("#/$defs/Axis"), setting(key));
        json!({ "$ref": axis, "items": items, "properties": { "values": { "items": items } } })
    };
    let when = json!({ "$ref": "#/$defs/When" });
    let mut zipped = keyed("Axes whose lists are taken together.", &axis, &[("when", when)]);
    zipped["minProperties"] = json!(1);
    let condition = |key: &str| json!({ "anyOf": [setting(key), { "type": "array", "items": setting(key) }] });
    let about = "Holds where each setting has the value, or one of a list of values.";
    let mut when = keyed(about, &condition, &[]);
    when["minProperties"] = json!(1);
    let union = |key: &str| match settings[key].as_slice() {
        [one] => one.clone(),
        several => json!({ "anyOf": several }),
    };
    [
        ("Sweep", sweep()),
        ("Axes", keyed("Axes that are multiplied out; the last varies fastest.", &axis, &[])),
        ("ZippedAxes", zipped),
        ("Axis", axis_forms()),
        ("When", when),
        ("Settings", keyed("Paths below `run`; `*` is each map that has the next key.", &union, &[])),
    ]
}

fn sweep() -> Value {
    let nothing = json!({ "type": "null" });
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let list = |about: &str, items: Value| json!({ "description": about, "type": ["array", "null"], "items": items });
    let point = json!({ "anyOf": [reference("Settings"), nothing] });
    let mut runs = list("The points themselves, in this order; stands alone beside `seeds`.", point.clone());
    runs["minItems"] = json!(1);
    json!({
        "type": "object",
        "properties": {
            "grid": { "description": "What varies.", "anyOf": [reference("Axes"), nothing] },
            "zip": list("What varies together, below the grid.", reference("ZippedAxes")),
            "exclude": list("Points to leave out: those with all of the values.", reference("When")),
            "include": list("Points to add.", point),
            "runs": runs,
            "seeds": {
                "description": "How many seeds from `run.seed` on, or which: replicates of every point.",
                "anyOf": [
                    { "type": "integer", "minimum": 1, "maximum": MAX_VALUES },
                    { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1 },
                    nothing,
                ],
            },
        },
        "additionalProperties": false,
        "anyOf": [
            { "properties": { "runs": nothing } },
            { "properties": { "grid": nothing, "zip": nothing, "exclude": nothing, "include": nothing } },
        ],
    })
}

fn axis_forms() -> Value {
    let list = json!({ "type": "array", "minItems": 1 });
    let three = json!({ "type": "array", "items": { "type": "number" }, "minItems": 3, "maxItems": 3 });
    let form = |name: &str, about: &str, value: &Value| {
        let mut value = value.clone();
        value["description"] = json!(about);
        let properties = json!({ name: value, "when": { "$ref": "#/$defs/When" } });
        json!({ "type": "object", "properties": properties, "additionalProperties": false, "required": [name] })
    };
    json!({
        "description": "The values of a setting.",
        "anyOf": [
            list,
            form("values", "The values.", &list),
            form("linspace", "[from, to, n]: n numbers at equal distances, both ends included.", &three),
            form("logspace", "[from, to, n]: n numbers at equal ratios, both ends included.", &three),
            form("range", "[from, to, step]: numbers up to `to`, which is included if a step hits it.", &three),
        ],
    })
}
