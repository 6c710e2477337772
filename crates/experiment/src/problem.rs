//! What is wrong with an experiment file, shown the way a compiler shows it.

use std::collections::HashSet;
use std::fmt;

use crate::source::{Origin, Span, Texts};

/// More than this many problems are counted, not shown: a reader fixes a screen at a time.
const MOST_SHOWN: usize = 100;
/// Characters of the offending line that are shown around the marker.
const WINDOW: usize = 120;
/// Characters of a name or value that are quoted in a message.
const LONGEST_QUOTE: usize = 60;

/// Names that share their beginning this much (Jaro-Winkler) are alike even if their ends differ.
const MOST_ALIKE: f64 = 0.87;

/// Everything that is wrong, in the order of the files.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

#[cfg(test)]
impl Problems {
    /// The problems, sorted by file and position.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                write!(out, "\n\n")?;
            }
            write!(out, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// One thing that is wrong, with its place.
///
/// `Display` writes the message, the place, the line and a marker, without a final newline.
#[derive(Debug)]
pub struct Problem {
    message: String,
    label: Option<String>,
    excerpt: Option<Excerpt>,
}

#[cfg(test)]
impl Problem {
    /// What is wrong, without its place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Line and column, both from 1; `None` outside files.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let excerpt = self.excerpt.as_ref()?;
        Some((excerpt.line?, excerpt.column))
    }
}

/// The marked line.
#[derive(Debug)]
struct Excerpt {
    origin: String,
    /// `None` for a text that is one line by nature.
    line: Option<usize>,
    column: usize,
    text: String,
    marker_start: usize,
    marker_length: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}", self.message)?;
        let Some(excerpt) = &self.excerpt else {
            return match &self.label {
                Some(label) => write!(out, " ({label})"),
                None => Ok(()),
            };
        };
        let number = excerpt.line.map(|line| line.to_string()).unwrap_or_default();
        let width = number.len().max(1);
        write!(out, "\n{:width$}--> {}", "", excerpt.origin)?;
        if let Some(line) = excerpt.line {
            write!(out, ":{line}:{}", excerpt.column)?;
        }
        write!(out, "\n{:width$} |", "")?;
        write!(out, "\n{number:width$} | {}", excerpt.text)?;
        let marker = "^".repeat(excerpt.marker_length);
        write!(out, "\n{:width$} | {:start$}{marker}", "", "", start = excerpt.marker_start)?;
        match &self.label {
            Some(label) => write!(out, " {label}"),
            None => Ok(()),
        }
    }
}

/// Collects problems while an experiment is read; tells each once.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub texts: Texts,
    problems: Vec<(Option<Span>, Problem)>,
    seen: HashSet<(Option<Span>, String)>,
    settled: HashSet<Span>,
}

impl Collector {
    /// Notes a problem unless the same one was noted at the same place.
    pub fn report(&mut self, span: impl Into<Option<Span>>, message: impl Into<String>, label: Option<String>) {
        let (span, message) = (span.into(), message.into());
        if span.is_some_and(|span| self.settled.contains(&span)) {
            return;
        }
        if !self.seen.insert((span, message.clone())) || self.seen.len() > MOST_SHOWN {
            return;
        }
        let excerpt = span.map(|span| excerpt(&self.texts, span));
        self.problems.push((span, Problem { message, label, excerpt }));
    }

    /// Notes a problem after which nothing else is worth saying about the same place.
    pub fn settle(&mut self, span: Span, message: impl Into<String>) {
        self.report(span, message, None);
        self.settled.insert(span);
    }

    /// Whether nothing like it was noted at the same place.
    pub fn is_new(&self, span: Span, message: &str) -> bool {
        !self.seen.contains(&(Some(span), message.to_owned()))
    }

    /// How many distinct problems were noted.
    pub fn count(&self) -> usize {
        self.seen.len()
    }

    /// Whether there are so many that looking for more helps nobody.
    pub fn is_full(&self) -> bool {
        self.seen.len() >= MOST_SHOWN
    }

    /// Every problem in the order of the texts.
    pub fn into_problems(mut self) -> Problems {
        self.problems.sort_by_key(|(span, _)| *span);
        let more = self.seen.len().saturating_sub(MOST_SHOWN);
        let mut problems: Vec<Problem> = self.problems.into_iter().map(|(_, problem)| problem).collect();
        if more > 0 {
            problems.push(Problem {
                message: format!("{more} more problems are not shown"),
                label: None,
                excerpt: None,
            });
        }
        Problems(problems)
    }
}

/// A name or value from the user, in backticks, without control characters and not too long.
pub(crate) fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_QUOTE).map(printable).collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// `did you mean ...` for the nearest of `names`, else the names themselves, the first of them if they are many.
pub(crate) fn suggest<'a>(name: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(name, names.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let names: Vec<String> = names.into_iter().map(quote).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("the only valid name is {}", names[0])),
        2..=12 => Some(format!("valid names: {}", names.join(", "))),
        many => Some(format!("valid names: {} and {} more", names[..6].join(", "), many - 6)),
    }
}

