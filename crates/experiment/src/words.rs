//! Messages about a value that its type refuses.

use crate::names::{nearest, quote, suggest};
use crate::node::Data;
use crate::refusal::Found;
use crate::scalar::resolve;

/// What a type expects, as a person says it. Types give it as text: those of the project as it is to be read, serde's own
/// as the name of a type.
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
        (_, "struct", _) => "a map of settings".to_owned(),
        (_, "enum", _) => "a name".to_owned(),
        (_, "a", kind) if kind.starts_with("nonzero u") => "a whole number from 1".to_owned(),
        _ if expected.starts_with("internally tagged enum") || expected.starts_with("adjacently tagged enum") => {
            "a map of settings".to_owned()
        }
        _ => expected.to_owned(),
    }
}

/// What a type expects, where it found a whole number that is too large for it.
pub(crate) fn upper_bound(found: &Found, expected: &str) -> Option<String> {
    let max = match expected.strip_prefix("a nonzero ").unwrap_or(expected) {
        "u8" => u8::MAX.into(),
        "u16" => u16::MAX.into(),
        "u32" => u32::MAX.into(),
        "u64" | "usize" => u64::MAX,
        _ => return None,
    };
    let Found::Number(number) = found else {
        return None;
    };
    let is_above = match (number.as_u64(), number.as_f64()) {
        (Some(number), _) => number > max,
        (_, Some(number)) => number.fract() == 0.0 && number > max as f64 || number >= u64::MAX as f64,
        _ => false,
    };
    is_above.then(|| format!("at most {max}"))
}

/// What was found, as a person says it; a number as it was `typed`, where that is known.
pub(crate) fn plain_found(found: &Found, typed: Option<&str>) -> String {
    match found {
        Found::Nothing => "nothing".to_owned(),
        Found::Bool(value) => format!("`{value}`"),
        Found::Number(number) => match typed {
            Some(typed) => format!("the number {}", quote(typed)),
            None => format!("the number `{number}`"),
        },
        Found::Text(text) => format!("the text {}", quote(text)),
        Found::List => "a list".to_owned(),
        Found::Map => "a map".to_owned(),
        Found::Other(other) => other.clone(),
    }
}

/// The note for an unknown name or key.
pub(crate) fn name_label(name: &str, valid: &[&str], is_key: bool) -> Option<String> {
    let names = valid.iter().copied();
    let first = name.split('.').next().unwrap_or(name);
    if is_key
        && name.contains('.')
        && (names.clone().any(|known| known == first) || nearest(name, names.clone()).is_none())
    {
        return Some("dotted keys are for `sweep` and `--set`: nest it here".to_owned());
    }
    suggest(name, names)
}

/// The note for text or a fraction that can be written as the number that is expected.
pub(crate) fn number_label(found: &Found, expected: &str) -> Option<String> {
    match found {
        Found::Number(number) if number.is_f64() => {
            let number = number.as_f64()?;
            let is_meant = expected.contains("whole number") && number.fract() == 0.0 && (0.0..1e15).contains(&number);
            is_meant.then(|| format!("write `{number}`"))
        }
        Found::Text(text) => {
            let digits = text.replace('_', "");
            let is_number = expected.contains("number") && matches!(resolve(&digits), Data::Number(_));
            let quotes = if digits == *text { " without quotes" } else { "" };
            is_number.then(|| format!("write `{digits}`{quotes}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_a_person_names_them() {
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

    #[test]
    fn numbers_are_shown_as_they_were_typed() {
        let number = Found::Number(serde_json::Number::from_f64(10.0).unwrap());
        assert_eq!(plain_found(&number, Some("1e1")), "the number `1e1`");
        assert_eq!(plain_found(&number, None), "the number `10.0`");
        assert_eq!(number_label(&number, "a whole number from 0").unwrap(), "write `10`");
        assert_eq!(upper_bound(&number, "u8"), None);
        assert_eq!(upper_bound(&Found::Number(256.into()), "u8").unwrap(), "at most 255");
    }
}
