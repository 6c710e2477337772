//! An axis of a sweep: settings that vary together, and the points for which they do.

use std::rc::Rc;

use crate::builder::MAX_DEPTH;
use crate::names::quote;
use crate::problem::Collector;
use crate::source::Span;
use crate::values::AxisValue;
use crate::when::Condition;

/// Settings that vary together.
#[derive(Debug)]
pub(crate) struct Axis {
    /// The choices of each step along the axis.
    pub steps: Vec<Vec<Choice>>,
    /// All must hold for a point to vary along the axis; none for one that always varies.
    pub when: Vec<Condition>,
    /// An entry of `zip`.
    pub is_zip: bool,
}

impl Axis {
    /// The keys that it sets.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Rc<AxisKey>> {
        self.steps.first().into_iter().flatten().map(|choice| &choice.key)
    }
}

/// A key with one of its values.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub key: Rc<AxisKey>,
    pub value: Rc<AxisValue>,
}

impl Choice {
    /// Whether a place is in its key or its value.
    pub(crate) fn holds(&self, span: Span) -> bool {
        self.key.holds(span) || self.value.node.span.holds(span)
    }
}

/// A key of an axis: a path below `run`, or a pattern.
#[derive(Debug)]
pub(crate) struct AxisKey {
    pub written: String,
    pub pattern: Vec<String>,
    pub span: Span,
    /// Characters in front of the pattern: `run.` may be written.
    offset: usize,
}

impl AxisKey {
    /// Takes a key apart. `None` if it cannot be one, and then that was reported.
    pub(crate) fn read(written: &str, span: Span, collector: &mut Collector) -> Option<Rc<Self>> {
        let below_run = written.strip_prefix("run.").unwrap_or(written);
        let pattern: Vec<String> = below_run.split('.').map(str::to_owned).collect();
        let reason = if pattern.iter().any(String::is_empty) {
            "has an empty part"
        } else if pattern.len() > MAX_DEPTH {
            "has too many parts"
        } else if pattern.last().is_some_and(|part| part == "*") {
            "must end with a name, not with `*`"
        } else {
            let offset = written.len() - below_run.len();
            return Some(Rc::new(AxisKey { written: written.to_owned(), pattern, span, offset }));
        };
        collector.report(span, format!("the key {} {reason}", quote(written)), None);
        None
    }

    /// Whether a place is in it.
    pub(crate) fn holds(&self, span: Span) -> bool {
        self.span.holds(span)
    }

    /// The place of one part of the pattern, if the key is written plainly on one line.
    pub(crate) fn part(&self, index: usize) -> Span {
        let is_plain = self.span.length() == Some(self.written.chars().count());
        let Some(part) = self.pattern.get(index).filter(|_| is_plain) else {
            return self.span;
        };
        let before: usize = self.pattern[..index].iter().map(|part| part.chars().count() + 1).sum();
        let column = self.span.start.column + self.offset + before;
        let (text, line) = (self.span.text, self.span.start.line);
        Span::on_line(text, line, column, part.chars().count())
    }
}
