//! Conditions on settings: `when` says for which an axis exists, `exclude` which points are left out.

use std::rc::Rc;

use crate::axis::{AxisKey, Choice};
use crate::names::quote;
use crate::node::{Data, Entry, Node};
use crate::problem::Collector;
use crate::values::AxisValue;

/// The key beside an axis's values, or beside the axes of a `zip` entry.
pub(crate) const WHEN: &str = "when";

/// One entry of a `when` or an `exclude`: a setting, and the values of which it must have one.
#[derive(Debug)]
pub(crate) struct Condition {
    /// The setting with the value as it is written, which may be a list.
    pub whole: Choice,
    /// The setting with each item of that list.
    pub items: Vec<Choice>,
}

impl Condition {
    /// Reads one entry. `None` if its key is faulty, and then that was reported.
    pub(crate) fn read(entry: &Entry, collector: &mut Collector) -> Option<Self> {
        let key = AxisKey::read(&entry.key, entry.key_span, collector)?;
        let choice = |node: &Node| Choice { key: key.clone(), value: Rc::new(AxisValue::new(node.clone())) };
        let items = entry.value.items().unwrap_or_default().iter().map(choice).collect();
        Some(Condition { whole: choice(&entry.value), items })
    }

    /// The setting that it looks at.
    pub(crate) fn key(&self) -> &AxisKey {
        &self.whole.key
    }
}

/// Reads the `when` of `axis`. `None` if it is faulty, and then that was reported.
pub(crate) fn read(axis: &str, node: &Node, collector: &mut Collector) -> Option<Vec<Condition>> {
    let entries = match &node.data {
        Data::Map(entries) if !entries.is_empty() => entries,
        Data::Map(_) | Data::Null => {
            collector.report(node.span, format!("`when` of {} has no condition", quote(axis)), None);
            return None;
        }
        _ => {
            let message = format!("`when` of {} must be a map from keys to values, not {}", quote(axis), node.kind());
            collector.report(node.span, message, None);
            return None;
        }
    };
    let conditions: Vec<Condition> = entries.iter().filter_map(|entry| Condition::read(entry, collector)).collect();
    (conditions.len() == entries.len()).then_some(conditions)
}
