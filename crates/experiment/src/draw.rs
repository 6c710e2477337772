//! A problem as a compiler draws it: message, place, the line, a marker with a note.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::{Span, Texts};

/// Of a line longer than this only the surroundings of the marker are drawn.
const MAX_LINE: usize = 1000;
/// Characters of such a line in front of the marker, and from its start on.
const SURROUNDINGS: (usize, usize) = (200, 400);
/// Lines between two places that are drawn as one piece of a text.
const MAX_BETWEEN: usize = 20;

/// What to draw.
pub(crate) struct Drawing<'a> {
    pub message: &'a str,
    pub span: Option<Span>,
    /// The note at the marker.
    pub label: Option<&'a str>,
    /// A second place with its note.
    pub other: Option<(Span, &'a str)>,
}

impl Drawing<'_> {
    /// The lines, without a final newline.
    pub(crate) fn draw(&self, texts: &Texts) -> String {
        let title = Level::ERROR.primary_title(self.message);
        let Some(span) = self.span else {
            let message = Renderer::plain().render(&[Group::with_title(title)]);
            return self.label.map_or(message.clone(), |label| format!("{message} ({label})"));
        };
        let line = Line::of(texts, span);
        let other = self.other.map(|(span, label)| (Line::of(texts, span), label));
        let group = match &other {
            None => title.element(line.snippet(AnnotationKind::Primary, self.label)),
            Some((other, label)) if line.is_near(other) => {
                title.element(line.snippet_with(texts, self.label, other, label))
            }
            Some((other, label)) => title
                .element(line.snippet(AnnotationKind::Primary, self.label))
                .element(other.snippet(AnnotationKind::Context, Some(label))),
        };
        let mut drawn = Renderer::plain().render(&[group]);
        for line in [&line].into_iter().chain(other.as_ref().map(|(other, _)| other)) {
            drawn = drawn.replacen(&line.drawn_place(), &line.place, 1);
        }
        drawn
    }
}

/// A line with what is marked in it.
struct Line<'t> {
    text: usize,
    /// Where the text comes from.
    name: String,
    /// The same with line and column, if it has lines.
    place: String,
    number: usize,
    is_numbered: bool,
    content: Cow<'t, str>,
    /// In bytes of `content`.
    marked: Range<usize>,
}

impl<'t> Line<'t> {
    fn of(texts: &'t Texts, span: Span) -> Self {
        let (number, column, end) = columns(texts, span);
        let whole = texts.line(span.text, number);
        // A line of a million characters takes a second to draw.
        let is_long = whole.chars().nth(MAX_LINE).is_some();
        let first = if is_long { column.saturating_sub(SURROUNDINGS.0) } else { 0 };
        let content: Cow<'_, str> = match is_long {
            true => whole.chars().skip(first).take(SURROUNDINGS.0 + SURROUNDINGS.1).collect::<String>().into(),
            false => whole.into(),
        };
        let byte = |column: usize| content.char_indices().nth(column - first).map_or(content.len(), |(byte, _)| byte);
        let marked = byte(column)..byte(end.max(column));
        let (name, is_numbered) = (texts.name(span.text), texts.is_file(span.text));
        let place = if is_numbered { format!("{name}:{number}:{}", column + 1) } else { name.clone() };
        Line { text: span.text, name, place, number, is_numbered, content, marked }
    }

    fn is_near(&self, other: &Self) -> bool {
        self.text == other.text && self.number.abs_diff(other.number) <= MAX_BETWEEN
    }

    /// How the place is drawn: of a text without lines, and of a line that is not drawn in full, it is not the right one.
    fn drawn_place(&self) -> String {
        let column = self.content[..self.marked.start].chars().count() + 1;
        format!("{}:{}:{column}", self.name, self.number)
    }

    fn snippet<'a>(&'a self, kind: AnnotationKind, label: Option<&'a str>) -> Snippet<'a, Annotation<'a>> {
        self.piece(&*self.content, self.number).annotation(kind.span(self.marked.clone()).label(label))
    }

    /// Both lines and what is between them.
    fn snippet_with<'a>(
        &'a self,
        texts: &'a Texts,
        label: Option<&'a str>,
        other: &'a Self,
        other_label: &'a str,
    ) -> Snippet<'a, Annotation<'a>> {
        let (first, last) = (self.number.min(other.number), self.number.max(other.number));
        let content = |number: usize| match number {
            _ if number == self.number => &*self.content,
            _ if number == other.number => &*other.content,
            _ => Some(texts.line(self.text, number)).filter(|line| line.len() <= MAX_LINE).unwrap_or_default(),
        };
        let lines: Vec<&str> = (first..=last).map(content).collect();
        let marked = |line: &Self| {
            let before: usize = lines[..line.number - first].iter().map(|line| line.len() + 1).sum();
            before + line.marked.start..before + line.marked.end
        };
        self.piece(lines.join("\n"), first)
            .annotation(AnnotationKind::Primary.span(marked(self)).label(label))
            .annotation(AnnotationKind::Context.span(marked(other)).label(other_label))
    }

    fn piece<'a>(&'a self, source: impl Into<Cow<'a, str>>, first: usize) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(source).path(&self.name).line_start(first).line_numbering(self.is_numbered)
    }
}

