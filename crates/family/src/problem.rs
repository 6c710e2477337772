//! A setting that cannot be used.

use std::fmt;

/// What is wrong with a setting that was read: out of range, or not to be combined with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The dotted path of the setting below the section that was checked; empty for the section itself.
    pub path: String,
    /// What is wrong, and what to write instead: a fragment for people.
    pub message: String,
}

impl Problem {
    /// At the setting with this dotted path.
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// With the section as a whole.
    pub fn here(message: impl Into<String>) -> Self {
        Self::at("", message)
    }

    /// A problem at this setting, unless it `holds`.
    pub fn unless(holds: bool, path: impl Into<String>, message: impl Into<String>) -> Option<Self> {
        (!holds).then(|| Self::at(path, message))
    }

    /// The same problem as seen from the section above, in which this one has the key.
    pub fn below(self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{key}.{}", self.path) };
        Self { path, ..self }
    }
}

/// `path: message`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}
