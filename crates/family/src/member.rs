//! What a family is, and what a member of one is.

use crate::{Choice, Registry};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A family. Implemented by a trait object: `impl Family for dyn Shape`.
pub trait Family: Send + Sync + 'static {
    /// Its name in the JSON Schema, such as `Loss`.
    const NAME: &'static str;
    /// What the setting is, for the JSON Schema.
    const ABOUT: &'static str;
    /// The key that names a member in a map: `kind`, `architecture` or `name`.
    const TAG: &'static str;
    /// Whether a member without settings is written as its name alone: `hinge`, not `{ kind: hinge }`. Both are read.
    const WRITES_WORDS: bool;
    /// What lists such as `runner models` say of a member.
    type Entry;
    /// The one list of its members.
    fn registry() -> &'static Registry<Self>;

    /// What to write instead of a name that is no member's and that people expect: the end of a message.
    fn hint(_name: &str) -> Option<&'static str> {
        None
    }
}

/// A family that takes members of the type `S`. One blanket implementation a family covers all of its members.
pub trait Holds<S>: Family {
    /// The settings as a member.
    fn hold(settings: S) -> Arc<Self>;
    /// What lists say of members of this type.
    fn entry() -> Self::Entry;
}

/// The settings of a member: a struct of plain data with `#[serde(deny_unknown_fields)]`, and `default` where it has
/// defaults. Its doc comment is the member's description in the schema.
pub trait Settings: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The name in files, such as `hinge`.
    const NAME: &'static str;
    /// Settings that only this member has, so that a map with one of them needs no tag: `loss: { generator: ..., ... }`.
    const KEYS: &'static [&'static str] = &[];
}

/// A setting that says which member a map is of, as its tag would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Implied {
    /// The setting, such as `layers`.
    pub key: &'static str,
    /// The tag, such as `architecture`.
    pub tag: &'static str,
    /// The member, such as `layers`.
    pub name: &'static str,
}

/// One member in a family's list.
pub struct Member<T: ?Sized + Family> {
    name: &'static str,
    keys: &'static [&'static str],
    entry: fn() -> T::Entry,
    read: Read<T>,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

type Read<T> = fn(&mut dyn erased_serde::Deserializer) -> Result<Choice<T>, erased_serde::Error>;

impl<T: ?Sized + Family> Member<T> {
    /// The member with settings of type `S`.
    pub const fn of<S: Settings>() -> Self
    where
        T: Holds<S>,
    {
        Self {
            name: S::NAME,
            keys: S::KEYS,
            entry: <T as Holds<S>>::entry,
            read: |settings| erased_serde::deserialize::<S>(settings).map(Choice::of),
            schema: S::json_schema,
        }
    }

    /// The name in files.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The settings that make the tag needless.
    pub(crate) fn keys(&self) -> &'static [&'static str] {
        self.keys
    }

    /// What lists say of it.
    pub fn entry(&self) -> T::Entry {
        (self.entry)()
    }

    /// Reads its settings, without the tag.
    pub(crate) fn read(&self, settings: &mut dyn erased_serde::Deserializer) -> Result<Choice<T>, erased_serde::Error> {
        (self.read)(settings)
    }

    /// The schema of its settings, without the tag.
    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.schema)(generator)
    }
}

impl<T: ?Sized + Family> Clone for Member<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized + Family> Copy for Member<T> {}
