//! Why a type refuses a value, as serde says it: by kind, not in words.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use serde_json::Number;

use crate::node::{Data, Node};

/// The error of [`Reader`](crate::reader::Reader).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// A key that the type does not have, and the keys that it has.
    UnknownKey { name: String, valid: &'static [&'static str] },
    /// A key that the type needs.
    MissingKey { name: &'static str },
    /// Two keys that mean the same.
    DuplicateKey { name: &'static str },
    /// A name that is not in an enum's list.
    UnknownName { name: String, valid: &'static [&'static str] },
    /// A value of the wrong type or outside the range.
    Wrong { found: Found, expected: String },
    /// A message of the type itself.
    Other(String),
}

/// A value that a type did not expect.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    Nothing,
    Bool(bool),
    Number(Number),
    Text(String),
    List,
    Map,
    /// Something that no value of a file is.
    Other(String),
}

impl Found {
    /// What a value is.
    pub(crate) fn of(node: &Node) -> Self {
        match &node.data {
            Data::Null => Found::Nothing,
            Data::Bool(value) => Found::Bool(*value),
            Data::Number(number) => Found::Number(number.clone()),
            Data::Text(text) => Found::Text(text.to_string()),
            Data::List(_) => Found::List,
            Data::Map(_) => Found::Map,
        }
    }
}

impl From<Unexpected<'_>> for Found {
    fn from(unexpected: Unexpected<'_>) -> Self {
        match unexpected {
            Unexpected::Unit | Unexpected::Option => Found::Nothing,
            Unexpected::Bool(value) => Found::Bool(value),
            Unexpected::Unsigned(number) => Found::Number(number.into()),
            Unexpected::Signed(number) => Found::Number(number.into()),
            Unexpected::Float(number) => {
                Number::from_f64(number).map_or_else(|| Found::Other(number.to_string()), Found::Number)
            }
            Unexpected::Char(character) => Found::Text(character.into()),
            Unexpected::Str(text) => Found::Text(text.to_owned()),
            Unexpected::Seq => Found::List,
            Unexpected::Map => Found::Map,
            other => Found::Other(other.to_string()),
        }
    }
}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refusal::Other(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Refusal::Wrong { found: found.into(), expected: expected.to_string() }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let items = if length == 1 { "item" } else { "items" };
        Refusal::Wrong { found: Found::Other(format!("{length} {items}")), expected: expected.to_string() }
    }

    fn unknown_variant(name: &str, valid: &'static [&'static str]) -> Self {
        Refusal::UnknownName { name: name.to_owned(), valid }
    }

    fn unknown_field(name: &str, valid: &'static [&'static str]) -> Self {
        Refusal::UnknownKey { name: name.to_owned(), valid }
    }

    fn missing_field(name: &'static str) -> Self {
        Refusal::MissingKey { name }
    }

    fn duplicate_field(name: &'static str) -> Self {
        Refusal::DuplicateKey { name }
    }
}

impl std::error::Error for Refusal {}

/// For layers between a type and its reader that keep errors as text. What people see is written in
/// [`words`](crate::words).
impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::UnknownKey { name, .. } => write!(out, "unknown key `{name}`"),
            Refusal::MissingKey { name } => write!(out, "the key `{name}` is missing"),
            Refusal::DuplicateKey { name } => write!(out, "the key `{name}` is given twice"),
            Refusal::UnknownName { name, .. } => write!(out, "unknown name `{name}`"),
            Refusal::Wrong { expected, .. } => write!(out, "expected {expected}"),
            Refusal::Other(message) => out.write_str(message),
        }
    }
}
