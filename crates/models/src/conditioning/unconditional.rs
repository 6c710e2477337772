//! No classes and no codes.

use super::{Conditioning, Entry};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// No classes.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unconditional {}

impl Settings for Unconditional {
    const NAME: &'static str = "none";
}

impl Conditioning for Unconditional {
    fn entry() -> Entry {
        Entry { about: "no classes", settings: "", paper: "" }
    }
}
