//! Which sample grids go into the page, and how they are laid out.
//!
//! As many as fit the budget are in the page, the same steps in all runs; the others are linked where they lie.

use super::format::thousands;
use super::view::RunView;
use crate::ReportError;
use crate::settings::{Settings, setting, short_names, texts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The most columns that a setting may give the matrix.
const MOST_COLUMNS: usize = 8;

/// A grid of the page.
pub(super) struct Picture {
    pub step: u64,
    pub source: Source,
    pub width: u32,
    pub height: u32,
}

/// Where its PNG is.
pub(super) enum Source {
    /// In the page, as base64.
    Embedded(String),
    /// In the run's folder, as a relative URL.
    Linked(String),
}

impl Source {
    /// The base64, or the URL.
    pub fn text(&self) -> &str {
        match self {
            Self::Embedded(text) | Self::Linked(text) => text,
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Embedded(base64) => format!("data:image/png;base64,{base64}"),
            Self::Linked(url) => url.clone(),
        }
    }
}

/// For each run its grids in the order of their steps. `page` is the folder of the page, `budget` the bytes of PNG that
/// may be in it.
pub(super) fn pictures(views: &[RunView], page: &Path, budget: u64) -> Result<Vec<Vec<Picture>>, ReportError> {
    let sizes: Vec<Vec<(u64, u64)>> =
        views.iter().map(|view| view.grids.iter().map(|grid| (grid.step, grid.length)).collect()).collect();
    views
        .par_iter()
        .zip(choose(&sizes, budget))
        .map(|(view, chosen)| {
            let picture = |(at, grid): (usize, &crate::grid::Grid)| {
                let source = match chosen.contains(&at) {
                    true => Source::Embedded(STANDARD.encode(grid.read()?)),
                    false => Source::Linked(relative_url(page, &grid.path)),
                };
                Ok(Picture { step: grid.step, source, width: grid.width, height: grid.height })
            };
            view.grids.iter().enumerate().map(picture).collect()
        })
        .collect()
}

/// Thins steps evenly over the whole sweep until `(step, bytes)` fit, keeping first and last of each run; then keeps the
/// last alone; then leaves out the last runs.
fn choose(grids: &[Vec<(u64, u64)>], budget: u64) -> Vec<Vec<usize>> {
    let steps: Vec<u64> = grids.iter().flatten().map(|(step, _)| *step).collect::<BTreeSet<_>>().into_iter().collect();
    let bytes = |run: &[(u64, u64)], chosen: &[usize]| chosen.iter().map(|at| run[*at].1).sum::<u64>();
    let mut count = steps.len();
    loop {
        let kept: BTreeSet<u64> = match count {
            0 | 1 => BTreeSet::new(),
            _ => (0..count).map(|i| steps[i * (steps.len() - 1) / (count - 1)]).collect(),
        };
        let mut chosen: Vec<Vec<usize>> = grids
            .iter()
            .map(|run| {
                let is_end = |at: usize| at + 1 == run.len() || (at == 0 && count > 1);
                (0..run.len()).filter(|at| is_end(*at) || kept.contains(&run[*at].0)).collect()
            })
            .collect();
        let total: u64 = grids.iter().zip(&chosen).map(|(run, chosen)| bytes(run, chosen)).sum();
        if total <= budget || count <= 1 {
            let mut left = budget;
            for (run, chosen) in grids.iter().zip(&mut chosen) {
                match left.checked_sub(bytes(run, chosen)) {
                    Some(rest) => left = rest,
                    None => chosen.clear(),
                }
            }
            return chosen;
        }
        count = (count * 4 / 5).max(1);
    }
}

/// From a folder to a file, as a page there has to write it.
fn relative_url(folder: &Path, file: &Path) -> String {
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (folder, file) = (absolute(folder), absolute(file));
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(file.components().skip(shared)).collect();
    let mut url = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => url.push(char::from(byte)),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

/// What is not in the page, in words; empty if all is.
pub(super) fn left_out(pictures: &[Vec<Picture>]) -> String {
    let all = pictures.iter().flatten();
    let linked = all.clone().filter(|picture| matches!(picture.source, Source::Linked(_))).count();
    match linked {
        0 => String::new(),
        _ => format!(
            "{} of {} grids are linked in the runs' folders instead of being in this file: without those, the nearest \
             one in the file is shown.",
            thousands(linked as u64),
            thousands(all.count() as u64)
        ),
    }
}

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
    let told: Vec<Vec<String>> = settings
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
        told[..settings].iter().map(|column| column[run].as_str()).collect::<Vec<_>>().join("\n")
    };
    let seeds = || views.iter().map(|view| format!("seed {}", view.row.seed)).collect::<Vec<_>>();
    let first = views.first().map(|view| view.row.seed);
    let several_seeds = views.iter().any(|view| Some(view.row.seed) != first);
    let (of_column, in_row): (Vec<String>, usize) = match (several_seeds, told.as_slice()) {
        (true, _) => (seeds(), told.len()),
        (false, [.., _, last]) => (last.clone(), told.len() - 1),
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
    if matrix.columns.len() > MOST_COLUMNS {
        return plain();
    }
    for (_, cells) in &mut matrix.rows {
        cells.resize(matrix.columns.len(), None);
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(steps: std::ops::RangeInclusive<u64>, bytes: u64) -> Vec<(u64, u64)> {
        steps.map(|step| (step * 100, bytes)).collect()
    }

    #[test]
    fn all_grids_stay_when_they_fit() {
        let grids = [run(0..=6, 10), run(0..=2, 10), vec![]];
        assert_eq!(choose(&grids, 100), [(0..7).collect(), (0..3).collect(), Vec::<usize>::new()]);
    }

    #[test]
    fn thinning_keeps_first_and_last_of_each_run_and_the_budget() {
        let grids = [run(0..=100, 10), run(0..=37, 10)];
        let chosen = choose(&grids, 500);
        for (run, chosen) in grids.iter().zip(&chosen) {
            assert_eq!((chosen.first(), chosen.last()), (Some(&0), Some(&(run.len() - 1))));
        }
        let count: usize = chosen.iter().map(Vec::len).sum();
        assert!((25..=50).contains(&count), "{count}");
    }

    #[test]
    fn a_sweep_whose_last_grids_are_too_many_shows_the_first_runs() {
        let chosen = choose(&vec![run(0..=5, 10); 10], 45);
        assert_eq!(chosen.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(chosen[0], [5]);
    }

    #[test]
    fn links_lead_from_the_page_to_the_grid() {
        let check = |folder: &str, file: &str, expected: &str| {
            assert_eq!(relative_url(Path::new(folder), Path::new(file)), expected);
        };
        check("/none/lr", "/none/lr/runs/a b#?%/samples/x.png", "runs/a%20b%23%3F%25/samples/x.png");
        check("/none/out", "/none/lr/runs/a/x.png", "../lr/runs/a/x.png");
    }
}
