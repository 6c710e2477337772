//! The value of a setting that chooses a member.

use crate::{Family, Holds, Settings};
use serde_json::{Map, Value};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A member of a family with its settings. Dereferences to the family's trait. Two are equal if their names and settings
/// are.
pub struct Choice<T: ?Sized + Family> {
    name: &'static str,
    entry: fn() -> T::Entry,
    /// As they are written, in the order of the struct.
    settings: Arc<Map<String, Value>>,
    member: Arc<T>,
}

/// A family with a member for the case that a file chooses none.
pub trait DefaultMember: Family {
    /// That member.
    fn default_member() -> Choice<Self>;
}

impl<T: ?Sized + Family> Choice<T> {
    /// The member with these settings.
    ///
    /// # Panics
    /// The settings are no struct of plain data, as [`Settings`] demands.
    pub fn of<S: Settings>(settings: S) -> Self
    where
        T: Holds<S>,
    {
        let written = match serde_json::to_value(&settings) {
            Ok(Value::Object(map)) => map,
            _ => panic!("the settings of `{}` are no struct of plain data", S::NAME),
        };
        let entry = <T as Holds<S>>::entry;
        Self { name: S::NAME, entry, settings: Arc::new(written), member: T::hold(settings) }
    }

    /// The member's name in files.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What lists say of it.
    pub fn entry(&self) -> T::Entry {
        (self.entry)()
    }

    /// Its settings with every default, without the tag.
    pub fn settings(&self) -> &Map<String, Value> {
        &self.settings
    }
}

impl<T: ?Sized + Family> Deref for Choice<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.member
    }
}

impl<T: ?Sized + Family> Clone for Choice<T> {
    fn clone(&self) -> Self {
        Self { name: self.name, entry: self.entry, settings: self.settings.clone(), member: self.member.clone() }
    }
}

impl<T: ?Sized + Family> PartialEq for Choice<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.settings == other.settings
    }
}

impl<T: ?Sized + Family> fmt::Debug for Choice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.name);
        self.settings.iter().for_each(|(key, value)| {
            out.field(key, &format_args!("{value}"));
        });
        out.finish()
    }
}

impl<T: ?Sized + DefaultMember> Default for Choice<T> {
    fn default() -> Self {
        T::default_member()
    }
}
