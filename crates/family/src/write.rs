//! Writing a member: the tag first, then the settings in the order of their struct.

use crate::{Choice, Family};
use serde::ser::{Serialize, SerializeMap, Serializer};

impl<T: ?Sized + Family> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let settings = self.settings();
        if settings.is_empty() && T::WRITES_WORDS {
            return serializer.serialize_str(self.name());
        }
        let mut map = serializer.serialize_map(Some(settings.len() + 1))?;
        map.serialize_entry(T::TAG, self.name())?;
        settings.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}
