//! Plain scalars in the core schema of YAML 1.2.

use serde_json::Number;

use crate::node::Data;

/// A plain scalar's value in the core schema of YAML 1.2 (section 10.3.2).
pub(crate) fn resolve(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        _ => {}
    }
    match number(text) {
        Some(number) => Data::Number(number),
        None => Data::Text(text.into()),
    }
}

fn number(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // `from_str_radix` would take a sign.
            let is_digits = digits.chars().all(|digit| digit.is_digit(radix));
            let value = u64::from_str_radix(digits, radix).ok();
            return value.filter(|_| is_digits).map(Number::from);
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = unsigned.strip_prefix('.').unwrap_or(unsigned);
    // Rust also parses `inf`, `nan` and `1_000` is left to be text.
    if !first.starts_with(|c: char| c.is_ascii_digit())
        || !unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
    {
        return None;
    }
    if let Ok(value) = text.parse::<i64>() {
        return Some(Number::from(value));
    }
    if let Ok(value) = text.parse::<u64>() {
        return Some(Number::from(value));
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

/// `.inf`, `.nan` and numbers that are too large to hold.
pub(crate) fn is_not_finite(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    let is_special = matches!(unsigned, ".inf") || lower == ".nan";
    let starts_as_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    is_special || (starts_as_number && lower.parse::<f64>().is_ok_and(f64::is_infinite))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;
    use crate::source::Span;
    use serde_json::json;

    #[test]
    fn scalars_follow_the_core_schema() {
        for (text, expected) in [
            ("1e-4", json!(1e-4)),
            ("1.0e-4", json!(1.0e-4)),
            ("2.E+3", json!(2000.0)),
            (".5", json!(0.5)),
            ("-.5", json!(-0.5)),
            ("5.", json!(5.0)),
            ("0x10", json!(16)),
            ("0o17", json!(15)),
            ("017", json!(17)),
            ("-3", json!(-3)),
            ("+3", json!(3)),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!(18446744073709551616.0)),
            ("on", json!("on")),
            ("no", json!("no")),
            ("yes", json!("yes")),
            ("True", json!(true)),
            ("tRue", json!("tRue")),
            ("~", json!(null)),
            ("", json!(null)),
            ("1_000", json!("1_000")),
            ("0b1", json!("0b1")),
            ("0x-1", json!("0x-1")),
            ("0x", json!("0x")),
            ("1e", json!("1e")),
            ("1-2", json!("1-2")),
            (".", json!(".")),
            ("e5", json!("e5")),
            ("inf", json!("inf")),
            ("2024-01-01", json!("2024-01-01")),
            ("12:30:45", json!("12:30:45")),
        ] {
            let (span, data) = (Span::on_line(0, 1, 0, 0), resolve(text));
            assert_eq!(Node { span, data }.to_json(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_beyond_every_bound_are_noticed() {
        for (text, expected) in [
            (".inf", true),
            ("-.INF", true),
            (".nan", true),
            ("1e999", true),
            ("-1e999", true),
            ("1e308", false),
            ("inf", false),
            ("nan", false),
            (".", false),
        ] {
            assert_eq!(is_not_finite(text), expected, "{text}");
        }
    }
}
