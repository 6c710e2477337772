//! serde's messages in plain words.

use crate::node::Data;
use crate::problem::{nearest, quote, suggest};
use crate::scalar::resolve;

/// What a message of serde says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A key that the type does not have, and the keys that it has.
    UnknownKey { name: String, valid: Vec<String> },
    /// A key that the type needs.
    MissingKey { name: String },
    /// A name that is not in an enum's list.
    UnknownName { name: String, valid: Vec<String> },
    /// A value of the wrong type or outside the range; `found` as serde writes it.
    Wrong { found: String, expected: String },
    /// Two keys that mean the same.
    DuplicateKey { name: String },
    /// A message of the type itself.
    Other(String),
}

/// Takes a message of serde apart.
pub(crate) fn understand(message: &str) -> Said {
    for (prefix, is_key) in [("unknown field `", true), ("unknown variant `", false)] {
        if let Some(rest) = message.strip_prefix(prefix)
            && let Some(end) = name_end(rest)
        {
            let name = rest[..end].to_owned();
            let valid = backticked(&rest[end + 1..]);
            return match is_key {
                true => Said::UnknownKey { name, valid },
                false => Said::UnknownName { name, valid },
            };
        }
    }
    for (prefix, is_missing) in [("missing field `", true), ("duplicate field `", false)] {
        if let Some(name) = message.strip_prefix(prefix) {
            let name = name.trim_end_matches('`').to_owned();
            return match is_missing {
                true => Said::MissingKey { name },
                false => Said::DuplicateKey { name },
            };
        }
    }
    for prefix in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = message.strip_prefix(prefix).and_then(|rest| rest.rsplit_once(", expected ")) {
            return Said::Wrong { found: found.to_owned(), expected: expected.to_owned() };
        }
    }
    Said::Other(message.to_owned())
}

/// Where a quoted name of the user ends; the name may hold backticks of its own.
fn name_end(rest: &str) -> Option<usize> {
    rest.find("`, expected ").or_else(|| rest.find("`, there are no "))
}

