//! The one list of a family's members.

use crate::{Choice, Family, Holds, Implied, Member, Settings};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A family's members: built-in ones, and those that the program added before the list was used.
pub struct Registry<T: ?Sized + Family> {
    built_in: &'static [Member<T>],
    added: Mutex<Vec<Member<T>>>,
    all: OnceLock<All<T>>,
}

struct All<T: ?Sized + Family> {
    members: Vec<Member<T>>,
    names: Vec<&'static str>,
}

/// Why a member cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The family has a member of that name.
    #[error("{family} has a member `{name}` already")]
    Duplicate {
        /// The family.
        family: &'static str,
        /// The member.
        name: &'static str,
    },
    /// The list was read before.
    #[error("`{name}` comes too late: members of {family} are added before the first use of its list")]
    Late {
        /// The family.
        family: &'static str,
        /// The member.
        name: &'static str,
    },
}

impl<T: ?Sized + Family> Registry<T> {
    /// For the family's static.
    pub const fn new(built_in: &'static [Member<T>]) -> Self {
        Self { built_in, added: Mutex::new(Vec::new()), all: OnceLock::new() }
    }

    /// Adds a member behind the others.
    ///
    /// # Errors
    /// The name is taken, or the list was used before.
    pub fn add<S: Settings>(&self) -> Result<(), AddError>
    where
        T: Holds<S>,
    {
        let (family, name) = (T::NAME, S::NAME);
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        if self.all.get().is_some() {
            return Err(AddError::Late { family, name });
        }
        if self.built_in.iter().chain(&*added).any(|known| known.name() == name) {
            return Err(AddError::Duplicate { family, name });
        }
        added.push(Member::of::<S>());
        Ok(())
    }

    /// Every member, in the order of the list. From now on none can be added.
    pub fn members(&self) -> &[Member<T>] {
        &self.all().members
    }

    /// The names of all members.
    pub fn names(&self) -> &[&'static str] {
        &self.all().names
    }

    /// The member of that name.
    pub fn find(&self, name: &str) -> Option<&Member<T>> {
        self.members().iter().find(|member| member.name() == name)
    }

    /// Every member that needs no settings, with its defaults.
    pub fn defaults(&self) -> impl Iterator<Item = Choice<T>> {
        self.members().iter().filter_map(Member::with_defaults)
    }

    /// Every setting that makes a tag needless.
    pub fn implied(&self) -> impl Iterator<Item = Implied> {
        let of = |member: &Member<T>| {
            let name = member.name();
            member.keys().iter().map(move |key| Implied { key, tag: T::TAG, name })
        };
        self.members().iter().flat_map(of)
    }

    fn all(&self) -> &All<T> {
        if let Some(all) = self.all.get() {
            return all;
        }
        // The lock is held until the list is fixed, so that nothing is added in between and lost.
        let added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        self.all.get_or_init(|| {
            let members: Vec<_> = self.built_in.iter().chain(&*added).copied().collect();
            let names = members.iter().map(Member::name).collect();
            All { members, names }
        })
    }
}
