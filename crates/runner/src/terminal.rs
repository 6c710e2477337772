//! Foreign text, made safe for a terminal. Names of files, ids and reasons come from results folders and pictures, which
//! may be from anywhere; what a terminal would obey, or would not show as it stands, is written as an escape.

use console::{Term, measure_text_width};
use std::borrow::Cow;
use std::io;

/// One line: a line break in it is escaped, too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// Several lines, which the program has put together.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

/// Puts lines together, each of which may hold text of others.
pub(crate) fn joined(lines: &[String]) -> String {
    lines.iter().map(|text| line(text)).collect::<Vec<_>>().join("\n")
}

/// Removes lines that stand above the cursor and were drawn before the terminal became `width` columns wide.
pub(crate) fn erase(term: &Term, lines: &[String], width: usize) -> io::Result<()> {
    term.move_cursor_up(rows_taken(lines, width))?;
    term.clear_to_end_of_screen()
}

/// Rows of a terminal that lines take, some of which may be wider than it.
fn rows_taken(lines: &[String], width: usize) -> usize {
    lines.iter().map(|line| measure_text_width(line).div_ceil(width.max(1)).max(1)).sum()
}

fn escaped(text: &str, is_hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// Control characters, marks of a text's direction (Unicode's report 9), other line breaks, and what has no width but the
/// joiners that some scripts need.
fn is_hidden(c: char) -> bool {
    let is_mark = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_break = matches!(c, '\u{2028}' | '\u{2029}');
    let is_invisible = matches!(c, '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || is_mark || is_break || is_invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_became_wider_than_the_terminal_takes_more_rows() {
        let lines = ["", "12345", "größe 数…"].map(str::to_owned);
        assert_eq!([80, 9, 5, 3, 1, 0].map(|width| rows_taken(&lines, width)), [3, 3, 4, 6, 15, 15]);
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_the_rest_stays() {
        for (text, shown) in [
            ("größe 数 e\u{301} 👩\u{200d}🔬 a\\n", "größe 数 e\u{301} 👩\u{200d}🔬 a\\n"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"),
            ("done\r\nrun-2 is done\t", "done\\r\\nrun-2 is done\\t"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("cat\u{202e}gnp.exe\u{2066}\u{200f}\u{feff}", "cat\\u{202e}gnp.exe\\u{2066}\\u{200f}\\u{feff}"),
            ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
        ] {
            assert_eq!(line(text), shown);
            assert_eq!(line(shown), shown, "an escape stays as it is");
        }
        assert_eq!(lines("a\n\tb\r\u{1b}c"), "a\n\tb\\r\\u{1b}c");
        assert_eq!(joined(&["a\nb".into(), "c".into()]), "a\\nb\nc");
    }
}
