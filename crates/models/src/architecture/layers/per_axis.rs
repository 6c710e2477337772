//! A number for each axis.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::{self, Formatter};

/// Height and width: one number for both, or a list of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerAxis(pub [usize; 2]);

impl PerAxis {
    /// The same along both axes.
    pub const fn both(number: usize) -> Self {
        Self([number; 2])
    }

    pub(super) fn is_one(&self) -> bool {
        *self == Self::both(1)
    }
}

/// `4 x 4`.
impl fmt::Display for PerAxis {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let [height, width] = self.0;
        write!(f, "{height} x {width}")
    }
}

impl Serialize for PerAxis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [height, width] if height == width => height.serialize(serializer),
            both => both.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PerAxis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrTwo;
        impl<'de> Visitor<'de> for OneOrTwo {
            type Value = PerAxis;
            fn expecting(&self, f: &mut Formatter) -> fmt::Result {
                f.write_str("a whole number, or a list of two: height and width")
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<PerAxis, E> {
                let number = usize::try_from(number).map_err(|_| E::custom("a number that large fits no axis"))?;
                Ok(PerAxis::both(number))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<PerAxis, E> {
                let positive = u64::try_from(number);
                let positive = positive.map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))?;
                self.visit_u64(positive)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<PerAxis, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(PerAxis)
            }
        }
        deserializer.deserialize_any(OneOrTwo)
    }
}

impl JsonSchema for PerAxis {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PerAxis".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number = json_schema!({ "type": "integer", "minimum": 0 });
        json_schema!({ "anyOf": [number, { "type": "array", "items": number, "minItems": 2, "maxItems": 2 }] })
    }
}
