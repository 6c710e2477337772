//! How and where runs are started: the `execution` section, never part of a run's identity.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::slurm::SlurmSettings;

/// The `execution` section of an experiment file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Execution {
    /// `auto`, `cpu`, `cuda:0,cuda:2`, ...; a YAML list is joined by commas.
    #[serde(deserialize_with = "devices")]
    #[schemars(schema_with = "devices_schema")]
    pub devices: String,
    /// Runs that train at once.
    pub jobs: Count,
    /// CPU threads of a run.
    pub threads: Count,
    /// How often a run that failed is started again.
    pub retries: u32,
    /// How long one run may take; `null` for as long as it needs.
    #[serde(with = "timeout")]
    #[schemars(schema_with = "timeout::schema")]
    pub timeout: Option<Duration>,
    /// What tasks ask a cluster for, with `--launcher slurm`.
    pub slurm: SlurmSettings,
}

impl Default for Execution {
    fn default() -> Self {
        Execution {
            devices: "auto".to_owned(),
            jobs: Count::Auto,
            threads: Count::Auto,
            retries: 2,
            timeout: None,
            slurm: SlurmSettings::default(),
        }
    }
}

/// A number that the machine may choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// As many as the machine has room for.
    #[default]
    Auto,
    /// Exactly this many.
    Number(NonZeroUsize),
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::Auto => write!(out, "auto"),
            Count::Number(number) => write!(out, "{number}"),
        }
    }
}

/// Neither `auto` nor a number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `auto` or a whole number from 1")]
pub struct CountError;

impl FromStr for Count {
    type Err = CountError;

    fn from_str(text: &str) -> Result<Self, CountError> {
        match text {
            "auto" => Ok(Count::Auto),
            _ => text.parse().map(Count::Number).map_err(|_| CountError),
        }
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Count::Auto => serializer.serialize_str("auto"),
            Count::Number(number) => number.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;

        impl Visitor<'_> for CountVisitor {
            type Value = Count;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "`auto` or a whole number from 1")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
                match text {
                    "auto" => Ok(Count::Auto),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
                usize::try_from(number)
                    .ok()
                    .and_then(NonZeroUsize::new)
                    .map(Count::Number)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Count, E> {
                match u64::try_from(number) {
                    Ok(number) => self.visit_u64(number),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Signed(number), &self)),
                }
            }
        }

        deserializer.deserialize_any(CountVisitor)
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "integer", "minimum": 1 }] })
    }
}

fn devices_schema(_: &mut SchemaGenerator) -> Schema {
    let name = json_schema!({ "type": "string", "minLength": 1 });
    json_schema!({ "anyOf": [name, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] })
}

/// One name or a list of names.
fn devices<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct DevicesVisitor;

    impl<'de> Visitor<'de> for DevicesVisitor {
        type Value = String;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(out, "the name of a device or a list of names")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            if text.is_empty() {
                return Err(E::invalid_value(de::Unexpected::Str(text), &self));
            }
            Ok(text.to_owned())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<String, A::Error> {
            let mut list: Vec<String> = Vec::new();
            while let Some(name) = names.next_element()? {
                list.push(name);
            }
            if list.is_empty() {
                return Err(de::Error::invalid_value(de::Unexpected::Seq, &self));
            }
            Ok(list.join(","))
        }
    }

    deserializer.deserialize_any(DevicesVisitor)
}

/// Not a duration such as `90s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a duration such as `90s`, `2h` or `1h30m`")]
pub struct DurationError;

/// Reads a duration such as `90s`, `2h` or `1h30m`: whole numbers, each with `d`, `h`, `m` or `s`, and not zero.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(DurationError)?;
        let number: u64 = rest[..digits].parse().map_err(|_| DurationError)?;
        let unit = match rest[digits..].chars().next() {
            Some('d') => 86_400,
            Some('h') => 3_600,
            Some('m') => 60,
            Some('s') => 1,
            _ => return Err(DurationError),
        };
        seconds = number.checked_mul(unit).and_then(|part| seconds.checked_add(part)).ok_or(DurationError)?;
        rest = rest[digits + 1..].trim_start();
    }
    match seconds {
        0 => Err(DurationError),
        _ => Ok(Duration::from_secs(seconds)),
    }
}

/// `Option<Duration>` as text.
pub(crate) mod timeout {
    use super::*;

    pub(crate) fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"], "pattern": r"^\s*([0-9]+[dhms]\s*)+$" })
    }

    pub(crate) fn serialize<S: Serializer>(timeout: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        match timeout {
            Some(timeout) => serializer.serialize_str(&format!("{}s", timeout.as_secs())),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        struct TimeoutVisitor;

        impl Visitor<'_> for TimeoutVisitor {
            type Value = Option<Duration>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "a duration such as `90s`, `2h` or `1h30m`")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match parse_duration(text) {
                    Ok(duration) => Ok(Some(duration)),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(TimeoutVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("2h", Some(7200)),
            ("1h30m", Some(5400)),
            ("1d 1s", Some(86_401)),
            ("0s", None),
            ("", None),
            ("5", None),
            ("h", None),
            ("2 h", None),
            ("-2h", None),
            ("1.5h", None),
            ("2x", None),
            ("2é", None),
            ("99999999999999999999h", None),
            ("9999999999999999999h", None),
        ] {
            let parsed = parse_duration(text).ok().map(|d| d.as_secs());
            assert_eq!(parsed, seconds, "{text}");
        }
    }

    #[test]
    fn execution_survives_a_round_trip() {
        let json = serde_json::json!({
            "devices": ["cuda:0", "cpu"], "jobs": 3, "threads": "auto", "timeout": "1h30m"
        });
        let execution: Execution = serde_json::from_value(json).unwrap();
        assert_eq!(execution.devices, "cuda:0,cpu");
        assert_eq!(execution.jobs.to_string(), "3");
        assert_eq!(execution.retries, 2);
        let again = serde_json::to_value(&execution).unwrap();
        assert_eq!(serde_json::from_value::<Execution>(again).unwrap(), execution);
    }

    #[test]
    fn counts_are_auto_or_from_one() {
        for (text, expected) in [("auto", Some("auto")), ("4", Some("4")), ("0", None), ("-1", None), ("all", None)] {
            let parsed = text.parse::<Count>().ok().map(|count| count.to_string());
            assert_eq!(parsed.as_deref(), expected, "{text}");
        }
    }
}
