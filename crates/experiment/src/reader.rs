//! Types read from a tree of values.
//!
//! The key that names a map's variant is delivered first, wherever it is written, so that a type can read the rest without
//! buffering it. The innermost refusal is recorded with its path when it first passes a value of the tree, because layers
//! between a type and this reader may keep only the text of an error.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::merge::TAG_KEYS;
use crate::node::{Data, Entry, Node};
use crate::path::Step;
use crate::refusal::{Found, Refusal};

/// What is recorded while a tree is read, and the settings to skip.
#[derive(Default)]
pub(crate) struct Notes {
    /// Paths of the settings to skip.
    pub left_out: Vec<Vec<Step>>,
    refused: RefCell<Option<Refused>>,
}

/// What a type refused, and where.
#[derive(Debug)]
pub(crate) struct Refused {
    pub path: Vec<Step>,
    pub refusal: Refusal,
    /// The value was read before it was refused, so the refusal may be about a value within it.
    pub is_within: bool,
}

impl Notes {
    /// For a tree without the settings at these paths.
    pub(crate) fn leaving_out(left_out: Vec<Vec<Step>>) -> Self {
        Notes { left_out, refused: RefCell::default() }
    }

    /// The innermost refusal, if there was one.
    pub(crate) fn take(&self) -> Option<Refused> {
        self.refused.take()
    }

    fn is_left_out(&self, above: Option<&Link<'_>>, step: At<'_>) -> bool {
        !self.left_out.is_empty() && self.left_out.contains(&path(Some(&Link { above, step })))
    }
}

/// Reads a tree.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'de, 'a> {
    node: &'de Node,
    way: Option<&'a Link<'a>>,
    notes: &'a Notes,
}

/// The way from the root to a value, on the stack while that is read.
struct Link<'a> {
    above: Option<&'a Link<'a>>,
    step: At<'a>,
}

#[derive(Clone, Copy)]
enum At<'a> {
    Key(&'a str),
    Index(usize),
}

fn path(way: Option<&Link<'_>>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = way;
    while let Some(link) = rest {
        steps.push(match link.step {
            At::Key(key) => key.into(),
            At::Index(index) => Step::Index(index),
        });
        rest = link.above;
    }
    steps.reverse();
    steps
}

impl<'de, 'a> Reader<'de, 'a> {
    /// Reads the whole of a tree.
    pub(crate) fn new(root: &'de Node, notes: &'a Notes) -> Self {
        Reader { node: root, way: None, notes }
    }

    /// Records a refusal, unless one was recorded further in. A success clears it: the type found another way.
    fn note<T>(self, read: Result<T, Refusal>, is_within: bool) -> Result<T, Refusal> {
        let mut refused = self.notes.refused.borrow_mut();
        match &read {
            Ok(_) if refused.is_some() => *refused = None,
            Err(refusal) if refused.is_none() => {
                *refused = Some(Refused { path: path(self.way), refusal: refusal.clone(), is_within });
            }
            _ => {}
        }
        read
    }

    /// Reads a value of a list or a map. A type may refuse a value after it was read (`#[serde(try_from)]`).
    fn value<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refusal> {
        let is_within = matches!(self.node.data, Data::List(_) | Data::Map(_));
        self.note(seed.deserialize(self), is_within)
    }

    fn wrong<V: Visitor<'de>>(self, expected: V) -> Result<V::Value, Refusal> {
        let refusal =
            Refusal::Wrong { found: Found::of(self.node), expected: (&expected as &dyn Expected).to_string() };
        self.note(Err(refusal), false)
    }

    fn list<V: Visitor<'de>>(self, items: &'de [Node], visitor: V) -> Result<V::Value, Refusal> {
        let mut reader = ListReader { whole: self, items, next: 0 };
        let mut read = visitor.visit_seq(&mut reader);
        if read.is_ok() && reader.next < items.len() {
            read = Err(Refusal::invalid_length(items.len(), &"fewer"));
        }
        self.note(read, reader.next > 0)
    }

    fn map<V: Visitor<'de>>(self, entries: &'de [Entry], visitor: V) -> Result<V::Value, Refusal> {
        let mut reader = MapReader::new(self, entries);
        let read = visitor.visit_map(&mut reader);
        self.note(read, reader.next > 0)
    }
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = match &self.node.data {
            Data::List(items) => return self.list(items, visitor),
            Data::Map(entries) => return self.map(entries, visitor),
            Data::Null => visitor.visit_unit(),
            Data::Bool(value) => visitor.visit_bool(*value),
            Data::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Data::Text(text) => visitor.visit_borrowed_str(text),
        };
        self.note(read, false)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = match &self.node.data {
            Data::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        };
        self.note(read, false)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        self.note(visitor.visit_newtype_struct(self), false)
    }

    /// A map only, although derived types would accept a list of their fields.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.node.data {
            Data::Map(entries) => self.map(entries, visitor),
            _ => self.wrong(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let left_in = |entry: &&Entry| !self.notes.is_left_out(self.way, At::Key(&entry.key));
        let (name, content) = match &self.node.data {
            Data::Text(name) => (&**name, None),
            Data::Map(entries) => match entries.iter().filter(left_in).collect::<Vec<_>>()[..] {
                [entry] => (&*entry.key, Some(&entry.value)),
                _ => {
                    let expected = &"a name or a map with one name as its key";
                    return self.note(Err(Refusal::invalid_value(Unexpected::Map, expected)), false);
                }
            },
            _ => return self.wrong(visitor),
        };
        self.note(visitor.visit_enum(VariantReader { whole: self, name, content }), false)
    }

    /// A name only, although derived types would accept its index.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.node.data {
            Data::Text(text) => self.note(visitor.visit_borrowed_str(text), false),
            _ => self.wrong(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map
    }
}

