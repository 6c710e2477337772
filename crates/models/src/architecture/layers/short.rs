//! Short forms for serde's attributes: `dense: 64` for `dense: { outputs: 64 }`, and a layer's name alone for its defaults.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Formatter;
use std::marker::PhantomData;

/// Settings that have a short form: the value of one of them, where the others have their defaults.
pub(super) trait Short: Sized {
    /// The type of that one.
    type One;
    /// The key of that one.
    const KEY: &'static str;
    /// What the short form is, in errors.
    const FORM: &'static str;

    /// From the short form.
    fn of(one: Self::One) -> Self;

    /// All defaults, if none is needed.
    fn defaults() -> Option<Self> {
        None
    }
}

/// Reads the settings from their map or from the short form.
pub(super) fn read<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Short<One: Deserialize<'de>> + Deserialize<'de>,
{
    struct OneOrMap<T>(PhantomData<T>);
    impl<'de, T: Short<One: Deserialize<'de>> + Deserialize<'de>> Visitor<'de> for OneOrMap<T> {
        type Value = T;
        fn expecting(&self, f: &mut Formatter) -> std::fmt::Result {
            write!(f, "{} or a map", T::FORM)
        }
        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            T::One::deserialize(number.into_deserializer()).map(T::of)
        }
        fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
            T::One::deserialize(number.into_deserializer()).map(T::of)
        }
        fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
            T::One::deserialize(number.into_deserializer()).map(T::of)
        }
        fn visit_unit<E: Error>(self) -> Result<T, E> {
            T::defaults().ok_or_else(|| E::invalid_type(Unexpected::Unit, &self))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
            T::One::deserialize(SeqAccessDeserializer::new(list)).map(T::of)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_any(OneOrMap(PhantomData))
}

/// Writes the short form where it says all.
pub(super) fn write<S: Serializer, T: Short + Serialize>(settings: &T, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::to_value(settings).map_err(serde::ser::Error::custom)? {
        Value::Object(map) if map.len() == 1 && map.contains_key(T::KEY) => map[T::KEY].serialize(serializer),
        value => value.serialize(serializer),
    }
}

/// The schema of either form.
pub(super) struct Form<T>(PhantomData<T>);

impl<T: Short<One: JsonSchema> + JsonSchema> JsonSchema for Form<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}OrShort", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<T::One>(), generator.subschema_for::<T>()] })
    }
}

/// Reads nothing as the defaults.
pub(super) fn or_defaults<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
