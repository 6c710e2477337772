//! Values as people write and read them.

use crate::terminal::line;

/// `71 s`, `12 min`, `3 h 05 min`.
pub(crate) fn seconds(secs: f64) -> String {
    let whole = secs.round() as u64;
    match whole {
        0..10 => format!("{secs:.1} s"),
        10..120 => format!("{whole} s"),
        120..7200 => format!("{} min", whole / 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// `1 run`, `2 runs`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A phase in tables: the two of the usual task are `D` and `G`.
pub(crate) fn phase(name: &str) -> &str {
    match name {
        "discriminator" => "D",
        "generator" => "G",
        other => other,
    }
}

/// A measured value: `0.6724`, `4.64e-5`, `-3.3e23`, `NaN`.
pub(crate) fn number(value: f64) -> String {
    record::short(value)
}

/// A size: `812 B`, `1.2 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// Columns of text, which may be others', under their heads, two spaces apart. Columns of numbers, with or without units, are right-aligned.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let shown = |cells: &mut dyn Iterator<Item = &str>| cells.map(|cell| line(cell).into_owned()).collect();
    let heads: Vec<String> = shown(&mut heads.iter().copied());
    let rows: Vec<Vec<String>> = rows.iter().map(|row| shown(&mut row.iter().map(String::as_str))).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    };
    let is_number =
        |cell: &str| cell.starts_with(|c: char| c.is_ascii_digit() || c == '-') || ["NaN", "inf"].contains(&cell);
    let number = |column: usize| {
        let mut cells = rows.iter().map(|row| &row[column]).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| is_number(cell))
    };
    let columns: Vec<(usize, bool)> = (0..heads.len()).map(|column| (width(column), number(column))).collect();
    let joined = |cells: &[String]| {
        let cells = cells
            .iter()
            .zip(&columns)
            .map(|(cell, (width, right))| if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = joined(&heads);
    for row in &rows {
        text += &joined(row);
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let check = |count, expected: &str| assert_eq!(bytes(count), expected);
        check(0, "0 B");
        check(1023, "1023 B");
        check(1024, "1.0 KiB");
        check(1536 * 1024, "1.5 MiB");
        check(1024 * 1024 - 1, "1.0 MiB");
        check(u64::MAX, "16777216.0 TiB");
    }

    #[test]
    fn a_cell_is_one_line_whatever_it_holds() {
        let rows = [vec!["a\u{1b}[2J".to_owned(), "1".to_owned()], vec!["b\nc".to_owned(), "22".to_owned()]];
        assert_eq!(table(&["run\u{202e}", "n"], &rows), "run\\u{202e}   n\na\\u{1b}[2J    1\nb\\nc         22");
    }
}