/// The names in `, expected one of `a`, `b``.
fn backticked(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What serde expected, as a person says it.
pub(crate) fn plain_expected(expected: &str) -> String {
    let (article, kind) = expected.split_once(' ').unwrap_or(("", expected));
    match (expected, article, kind) {
        ("usize" | "u8" | "u16" | "u32" | "u64" | "u128", ..) => "a whole number from 0".to_owned(),
        ("isize" | "i8" | "i16" | "i32" | "i64" | "i128", ..) => "a whole number".to_owned(),
        ("f32" | "f64", ..) => "a number".to_owned(),
        ("a boolean", ..) => "`true` or `false`".to_owned(),
        ("a string" | "string" | "a character", ..) => "text".to_owned(),
        ("a sequence", ..) => "a list".to_owned(),
        ("a map" | "unit", ..) => "a map of settings".to_owned(),
        ("string or map" | "map with a single key", ..) => "a name or a map of settings".to_owned(),
        (_, "struct", _) => "a map of settings".to_owned(),
        (_, "enum", _) => "a name".to_owned(),
        (_, "a", kind) if kind.starts_with("nonzero u") => "a whole number from 1".to_owned(),
        _ if expected.starts_with("internally tagged enum")
            || expected.starts_with("adjacently tagged enum")
            || expected.starts_with("struct variant") =>
        {
            "a map of settings".to_owned()
        }
        _ => expected.to_owned(),
    }
}

/// What serde expected, where it found a whole number that is too large for it.
pub(crate) fn upper_bound(found: &str, expected: &str) -> Option<String> {
    let kind = expected.strip_prefix("a nonzero ").unwrap_or(expected);
    let most = match kind {
        "u8" => u8::MAX.into(),
        "u16" => u16::MAX.into(),
        "u32" => u32::MAX.into(),
        "u64" | "usize" => u64::MAX,
        _ => return None,
    };
    let whole = found.strip_prefix("integer `").and_then(|found| found.strip_suffix('`')?.parse::<u64>().ok());
    let is_above = match (whole, floating(found)) {
        (Some(number), _) => number > most,
        (_, Some(number)) => number.fract() == 0.0 && number > most as f64 || number >= u64::MAX as f64,
        _ => false,
    };
    is_above.then(|| format!("at most {most}"))
}

/// The number with a fraction or an exponent that serde found.
fn floating(found: &str) -> Option<f64> {
    found.strip_prefix("floating point `")?.strip_suffix('`')?.parse().ok()
}

/// What serde found, as a person says it.
pub(crate) fn plain_found(found: &str) -> String {
    if let Some(text) = found.strip_prefix("string \"").and_then(|text| text.strip_suffix('"')) {
        return format!("the text {}", quote(text));
    }
    for prefix in ["integer `", "floating point `", "boolean `"] {
        if let Some(value) = found.strip_prefix(prefix).and_then(|value| value.strip_suffix('`')) {
            let kind = if prefix.starts_with('b') { "" } else { "the number " };
            return format!("{kind}`{value}`");
        }
    }
    match found {
        "null" | "unit value" | "unit" | "Option value" => "nothing".to_owned(),
        "map" => "a map".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => found.to_owned(),
    }
}

/// The note for an unknown name or key.
pub(crate) fn name_label(name: &str, valid: &[String], is_key: bool) -> Option<String> {
    let names = valid.iter().map(String::as_str);
    let first = name.split('.').next().unwrap_or(name);
    if is_key
        && name.contains('.')
        && (names.clone().any(|known| known == first) || nearest(name, names.clone()).is_none())
    {
        return Some("dotted keys are for `sweep` and `--set`: nest it here".to_owned());
    }
    suggest(name, names)
}

/// The note for text where a number is expected, if a number was meant.
pub(crate) fn number_label(found: &str, expected: &str) -> Option<String> {
    if let Some(number) = floating(found) {
        let is_meant = expected.contains("whole number") && number.fract() == 0.0 && (0.0..1e15).contains(&number);
        return is_meant.then(|| format!("write `{number}`"));
    }
    let text = found.strip_prefix("string \"")?.strip_suffix('"')?;
    let digits = text.replace('_', "");
    let is_number = expected.contains("number") && matches!(resolve(&digits), Data::Number(_));
    let quotes = if digits == text { " without quotes" } else { "" };
    is_number.then(|| format!("write `{digits}`{quotes}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Toy {
        _steps: u32,
        _kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Some,
        Other,
    }

    fn said(value: Value) -> Said {
        understand(&Toy::deserialize(&value).unwrap_err().to_string())
    }

    #[test]
    fn the_messages_of_serde_are_understood() {
        let strings = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        for (value, expected) in [
            (json!({"x`, y": 1}), Said::UnknownKey { name: "x`, y".into(), valid: strings(&["_steps", "_kind"]) }),
            (json!({}), Said::MissingKey { name: "_steps".into() }),
            (
                json!({"_steps": "a, expected b"}),
                Said::Wrong { found: "string \"a, expected b\"".into(), expected: "u32".into() },
            ),
            (json!({"_steps": 1.5}), Said::Wrong { found: "floating point `1.5`".into(), expected: "u32".into() }),
            (
                json!({"_steps": 1, "_kind": "sum"}),
                Said::UnknownName { name: "sum".into(), valid: strings(&["some", "other"]) },
            ),
        ] {
            assert_eq!(said(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn values_are_named_as_a_person_names_them() {
        for (found, expected) in [
            ("string \"a \"b\"\"", "the text `a \"b\"`"),
            ("integer `-1`", "the number `-1`"),
            ("boolean `true`", "`true`"),
            ("null", "nothing"),
        ] {
            assert_eq!(plain_found(found), expected);
        }
        for (serde, expected) in [
            ("usize", "a whole number from 0"),
            ("f32", "a number"),
            ("struct Train", "a map of settings"),
            ("a nonzero usize", "a whole number from 1"),
            ("`auto` or a number", "`auto` or a number"),
        ] {
            assert_eq!(plain_expected(serde), expected);
        }
    }
}
