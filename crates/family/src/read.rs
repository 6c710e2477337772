//! Reading a member: a word, or a map with a tag and the member's settings.

use crate::{Choice, Family, Member};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;
use std::cell::Cell;
use std::fmt;
use std::iter::empty;
use std::marker::PhantomData;
use std::vec;

impl<'de, T: ?Sized + Family> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrMap(PhantomData))
    }
}

impl<T: ?Sized + Family> Member<T> {
    /// The member with its defaults; `None` if it needs settings.
    pub fn with_defaults(&self) -> Option<Choice<T>> {
        let none = MapDeserializer::<_, serde::de::value::Error>::new(empty::<(&str, &str)>());
        self.read(&mut <dyn erased_serde::Deserializer>::erase(none)).ok()
    }
}

struct WordOrMap<T: ?Sized>(PhantomData<T>);

impl<'de, T: ?Sized + Family> Visitor<'de> for WordOrMap<T> {
    type Value = Choice<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a word or a map with `{}`", T::TAG)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Choice<T>, E> {
        let none = MapDeserializer::<_, E>::new(empty::<(&str, &str)>());
        read(find(word)?, none)
    }

    /// A map is streamed from its tag on; what stands before the tag is kept until it comes.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Choice<T>, A::Error> {
        let mut before = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let (member, untagged) = if key == T::TAG {
                (map.next_value_seed(Name(PhantomData))?, None)
            } else if let Some(member) = T::registry().members().iter().find(|member| member.keys().contains(&&*key)) {
                (member, Some(Untagged { tag: T::TAG, name: member.name(), key: Some(key) }))
            } else {
                before.push((key, map.next_value()?));
                continue;
            };
            let rest = Rest { before: before.into_iter(), value: None, untagged, map };
            return read(member, MapAccessDeserializer::new(rest));
        }
        Err(A::Error::missing_field(T::TAG))
    }
}

fn find<T: ?Sized + Family, E: Error>(name: &str) -> Result<&'static Member<T>, E> {
    let members = T::registry();
    members.find(name).ok_or_else(|| match T::hint(name) {
        Some(hint) => E::custom(format_args!("there is no `{name}`: {hint}")),
        None => E::unknown_variant(name, members.names()),
    })
}

fn read<'de, T: ?Sized + Family, D: Deserializer<'de>>(member: &Member<T>, settings: D) -> Result<Choice<T>, D::Error> {
    let whole = Cell::new(None);
    let settings = Around { settings, error: &whole };
    let read = member.read(&mut <dyn erased_serde::Deserializer>::erase(settings));
    read.map_err(|text| whole.take().unwrap_or_else(|| D::Error::custom(text)))
}

/// Settings that are read through `erased_serde`, which keeps the text of an error only: the error itself goes around it.
struct Around<'e, D, E> {
    settings: D,
    error: &'e Cell<Option<E>>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Around<'_, D, D::Error> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.settings.deserialize_any(visitor).map_err(|error| {
            let text = D::Error::custom(&error);
            self.error.set(Some(error));
            text
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads the value of the tag.
struct Name<T: ?Sized>(PhantomData<T>);

impl<'de, T: ?Sized + Family> DeserializeSeed<'de> for Name<T> {
    type Value = &'static Member<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T: ?Sized + Family> Visitor<'_> for Name<T> {
    type Value = &'static Member<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        find(name)
    }
}

/// A map without its tag.
struct Rest<A> {
    before: vec::IntoIter<(String, Value)>,
    /// The value of the last key out of `before`.
    value: Option<Value>,
    untagged: Option<Untagged>,
    map: A,
}

/// A map whose member is known by one of its settings. A tag that comes later must agree.
struct Untagged {
    tag: &'static str,
    name: &'static str,
    /// That setting, until it is passed on: its value is the next one of the map.
    key: Option<String>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        if let Some((key, value)) = self.before.next() {
            self.value = Some(value);
            return seed.deserialize(key.into_deserializer()).map(Some);
        }
        let Some(untagged) = &mut self.untagged else { return self.map.next_key_seed(seed) };
        if let Some(key) = untagged.key.take() {
            return seed.deserialize(key.into_deserializer()).map(Some);
        }
        let Some(key) = self.map.next_key::<String>()? else { return Ok(None) };
        if key != untagged.tag {
            return seed.deserialize(key.into_deserializer()).map(Some);
        }
        let (stated, name) = (self.map.next_value::<String>()?, untagged.name);
        if stated != name {
            let message = format!("the settings are those of `{name}`, not of `{stated}`");
            return Err(A::Error::custom(message));
        }
        self.next_key_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
            None => self.map.next_value_seed(seed),
        }
    }
}
