//! YAML 1.2 text to a tree of values that know their place.
//!
//! It must not know what a setting means.

use saphyr_parser::{Event, Marker, Parser};

use crate::builder::Builder;
use crate::node::{Data, Node};
use crate::problem::Collector;
use crate::source::{Position, Span};

/// Where in a text of the collector the YAML begins: a `--set` argument has its key in front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub text: usize,
    /// Columns in front of the first line.
    pub column: usize,
}

/// Parses one document; `None` if it is no YAML at all, and then the reason was reported.
///
/// Duplicate keys and the like are reported and the rest is still returned.
pub(crate) fn parse(yaml: &str, start: Start, collector: &mut Collector) -> Option<Node> {
    if let Some(problem) = forbidden_character(yaml, start) {
        let message = "this text contains a control character that YAML forbids";
        collector.report(problem, message, None);
        return None;
    }
    let mut builder = Builder::new(start, collector);
    let mut parser = Parser::new_from_str(yaml);
    let mut documents = 0;
    while let Some(event) = parser.next_event() {
        let (event, mark) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = start.span(*error.marker(), *error.marker());
                let message = format!("invalid YAML: {}", error.info());
                // A fault may be noticed on an empty line below.
                let lines = yaml.lines().take(error.marker().line()).filter(|line| !line.trim().is_empty());
                let line = lines.last().unwrap_or_default();
                builder.collector.report(at, message, remedy(error.info(), line).map(str::to_owned));
                return None;
            }
        };
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents > 1 {
                let span = start.span(mark.start, mark.end);
                let message = "a second YAML document begins here, but an experiment is one document";
                builder.collector.report(span, message, None);
                return None;
            }
        }
        builder.event(event, mark)?;
    }
    let empty = Node { span: Span::on_line(start.text, 1, start.column, 0), data: Data::Null };
    Some(builder.finish().unwrap_or(empty))
}

/// What to do about a message of the scanner that leaves a person at a loss.
fn remedy(info: &str, line: &str) -> Option<&'static str> {
    match info {
        _ if info.contains("tab") => Some("indent with spaces"),
        _ if info.contains("unknown anchor") || line.trim_start().starts_with('*') => {
            Some("write a key that begins with `*` in quotes")
        }
        _ => None,
    }
}

impl Start {
    pub(crate) fn span(self, from: Marker, to: Marker) -> Span {
        let position = |marker: Marker| Position {
            line: marker.line(),
            column: match marker.line() {
                1 => marker.col() + self.column,
                _ => marker.col(),
            },
        };
        Span { text: self.text, start: position(from), end: position(to).max(position(from)) }
    }
}

/// The scanner takes NUL for the end of the file and lets other control characters through.
fn forbidden_character(yaml: &str, start: Start) -> Option<Span> {
    let is_forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    let at = yaml.find(is_forbidden)?;
    let before = &yaml[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count();
    let shift = if line == 1 { start.column } else { 0 };
    Some(Span::on_line(start.text, line, column + shift, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;
    use serde_json::json;

    fn parsed(yaml: &str) -> (Option<Node>, Vec<String>) {
        let mut collector = Collector::default();
        let text = collector.texts.add(Origin::Environment, yaml.to_owned());
        let node = parse(yaml, Start { text, column: 0 }, &mut collector);
        let problems = collector.into_problems();
        let messages = problems.iter().map(|problem| problem.summary.clone());
        (node, messages.collect())
    }

    #[test]
    fn quotes_and_tags_make_text() {
        for (yaml, expected) in [
            ("1", json!(1)),
            ("'1'", json!("1")),
            ("\"null\"", json!("null")),
            ("!!str 1", json!("1")),
            ("!!int 1", json!(1)),
            ("! 1", json!("1")),
            ("|\n  a\n  b\n", json!("a\nb\n")),
        ] {
            let (node, problems) = parsed(yaml);
            assert_eq!(problems, [""; 0], "{yaml}");
            assert_eq!(node.unwrap().to_json(), expected, "{yaml}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_reported() {
        for (yaml, expected) in [
            ("a: 1\nb: 2\na: 3\na: 4", vec!["duplicate key `a`"; 2]),
            ("{a: {b: 1, b: 2}}", vec!["duplicate key `b`"]),
            ("a: 1\n'a': 2", vec!["duplicate key `a`"]),
            ("[1]: 2", vec!["a list or a map cannot be a key"]),
            ("<<: {a: 1}", vec!["merge keys are not part of YAML 1.2"]),
            ("a: .inf", vec!["`.inf` is not a finite number"]),
            ("a: -.INF", vec!["`-.INF` is not a finite number"]),
            ("a: .nan", vec!["`.nan` is not a finite number"]),
            ("a: 1e999", vec!["`1e999` is not a finite number"]),
            ("a: !thing 1", vec!["the tag `!thing` has no meaning here"]),
            ("a: 1\n---\nb: 2", vec!["a second YAML document begins here, but an experiment is one document"]),
            ("a: &a [*a]", vec!["this alias is inside the value that it repeats"]),
            ("a: \0b", vec!["this text contains a control character that YAML forbids"]),
        ] {
            assert_eq!(parsed(yaml).1, expected, "{yaml}");
        }
    }

    #[test]
    fn syntax_errors_have_a_place() {
        for yaml in ["a: [1, 2", "a: {b", "a: 'x", "a: b: c", "a:\n\tb: 1", "a: 1\n b: 2", "*x", "%bad", "- a\nb"] {
            let (node, problems) = parsed(yaml);
            assert!(node.is_none(), "{yaml}");
            assert!(problems[0].starts_with("invalid YAML: "), "{yaml}: {problems:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let yaml = "run:\n  # ümlaut\n  train: { 'lr': 1e-4 }\nö: [1, two]\n";
        let node = parsed(yaml).0.unwrap();
        let train = node.entry("run").unwrap().value.entry("train").unwrap();
        assert_eq!(train.key_span, Span::on_line(0, 3, 2, 5));
        let lr = train.value.entry("lr").unwrap();
        assert_eq!(lr.key_span, Span::on_line(0, 3, 11, 4));
        assert_eq!(lr.value.span, Span::on_line(0, 3, 17, 4));
        let list = &node.entry("ö").unwrap().value;
        assert_eq!(list.items().unwrap()[1].span, Span::on_line(0, 4, 7, 3));
    }

    #[test]
    fn aliases_repeat_values_within_limits() {
        let (node, problems) = parsed("a: &x {b: [1, &y 2]}\nc: *x\nd: *y");
        assert_eq!(problems, [""; 0]);
        let expected = json!({"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": 2});
        assert_eq!(node.unwrap().to_json(), expected);

        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let inner = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb += &format!("a{level}: &a{level} [{inner}]\n");
        }
        assert_eq!(parsed(&bomb).1, ["aliases repeat more than 100000 values"]);

        let mut tower = "a0: &a0 [x]\n".to_owned();
        for level in 1..100 {
            tower += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
        }
        assert_eq!(parsed(&tower).1, ["values are nested more than 64 deep"]);
    }

    #[test]
    fn deep_nesting_ends_in_an_error() {
        for yaml in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
            let (node, problems) = parsed(&yaml);
            assert!(node.is_none());
            assert_eq!(problems.len(), 1, "{problems:?}");
        }
    }
}
