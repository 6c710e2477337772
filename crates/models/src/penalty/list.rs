//! `run.model.penalty`: `none`, one penalty, or a list of them.

use super::{PENALTIES, PenaltyConfig};
use crate::{Discriminator, Generator, Samples, Stream};
use burn::tensor::Tensor;
use family::Problem;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::Formatter;
use std::sync::LazyLock;

/// The penalties of a run, added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Penalties(pub Vec<PenaltyConfig>);

/// Penalties of one update, as scalars `[1]`.
pub(crate) struct Due {
    /// What to add to the loss.
    pub added: Tensor<1>,
    /// The same without the factor for the updates in between.
    pub value: Tensor<1>,
}

impl Penalties {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The penalties that are due at discriminator update `update` (from 0) of the run of `seed`; `None` if none is.
    pub(crate) fn due(
        &self,
        discriminator: &Discriminator,
        real: &Samples,
        fake: &Samples,
        (seed, update): (u64, u64),
    ) -> Option<Due> {
        let due = self.0.iter().filter(|penalty| update.is_multiple_of(penalty.every()));
        let each = due.filter_map(|penalty| {
            let value = value(penalty, discriminator, real, fake, (seed, update))?;
            Some(Due { added: value.clone() * penalty.every() as f64, value })
        });
        each.reduce(|sum, one| Due { added: sum.added + one.added, value: sum.value + one.value })
    }

    /// The penalties on the generator's weights; `None` if there are none.
    pub(crate) fn of_generator(&self, generator: &Generator) -> Option<Tensor<1>> {
        let each = self.0.iter().filter_map(|penalty| penalty.on_generator(generator));
        each.reduce(|sum, one| sum + one)
    }

    /// Puts the weights back into their box after an update, if they have one.
    pub fn after_update(&self, discriminator: Discriminator) -> Discriminator {
        self.0.iter().fold(discriminator, |discriminator, penalty| penalty.after_update(discriminator))
    }

    /// What is wrong with the values.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let is_list = self.0.len() > 1;
        let placed = |at: usize, problem: Problem| if is_list { problem.below(&at.to_string()) } else { problem };
        let each = self.0.iter().enumerate();
        let mut problems: Vec<Problem> = each
            .flat_map(|(at, penalty)| penalty.check().into_iter().map(move |problem| placed(at, problem)))
            .collect();
        let names: Vec<_> = self.0.iter().map(PenaltyConfig::name).collect();
        let twice = (1..names.len()).find(|at| names[..*at].contains(&names[*at]));
        problems.extend(twice.map(|at| Problem::here(format!("`{}` is in the list twice", names[at]))));
        problems
    }
}

/// The value of a penalty in discriminator update `update` of the run of `seed`, without the factor of `every`.
fn value(
    penalty: &PenaltyConfig,
    discriminator: &Discriminator,
    real: &Samples,
    fake: &Samples,
    (seed, update): (u64, u64),
) -> Option<Tensor<1>> {
    let Some(on_gradient) = penalty.on_gradient() else { return penalty.on_discriminator(discriminator) };
    let mut stream = Stream::new(seed, &format!("penalty/{}", penalty.name()), update);
    let points = on_gradient.points(real.images.clone(), fake.images.clone().detach(), &mut stream);
    // Generated images have the classes of the real ones, and so has what lies between.
    let points = Samples::from(points).with_labels(real.labels.clone());
    Some(on_gradient.value(discriminator.input_gradient(points)))
}

impl Serialize for Penalties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [] => serializer.serialize_str("none"),
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Penalties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = Penalties;
            fn expecting(&self, f: &mut Formatter) -> std::fmt::Result {
                f.write_str("`none`, a word, a map with `kind` or a list of them")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Penalties, E> {
                if word == "none" {
                    return Ok(Penalties::default());
                }
                if !names().contains(&word) {
                    return Err(E::unknown_variant(word, names()));
                }
                PenaltyConfig::deserialize(word.into_deserializer()).map(|one| Penalties(vec![one]))
            }
            fn visit_unit<E: Error>(self) -> Result<Penalties, E> {
                Ok(Penalties::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Penalties, A::Error> {
                PenaltyConfig::deserialize(MapAccessDeserializer::new(map)).map(|one| Penalties(vec![one]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Penalties, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Penalties)
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

/// What a word can be.
fn names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| [&["none"], PENALTIES.names()].concat());
    &NAMES
}

impl JsonSchema for Penalties {
    fn schema_name() -> Cow<'static, str> {
        "Penalties".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<PenaltyConfig>();
        json_schema!({ "anyOf": [{ "enum": ["none", null] }, one, { "type": "array", "items": one }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_one_and_several_read_and_write() {
        for (written, read, back) in [
            (r#""none""#, vec![], r#""none""#),
            ("null", vec![], r#""none""#),
            ("[]", vec![], r#""none""#),
            (r#""clip""#, vec!["clip"], r#"{"kind":"clip","bound":0.01}"#),
            (
                r#"["clip","r1"]"#,
                vec!["clip", "r1"],
                r#"[{"kind":"clip","bound":0.01},{"kind":"r1","weight":10.0,"every":1}]"#,
            ),
            (r#"{"kind":"clip"}"#, vec!["clip"], r#"{"kind":"clip","bound":0.01}"#),
            (r#"[{"kind":"clip","bound":1.0}]"#, vec!["clip"], r#"{"kind":"clip","bound":1.0}"#),
            (
                r#"[{"kind":"r1"},{"every":4,"kind":"r2"}]"#,
                vec!["r1", "r2"],
                r#"[{"kind":"r1","weight":10.0,"every":1},{"kind":"r2","weight":10.0,"every":4}]"#,
            ),
        ] {
            let penalties: Penalties = serde_json::from_str(written).unwrap();
            assert_eq!(penalties.0.iter().map(PenaltyConfig::name).collect::<Vec<_>>(), read);
            assert_eq!(serde_json::to_string(&penalties).unwrap(), back);
        }
        for wrong in [r#""nothing""#, r#"{"kind":"r3"}"#, r#"{"kind":"r1","target":1}"#, r#"{"weight":1}"#, "5"] {
            assert!(serde_json::from_str::<Penalties>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_out_of_range_are_reported() {
        let check = |json: &str, count| {
            let penalties: Penalties = serde_json::from_str(json).unwrap();
            assert_eq!(penalties.check().len(), count, "{json}: {:?}", penalties.check());
        };
        check(r#"[{"kind":"r1"},{"kind":"r2"},{"kind":"clip"},{"kind":"dragan"},{"kind":"gradient_norm"}]"#, 0);
        check(r#"[{"kind":"r1"},{"kind":"r2"},{"kind":"r1","weight":1.0}]"#, 1);
        check(r#"{"kind":"r1","weight":0.0,"every":0}"#, 2);
        check(r#"{"kind":"dragan","weight":-1.0,"target":-1.0,"scale":0.0}"#, 3);
        check(r#"{"kind":"clip","bound":0.0}"#, 1);
    }
}