/// The number of a place's line, its first column and the one behind its last. A scanner puts an error at the end of a
/// file past its last line.
fn columns(texts: &Texts, span: Span) -> (usize, usize, usize) {
    let last = texts.last_line(span.text);
    let number = span.start.line.clamp(1, last);
    let length = texts.line(span.text, number).chars().count();
    if number != span.start.line {
        return (number, length, length);
    }
    let end = if span.end.line == number { span.end.column.min(length) } else { length };
    (number, span.start.column.min(length), end)
}

/// Line and column of a place in a file, both from 1.
#[cfg(test)]
pub(crate) fn position(texts: &Texts, span: Span) -> Option<(usize, usize)> {
    let (number, column, _) = columns(texts, span);
    texts.is_file(span.text).then_some((number, column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;
    use std::path::PathBuf;

    fn drawn(text: &str, span: Span, label: Option<&str>, other: Option<(Span, &str)>) -> String {
        let mut texts = Texts::default();
        texts.add(Origin::File(PathBuf::from("x.yaml")), text.to_owned());
        texts.add(Origin::CommandLine, "--set a=b".to_owned());
        Drawing { message: "it is wrong", span: Some(span), label, other }.draw(&texts)
    }

    #[test]
    fn a_problem_shows_its_line_and_a_marker() {
        let span = Span::on_line(0, 10, 5, 4);
        let text = "\n".repeat(9) + "abö: cdef\u{1b}";
        assert_eq!(
            drawn(&text, span, Some("did you mean `x`?"), None),
            "error: it is wrong\n  --> x.yaml:10:6\n   |\n10 | abö: cdef\u{241b}\n   |      ^^^^ did you mean `x`?"
        );
    }

    #[test]
    fn a_text_without_lines_has_no_numbers() {
        let shown = drawn("", Span::on_line(1, 1, 6, 1), None, None);
        assert_eq!(shown, "error: it is wrong\n--> command line\n |\n | --set a=b\n |       ^");
    }

    #[test]
    fn a_second_place_is_drawn_near_and_far() {
        let text = "a: 1\n".to_owned() + &"\n".repeat(50) + "b: 2\nc: 3";
        let (far, near, own) = (Span::on_line(0, 1, 0, 1), Span::on_line(0, 52, 0, 1), Span::on_line(0, 53, 0, 1));
        let shown = drawn(&text, own, None, Some((near, "here")));
        assert!(shown.ends_with("--> x.yaml:53:1\n   |\n52 | b: 2\n   | - here\n53 | c: 3\n   | ^"), "{shown}");
        let shown = drawn(&text, own, None, Some((far, "here")));
        assert!(shown.ends_with("53 | c: 3\n   | ^\n   |\n  ::: x.yaml:1:1\n   |\n 1 | a: 1\n   | - here"), "{shown}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_marker() {
        let text = format!("{}wrong{}", "a".repeat(5000), "b".repeat(5000));
        let shown = drawn(&text, Span::on_line(0, 1, 5000, 5), None, None);
        assert!(shown.contains("x.yaml:1:5001\n"), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[3].chars().count() < 160, "{shown}");
        let at = lines[4].find('^').unwrap();
        let marked: String = lines[3].chars().skip(at).take(5).collect();
        assert_eq!(marked, "wrong");
    }

    #[test]
    fn positions_past_the_end_are_harmless() {
        for span in [Span::on_line(0, 99, 7, 3), Span::on_line(0, 1, 50, 0), Span::on_line(0, 0, 0, 0)] {
            assert!(drawn("a: b\n", span, None, None).contains('^'));
            assert!(drawn("", span, None, None).contains('^'));
        }
    }
}
