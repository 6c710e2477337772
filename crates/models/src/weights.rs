//! `run.model.weights` and `run.evaluate.inception`: which file networks take their weights from. Nothing here reads it.

use crate::word::from_word_or_map;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::path::PathBuf;

/// A file of weights: its path, or a map that holds it to its contents, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weights {
    /// Its path.
    pub file: PathBuf,
    /// `blake3:<hex>` of its bytes; a plan fills it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Map { file, digest } = from_word_or_map(deserializer, "file")?;
        Ok(Self { file, digest })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Map {
    /// Its path.
    file: PathBuf,
    /// `blake3:<hex>` of its bytes; a plan fills it in.
    #[serde(default)]
    digest: Option<String>,
}

impl JsonSchema for Weights {
    fn schema_name() -> Cow<'static, str> {
        "Weights".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, Map::json_schema(generator)] })
    }
}