struct ListReader<'de, 'a> {
    whole: Reader<'de, 'a>,
    items: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for ListReader<'de, '_> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Reader { way, notes, .. } = self.whole;
        while let Some(node) = self.items.get(self.next) {
            let step = At::Index(self.next);
            self.next += 1;
            if !notes.is_left_out(way, step) {
                return Reader { node, way: Some(&Link { above: way, step }), notes }.value(seed).map(Some);
            }
        }
        Ok(None)
    }

    fn size_hint(&self) -> Option<usize> {
        self.whole.notes.left_out.is_empty().then(|| self.items.len() - self.next)
    }
}

struct MapReader<'de, 'a> {
    whole: Reader<'de, 'a>,
    entries: &'de [Entry],
    /// Which entry comes first.
    tag: usize,
    next: usize,
    /// The entry whose value comes next.
    current: Option<&'de Entry>,
}

impl<'de, 'a> MapReader<'de, 'a> {
    fn new(whole: Reader<'de, 'a>, entries: &'de [Entry]) -> Self {
        let tag = TAG_KEYS.iter().find_map(|tag| entries.iter().position(|entry| *entry.key == **tag)).unwrap_or(0);
        MapReader { whole, entries, tag, next: 0, current: None }
    }

    fn next_entry(&mut self) -> Option<&'de Entry> {
        let Reader { way, notes, .. } = self.whole;
        while self.next < self.entries.len() {
            let place = match self.next {
                0 => self.tag,
                next if next <= self.tag => next - 1,
                next => next,
            };
            self.next += 1;
            let entry = &self.entries[place];
            if !notes.is_left_out(way, At::Key(&entry.key)) {
                return Some(entry);
            }
        }
        None
    }
}

impl<'de> MapAccess<'de> for MapReader<'de, '_> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        self.current = self.next_entry();
        let Some(entry) = self.current else {
            return Ok(None);
        };
        let Reader { node, way, notes } = self.whole;
        let link = Link { above: way, step: At::Key(&entry.key) };
        let place = Reader { node, way: Some(&link), notes };
        seed.deserialize(NameReader { name: &entry.key, place }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let entry = self.current.take().ok_or_else(|| Refusal::custom("a value was asked for before its key"))?;
        let Reader { way, notes, .. } = self.whole;
        let link = Link { above: way, step: At::Key(&entry.key) };
        Reader { node: &entry.value, way: Some(&link), notes }.value(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.whole.notes.left_out.is_empty().then(|| self.entries.len() - self.next)
    }
}

/// Reads the key of an entry, or the name of a variant.
struct NameReader<'de, 'a> {
    name: &'de str,
    /// Where a refusal is noted.
    place: Reader<'de, 'a>,
}

impl<'de> Deserializer<'de> for NameReader<'de, '_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.place.note(visitor.visit_borrowed_str(self.name), false)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.place.note(visitor.visit_enum(StrDeserializer::new(self.name)), false)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant as its name, or as a map from its name to what it holds.
struct VariantReader<'de, 'a> {
    whole: Reader<'de, 'a>,
    name: &'de str,
    content: Option<&'de Node>,
}

impl<'de, 'a> EnumAccess<'de> for VariantReader<'de, 'a> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Refusal> {
        Ok((seed.deserialize(NameReader { name: self.name, place: self.whole })?, self))
    }
}

impl<'de> VariantReader<'de, '_> {
    /// Reads what the variant holds. `expected` is that, for a name without anything.
    fn content<T>(
        self,
        expected: &str,
        read: impl FnOnce(Reader<'de, '_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let Some(node) = self.content else {
            return self.whole.note(Err(Refusal::invalid_type(Unexpected::Str(self.name), &expected)), false);
        };
        let Reader { way, notes, .. } = self.whole;
        read(Reader { node, way: Some(&Link { above: way, step: At::Key(self.name) }), notes })
    }
}

impl<'de> VariantAccess<'de> for VariantReader<'de, '_> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        match self.content {
            Some(_) => self.content("", |reader| de::Deserialize::deserialize(reader)),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refusal> {
        self.content("a map with this name as its key", |reader| reader.value(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.content("a map with this name as its key", |reader| reader.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refusal> {
        self.content("a map with this name as its key", |reader| reader.deserialize_struct("", fields, visitor))
    }
}
