//! Settings that can be written as one word: `schedule: linear` for `schedule: { kind: linear }`. For serde's and
//! schemars' attributes.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use std::fmt::Formatter;
use std::iter::once;
use std::marker::PhantomData;

/// Reads `word` as `{ kind: word }`.
pub fn kind_or_map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    from_word_or_map(deserializer, "kind")
}

/// Reads `word` as `{ key: word }`.
pub fn from_word_or_map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
    key: &'static str,
) -> Result<T, D::Error> {
    struct WordOrMap<T>(&'static str, PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for WordOrMap<T> {
        type Value = T;
        fn expecting(&self, f: &mut Formatter) -> std::fmt::Result {
            write!(f, "a word or a map with `{}`", self.0)
        }
        fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
            T::deserialize(MapDeserializer::new(once((self.0, word))))
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_any(WordOrMap(key, PhantomData))
}

/// The word of each variant, or the map.
pub fn kind_or_map_schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let map = T::json_schema(generator);
    let variants = map.get("oneOf").and_then(|variants| variants.as_array()).into_iter().flatten();
    let words: Vec<_> = variants.filter_map(|variant| variant.pointer("/properties/kind/const")).cloned().collect();
    json_schema!({ "anyOf": [{ "enum": words }, generator.subschema_for::<T>()] })
}

/// Reads `none` and null as nothing, and writes nothing as `none`.
pub mod none_or_map {
    use super::{
        Deserialize, Deserializer, Error, Formatter, JsonSchema, MapAccess, MapAccessDeserializer, PhantomData, Schema,
        SchemaGenerator, Serialize, Serializer, Visitor, json_schema,
    };

    /// `none`, null or the map.
    pub fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "enum": ["none", null] }, generator.subschema_for::<T>()] })
    }

    /// `none` for nothing.
    pub fn serialize<S: Serializer, T: Serialize>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => value.serialize(serializer),
            None => serializer.serialize_str("none"),
        }
    }

    /// Nothing for `none` and null.
    pub fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        struct NoneOrMap<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for NoneOrMap<T> {
            type Value = Option<T>;
            fn expecting(&self, f: &mut Formatter) -> std::fmt::Result {
                f.write_str("`none` or a map")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                if word == "none" { Ok(None) } else { Err(E::unknown_variant(word, &["none"])) }
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Some)
            }
        }
        deserializer.deserialize_any(NoneOrMap(PhantomData))
    }
}
