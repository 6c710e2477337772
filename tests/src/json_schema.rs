//! JSON Schema (draft 2020-12), as far as `runner schema` uses it.
//!
//! A validator from the registry would build Burn a second time for the tests: what it depends on turns on features of
//! crates that Burn depends on, too.

use serde_json::{Map, Value};

/// Why `value` does not fit the schema; `None` if it does.
///
/// # Panics
/// The schema uses a keyword that this does not know: nothing is passed over.
pub fn misfit(root: &Value, value: &Value) -> Option<String> {
    check(root, root, value, "").err()
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let Value::Object(keywords) = schema else {
        return if schema == false { Err(format!("{place}: nothing is allowed here")) } else { Ok(()) };
    };
    for (keyword, argument) in keywords {
        let fails = |what: String| Err(format!("{place}: {value} {what}"));
        let below = |schema: &Value| check(root, schema, value, place);
        let number = || argument.as_f64().expect("a bound is a number");
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => {}
            "$ref" => {
                let pointer = argument.as_str().and_then(|name| name.strip_prefix('#')).expect("a reference is local");
                below(root.pointer(pointer).expect("a reference leads somewhere"))?;
            }
            "anyOf" => {
                let found: Vec<_> = items(argument).iter().map(below).collect();
                if found.iter().all(Result::is_err) {
                    let reasons: Vec<String> = found.into_iter().filter_map(Result::err).collect();
                    return fails(format!("fits none of [{}]", reasons.join("; ")));
                }
            }
            "type" => {
                let types = if argument.is_array() { items(argument) } else { std::slice::from_ref(argument) };
                if !types.iter().any(|name| is_type(name.as_str().unwrap_or_default(), value)) {
                    return fails(format!("is no {argument}"));
                }
            }
            "const" if value != argument => return fails(format!("is not {argument}")),
            "enum" if !items(argument).contains(value) => return fails("is not in the list".to_owned()),
            "minimum" if value.as_f64().is_some_and(|value| value < number()) => {
                return fails("is too small".to_owned());
            }
            "maximum" if value.as_f64().is_some_and(|value| value > number()) => {
                return fails("is too large".to_owned());
            }
            "minItems" if value.as_array().is_some_and(|list| (list.len() as f64) < number()) => {
                return fails("is too short".to_owned());
            }
            "maxItems" if value.as_array().is_some_and(|list| (list.len() as f64) > number()) => {
                return fails("is too long".to_owned());
            }
            "minProperties" if value.as_object().is_some_and(|map| (map.len() as f64) < number()) => {
                return fails("has too few keys".to_owned());
            }
            "minLength" if value.as_str().is_some_and(|text| (text.chars().count() as f64) < number()) => {
                return fails("is too short".to_owned());
            }
            "maxLength" if value.as_str().is_some_and(|text| (text.chars().count() as f64) > number()) => {
                return fails("is too long".to_owned());
            }
            "pattern" if value.as_str().is_some_and(|text| !matches(argument.as_str().unwrap_or_default(), text)) => {
                return fails(format!("does not match {argument}"));
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, argument, item, &format!("{place}/{index}"))?;
                }
            }
            "properties" => {
                let known = argument.as_object().into_iter().flatten();
                for (key, schema) in known {
                    if let Some(value) = value.get(key) {
                        check(root, schema, value, &format!("{place}/{key}"))?;
                    }
                }
            }
            "patternProperties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    for (_, schema) in patterns(keywords).filter(|(pattern, _)| matches(pattern, key)) {
                        check(root, schema, value, &format!("{place}/{key}"))?;
                    }
                }
            }
            "additionalProperties" => {
                let known = keywords.get("properties").and_then(Value::as_object);
                let is_known = |key: &str| {
                    known.is_some_and(|known| known.contains_key(key))
                        || patterns(keywords).any(|(pattern, _)| matches(pattern, key))
                };
                for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| !is_known(key)) {
                    check(root, argument, value, &format!("{place}/{key}"))?;
                }
            }
            "required" => {
                let mut missing = items(argument).iter().filter_map(Value::as_str);
                let missing = missing.find(|key| value.is_object() && value.get(key).is_none());
                if let Some(missing) = missing {
                    return fails(format!("has no {missing}"));
                }
            }
            "const" | "enum" | "minimum" | "maximum" | "minItems" | "maxItems" | "minProperties" | "minLength"
            | "maxLength" | "pattern" => {}
            _ => panic!("the keyword `{keyword}` is not known here"),
        }
    }
    Ok(())
}

fn patterns(keywords: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    keywords.get("patternProperties").and_then(Value::as_object).into_iter().flatten()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().expect("the keyword takes a list")
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => panic!("the type `{name}` is not known here"),
    }
}

/// The three patterns of the schema.
fn matches(pattern: &str, text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    match pattern {
        r"^run\." => text.starts_with("run."),
        r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$" => !text.is_empty() && !text.starts_with('.') && text.chars().all(name),
        r"^\s*([0-9]+[dhms]\s*)+$" => {
            let parts: Vec<&str> = text.split_inclusive(['d', 'h', 'm', 's']).map(str::trim).collect();
            let is_part = |part: &&str| {
                let digits = part.trim_end_matches(['d', 'h', 'm', 's']);
                digits.len() + 1 == part.len() && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
            };
            !parts.is_empty() && parts.iter().all(is_part)
        }
        pattern => panic!("the pattern {pattern} is not known here"),
    }
}
