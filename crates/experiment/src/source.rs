//! The texts that settings come from, and spans that point into them.
//!
//! Knows nothing of YAML: a text is a file, an environment variable or a `--set` argument.

use std::path::{Path, PathBuf};

use crate::node::Data;
use crate::scalar::resolve;

/// A file that was read for an experiment, for hashing and for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user or an `extends:` wrote it, joined to the folder of the extending file.
    pub path: PathBuf,
    /// The whole file.
    pub text: String,
}

/// Where a text came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    File(PathBuf),
    Environment,
    CommandLine,
    /// No text: the settings of the preset of this name.
    Preset(String),
}

/// A place in a text: line from 1, column (in characters) from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Position {
    pub line: usize,
    pub column: usize,
}

/// From `start` up to, not including, `end` in the text with index `text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Span {
    pub text: usize,
    pub start: Position,
    pub end: Position,
}

impl Span {
    /// `length` characters of one line.
    pub(crate) const fn on_line(text: usize, line: usize, column: usize, length: usize) -> Span {
        Span { text, start: Position { line, column }, end: Position { line, column: column + length } }
    }

    /// Whether another place is in this one.
    pub(crate) fn holds(&self, other: Span) -> bool {
        self.text == other.text && self.start <= other.start && other.end <= self.end
    }

    /// The number of characters, if the span stays on one line.
    pub(crate) fn length(&self) -> Option<usize> {
        (self.start.line == self.end.line).then(|| self.end.column.saturating_sub(self.start.column))
    }
}

/// One text and where its lines begin.
#[derive(Debug)]
struct Text {
    origin: Origin,
    text: String,
    /// Byte offset of the start of each line.
    lines: Vec<usize>,
}

/// Every text of one experiment; the experiment file itself is the first.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    texts: Vec<Text>,
}

impl Texts {
    /// Adds a text and returns its index.
    pub(crate) fn add(&mut self, origin: Origin, text: String) -> usize {
        let lines = line_starts(&text);
        self.texts.push(Text { origin, text, lines });
        self.texts.len() - 1
    }

    /// The index of a file that was already added.
    pub(crate) fn find_file(&self, path: &Path) -> Option<usize> {
        self.texts.iter().position(|text| matches!(&text.origin, Origin::File(known) if known == path))
    }

    /// The whole text with this index.
    pub(crate) fn text(&self, index: usize) -> &str {
        &self.texts[index].text
    }

    /// Where the text with this index came from.
    pub(crate) fn origin(&self, index: usize) -> &Origin {
        &self.texts[index].origin
    }

    /// Where each text came from, by index.
    pub(crate) fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.texts.iter().map(|text| &text.origin)
    }

    /// One line without its end; empty past the last line.
    pub(crate) fn line(&self, index: usize, line: usize) -> &str {
        let text = &self.texts[index];
        let Some(&start) = line.checked_sub(1).and_then(|line| text.lines.get(line)) else {
            return "";
        };
        let end = text.lines.get(line).copied().unwrap_or(text.text.len());
        text.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// File and line, for a sentence.
    pub(crate) fn place(&self, span: Span) -> String {
        let name = self.name(span.text);
        if self.is_file(span.text) { format!("{name}:{}", span.start.line) } else { name }
    }

    /// What a text is called.
    pub(crate) fn name(&self, index: usize) -> String {
        match self.origin(index) {
            Origin::File(path) => path.display().to_string(),
            Origin::Environment => "environment".to_owned(),
            Origin::CommandLine => "command line".to_owned(),
            Origin::Preset(name) => format!("preset {name}"),
        }
    }

    /// Whether a text has lines that one can look up.
    pub(crate) fn is_file(&self, index: usize) -> bool {
        matches!(self.origin(index), Origin::File(_))
    }

    /// Whether a place is in a preset, which has no text to show.
    pub(crate) fn is_preset(&self, span: Span) -> bool {
        matches!(self.origin(span.text), Origin::Preset(_))
    }

    /// The number at a place, as it was typed.
    pub(crate) fn typed_number(&self, span: Span) -> Option<&str> {
        let (line, length) = (self.line(span.text, span.start.line), span.length()?);
        let at = |column: usize| line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(column);
        let text = line.get(at(span.start.column)?..at(span.start.column + length)?)?;
        matches!(resolve(text), Data::Number(_)).then_some(text)
    }

    /// The last line that holds text: where an error at the end of the file is shown.
    pub(crate) fn last_line(&self, index: usize) -> usize {
        let count = self.texts[index].lines.len();
        (1..=count).rev().find(|line| !self.line(index, *line).trim().is_empty()).unwrap_or(1)
    }

    /// The files among the texts.
    pub(crate) fn into_sources(self) -> Vec<Source> {
        self.texts
            .into_iter()
            .filter_map(|text| match text.origin {
                Origin::File(path) => Some(Source { path, text: text.text }),
                _ => None,
            })
            .collect()
    }
}

/// YAML ends a line at `\n`, `\r\n` and a lone `\r`.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (index, byte) in bytes.iter().enumerate() {
        let ends_line = *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1).is_none_or(|b| *b != b'\n'));
        if ends_line {
            starts.push(index + 1);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_every_line_break_of_yaml() {
        let mut texts = Texts::default();
        let index = texts.add(Origin::Environment, "a\nb\r\nc\rd".to_owned());
        let lines: Vec<&str> = (0..=5).map(|line| texts.line(index, line)).collect();
        assert_eq!(lines, ["", "a", "b", "c", "d", ""]);
        assert_eq!(texts.last_line(index), 4);
    }
}