/// The name that `name` is most likely a slip of.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST_QUOTE {
        return None;
    }
    let spelling = |text: &str| text.to_lowercase().replace('-', "_");
    let wanted = spelling(name);
    names
        .into_iter()
        .map(|known| {
            let known_spelling = spelling(known);
            let distance = strsim::osa_distance(&wanted, &known_spelling);
            let longest = wanted.chars().count().max(known_spelling.chars().count());
            let similarity = strsim::jaro_winkler(&wanted, &known_spelling);
            (known, distance, longest, similarity)
        })
        .filter(|(_, distance, longest, similarity)| {
            let is_slip = *distance <= (longest / 3).max(1) && distance < longest;
            is_slip || *similarity >= MOST_ALIKE
        })
        .min_by(|a, b| a.1.cmp(&b.1).then(b.3.total_cmp(&a.3)))
        .map(|(known, ..)| known)
}

fn excerpt(texts: &Texts, span: Span) -> Excerpt {
    let origin = texts.origin(span.text);
    let is_file = matches!(origin, Origin::File(_));
    // A scanner puts an error at the end of the file past the last line.
    let last = texts.last_line(span.text);
    let (number, start, end) = if span.start.line > last {
        let length = texts.line(span.text, last).chars().count();
        (last, length, length + 1)
    } else {
        let length = texts.line(span.text, span.start.line).chars().count();
        let end = match span.end.line == span.start.line {
            true => span.end.column,
            false => length,
        };
        (span.start.line, span.start.column.min(length), end)
    };
    let line = texts.line(span.text, number);
    let is_in_window = start < WINDOW / 2 || end <= WINDOW;
    let first = if is_in_window { 0 } else { start - WINDOW / 2 };
    let mut text: String = line.chars().skip(first).take(WINDOW).map(printable).collect();
    let mut marker_start = start - first;
    let room = (WINDOW - marker_start).max(1);
    if first > 0 {
        text.insert_str(0, "… ");
        marker_start += 2;
    }
    if line.chars().nth(first + WINDOW).is_some() {
        text.push_str(" …");
    }
    Excerpt {
        origin: match origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Environment => "environment".to_owned(),
            Origin::CommandLine => "command line".to_owned(),
        },
        line: is_file.then_some(number),
        column: start + 1,
        text: text.trim_end().to_owned(),
        marker_start,
        marker_length: end.saturating_sub(start).clamp(1, room),
    }
}

/// A terminal must not obey what a file holds, and a tab must not move the marker.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
            '\u{fffd}'
        }
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn rendered(text: &str, span: Span, label: Option<&str>) -> String {
        let mut collector = Collector::default();
        collector.texts.add(Origin::File(PathBuf::from("x.yaml")), text.to_owned());
        collector.report(span, "it is wrong", label.map(str::to_owned));
        collector.into_problems().to_string()
    }

    #[test]
    fn a_problem_shows_its_line_and_a_marker() {
        let span = Span::on_line(0, 10, 4, 5);
        let text = "\n".repeat(9) + "ab: \tcdef\u{1b}";
        assert_eq!(
            rendered(&text, span, Some("did you mean `x`?")),
            "error: it is wrong\n  --> x.yaml:10:5\n   |\n10 | ab:  cdef\u{fffd}\n   |     ^^^^^ did you mean `x`?"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_marker() {
        let text = format!("{}wrong{}", "a".repeat(1000), "b".repeat(1000));
        let shown = rendered(&text, Span::on_line(0, 1, 1000, 5), None);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[3].chars().count() < 140, "{shown}");
        let at = lines[4].find('^').unwrap();
        let marked: String = lines[3].chars().skip(at).take(5).collect();
        assert_eq!(marked, "wrong");
    }

    #[test]
    fn positions_past_the_end_are_harmless() {
        for span in [Span::on_line(0, 99, 7, 3), Span::on_line(0, 1, 50, 0), Span::on_line(0, 0, 0, 0)] {
            assert!(rendered("a: b\n", span, None).contains('^'));
            assert!(rendered("", span, None).contains('^'));
        }
    }

    #[test]
    fn the_nearest_name_is_a_slip_not_a_guess() {
        let names = ["lr", "beta1", "beta2", "weight_decay"];
        for (name, expected) in [
            ("betas1", Some("beta1")),
            ("Beta2", Some("beta2")),
            ("weight-decay", Some("weight_decay")),
            ("l", Some("lr")),
            ("rl", Some("lr")),
            ("weights", Some("weight_decay")),
            ("momentum", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn a_flood_of_problems_is_counted() {
        let mut collector = Collector::default();
        for index in 0..1000 {
            collector.report(None, format!("problem {index}"), None);
            collector.report(None, "the same", None);
        }
        let problems = collector.into_problems();
        assert_eq!(problems.iter().count(), MOST_SHOWN + 1);
        assert!(problems.to_string().ends_with("901 more problems are not shown"));
    }
}
