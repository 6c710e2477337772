//! What is wrong with an experiment file.

use std::collections::HashSet;
use std::fmt;

use crate::decode::Fault;
use crate::draw::Drawing;
use crate::source::{Span, Texts};

/// More than this many problems are counted, not shown: a reader fixes a screen at a time.
const MAX_SHOWN: usize = 100;

/// Everything that is wrong, in the order of the files. `Display` draws it the way a compiler does.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

#[cfg(test)]
impl Problems {
    /// The problems, sorted by file and position.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                write!(out, "\n\n")?;
            }
            out.write_str(&problem.drawn)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// One thing that is wrong, as it is drawn.
#[derive(Debug)]
pub(crate) struct Problem {
    drawn: String,
    /// The message, with line and column in front if it is in a file.
    #[cfg(test)]
    pub summary: String,
}

/// Collects problems while an experiment is read, each once.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub texts: Texts,
    problems: Vec<(Option<Span>, Problem)>,
    seen: HashSet<(Option<Span>, String)>,
    settled: HashSet<Span>,
}

impl Collector {
    /// Notes a problem unless the same one was noted at the same place.
    pub(crate) fn report(&mut self, span: impl Into<Option<Span>>, message: impl Into<String>, label: Option<String>) {
        self.note(span.into(), message.into(), label, None);
    }

    /// Notes a problem with two places; the second has a label, too.
    pub(crate) fn report_both(&mut self, span: Span, message: String, label: Option<String>, other: (Span, &str)) {
        self.note(Some(span), message, label, Some(other));
    }

    fn note(&mut self, span: Option<Span>, message: String, label: Option<String>, other: Option<(Span, &str)>) {
        if span.is_some_and(|span| self.settled.contains(&span)) {
            return;
        }
        if !self.seen.insert((span, message.clone())) || self.seen.len() > MAX_SHOWN {
            return;
        }
        let drawing = Drawing { message: &message, label: label.as_deref(), span, other };
        let problem = Problem {
            drawn: drawing.draw(&self.texts),
            #[cfg(test)]
            summary: match span.and_then(|span| crate::draw::position(&self.texts, span)) {
                Some((line, column)) => format!("{line}:{column} {message}"),
                None => message,
            },
        };
        self.problems.push((span, problem));
    }

    /// Notes what a type refuses.
    pub(crate) fn report_fault(&mut self, span: Option<Span>, fault: &Fault) {
        let message = fault.message(span, &self.texts);
        self.report(span, message, fault.label.clone());
    }

    /// Whether a type's refusal was not noted at the same place.
    pub(crate) fn is_new_fault(&self, span: Span, fault: &Fault) -> bool {
        !self.seen.contains(&(Some(span), fault.message(Some(span), &self.texts)))
    }

    /// Notes a problem after which nothing else is worth saying about the same place.
    pub(crate) fn settle(&mut self, span: Span, message: impl Into<String>) {
        self.report(span, message, None);
        self.settled.insert(span);
    }

    /// How many distinct problems were noted.
    pub(crate) fn count(&self) -> usize {
        self.seen.len()
    }

    /// Whether there are so many that more would not be shown.
    pub(crate) fn is_full(&self) -> bool {
        self.seen.len() >= MAX_SHOWN
    }

    /// Every problem in the order of the texts.
    pub(crate) fn into_problems(mut self) -> Problems {
        self.problems.sort_by_key(|(span, _)| *span);
        let more = self.seen.len().saturating_sub(MAX_SHOWN);
        let mut problems: Vec<Problem> = self.problems.into_iter().map(|(_, problem)| problem).collect();
        if more > 0 {
            let message = format!("{more} more problems are not shown");
            problems.push(Problem {
                drawn: format!("error: {message}"),
                #[cfg(test)]
                summary: message,
            });
        }
        Problems(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_problems_is_counted() {
        let mut collector = Collector::default();
        for index in 0..1000 {
            collector.report(None, format!("problem {index}"), None);
            collector.report(None, "the same", None);
        }
        let problems = collector.into_problems();
        assert_eq!(problems.iter().count(), MAX_SHOWN + 1);
        assert!(problems.to_string().ends_with("901 more problems are not shown"));
    }
}
