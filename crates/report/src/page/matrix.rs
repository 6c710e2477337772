//! How sample grids are laid out: what a reader compares stands side by side.

use crate::run::RunView;
use crate::settings::{Settings, setting, short_names, texts};

/// The most columns that a setting may give the matrix.
const MAX_COLUMNS: usize = 8;

/// Runs in rows and columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Matrix {
    /// Their headings; empty where tiles simply follow each other.
    pub columns: Vec<String>,
    /// A heading, and for each column its run.
    pub rows: Vec<(String, Vec<Option<usize>>)>,
}

/// Swept values against seeds; with one seed, against the values of the last setting; else just the runs.
pub(super) fn matrix(views: &[RunView], settings: &Settings) -> Matrix {
    let plain = || Matrix { columns: vec![], rows: vec![(String::new(), (0..views.len()).map(Some).collect())] };
    let names = short_names(&settings.differing);
    let headings: Vec<Vec<String>> = settings
        .differing
        .iter()
        .zip(names)
        .map(|(key, name)| {
            let values: Vec<_> = views.iter().map(|view| setting(view.planned, key)).collect();
            let texts = texts(&values).into_iter();
            texts.map(|text| format!("{name} {}", text.unwrap_or_else(|| "–".into()))).collect()
        })
        .collect();
    let heading = |run: usize, settings: usize| -> String {
        headings[..settings].iter().map(|column| column[run].as_str()).collect::<Vec<_>>().join("\n")
    };
    let seeds = || views.iter().map(|view| format!("seed {}", view.row.seed)).collect::<Vec<_>>();
    let first = views.first().map(|view| view.row.seed);
    let several_seeds = views.iter().any(|view| Some(view.row.seed) != first);
    let (of_column, in_row): (Vec<String>, usize) = match (several_seeds, headings.as_slice()) {
        (true, _) => (seeds(), headings.len()),
        (false, [.., _, last]) => (last.clone(), headings.len() - 1),
        (false, _) => return plain(),
    };
    let mut matrix = Matrix { columns: Vec::new(), rows: Vec::new() };
    for (run, column) in of_column.iter().enumerate() {
        let place = matrix.columns.iter().position(|known| known == column).unwrap_or_else(|| {
            matrix.columns.push(column.clone());
            matrix.columns.len() - 1
        });
        let heading = heading(run, in_row);
        let row = matrix.rows.iter().rposition(|(known, _)| *known == heading).unwrap_or_else(|| {
            matrix.rows.push((heading, Vec::new()));
            matrix.rows.len() - 1
        });
        let cells = &mut matrix.rows[row].1;
        cells.resize(cells.len().max(place + 1), None);
        if cells[place].replace(run).is_some() {
            return plain();
        }
    }
    if matrix.columns.len() > MAX_COLUMNS {
        return plain();
    }
    for (_, cells) in &mut matrix.rows {
        cells.resize(matrix.columns.len(), None);
    }
    matrix
}
