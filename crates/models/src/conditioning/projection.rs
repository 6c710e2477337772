//! Classes in the logit (Miyato and Koyama 2018, arXiv 1802.05637, eq. 3): f(x) + yᵀ V φ(x), with the features φ that the
//! logit f is read from.

use super::{ClassInput, Conditioning, Entry};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Classes are a term of the logit.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Projection {}

impl Settings for Projection {
    const NAME: &'static str = "projection";
}

impl Conditioning for Projection {
    fn entry() -> Entry {
        Entry {
            about: "the logit has a further term y . V features",
            settings: "",
            paper: "Miyato and Koyama 2018, arXiv 1802.05637",
        }
    }

    fn is_by_class(&self) -> bool {
        true
    }

    fn class_input(&self) -> ClassInput {
        ClassInput::Projection
    }
}
