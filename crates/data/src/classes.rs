//! Classes of samples from what each is called.

use std::collections::BTreeSet;
use std::fmt;

use crate::Labels;

/// The most classes that there can be.
const MAX_CLASSES: usize = u16::MAX as usize;

/// What a class is called in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// In the order of numbers, not of digits.
    Number(i64),
    Name(String),
}

impl Label {
    /// A number if it is one.
    pub(crate) fn of_text(text: &str) -> Label {
        text.parse().map_or_else(|_| Label::Name(text.to_owned()), Label::Number)
    }

    /// Of a whole number or a text.
    pub(crate) fn of_json(value: &serde_json::Value) -> Option<Label> {
        let text = || value.as_str().map(|text| Label::Name(text.to_owned()));
        value.as_i64().map(Label::Number).or_else(text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Number(number) => write!(f, "{number}"),
            Label::Name(name) => f.write_str(name),
        }
    }
}

/// The classes are the values that occur, in their order.
///
/// # Errors
/// There are too many of them; a sentence without a full stop.
pub(crate) fn classes<T: Ord + Clone + ToString>(of_samples: &[T]) -> Result<Labels, String> {
    let occurring = Vec::from_iter(BTreeSet::from_iter(of_samples));
    if occurring.len() > MAX_CLASSES {
        return Err(format!("its {} different labels are more than classes can be", occurring.len()));
    }
    let position = |label: &T| occurring.partition_point(|other| *other < label) as u16;
    let names = occurring.iter().map(|label| label.to_string()).collect();
    Ok(Labels { of_samples: of_samples.iter().map(position).collect(), names })
}
