//! Where the pictures of a sweep are: as many as fit the budget are in the page, the same steps in all runs; the others
//! are files in a folder beside it.

use super::format::thousands;
use super::view::RunView;
use crate::ReportError;
use crate::grid::Grid;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use record::PictureKind;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// All pictures of a page.
pub(super) struct Gallery {
    /// For each run its grids in the order of their steps.
    pub grids: Vec<Vec<Picture>>,
    /// For each run what else it shows.
    pub others: Vec<BTreeMap<PictureKind, Picture>>,
    /// Real samples; runs on the same data share them.
    pub real: Vec<Real>,
    /// What must lie beside the page.
    pub assets: Vec<Asset>,
}

/// A picture of the page.
pub(super) struct Picture {
    pub step: u64,
    pub source: Source,
    pub width: u32,
    pub height: u32,
}

/// Real samples, and of which data set.
pub(super) struct Real {
    pub name: String,
    /// The first run that shows them.
    run: usize,
    pub picture: Picture,
}

/// A file of the folder beside the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asset {
    /// In a run's folder.
    pub from: PathBuf,
    /// Its path below the folder.
    pub to: PathBuf,
}

/// Where its PNG is.
pub(super) enum Source {
    /// In the page, as base64.
    Embedded(String),
    /// Beside the page, as a relative URL.
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

impl Gallery {
    /// Of all runs. `folder` is the name of the one beside the page, `budget` the bytes of PNG that may be in the page:
    /// real samples first, then what runs show once if that leaves two thirds for the grids, then as many of these as fit.
    pub fn of(views: &[RunView], folder: &str, budget: u64) -> Result<Self, ReportError> {
        let (real, mut left) = real(views, folder, budget)?;
        let once: u64 = views.iter().flat_map(|view| others(view).map(|(_, grid)| grid.length)).sum();
        let has_room = once <= left / 3;
        left -= if has_room { once } else { 0 };
        let sizes: Vec<Vec<(u64, u64)>> =
            views.iter().map(|view| view.grids.iter().map(|grid| (grid.step, grid.length)).collect()).collect();
        let of_run = |(view, chosen): (&RunView, Vec<usize>)| {
            let picture = |grid, embed| Picture::of(grid, &view.row.id, folder, embed);
            let grids = view.grids.iter().enumerate().map(|(at, grid)| picture(grid, chosen.contains(&at)));
            let others = others(view).map(|(kind, grid)| picture(grid, has_room).map(|picture| (kind, picture)));
            Ok((grids.collect::<Result<Vec<_>, _>>()?, others.collect::<Result<BTreeMap<_, _>, _>>()?))
        };
        let found: Vec<_> =
            views.par_iter().zip(choose(&sizes, left)).map(of_run).collect::<Result<_, ReportError>>()?;
        let (grids, others): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let mut gallery = Self { grids, others, real, assets: Vec::new() };
        gallery.assets = gallery.assets_of(views);
        Ok(gallery)
    }

    /// One for each place: a record may name a file twice.
    fn assets_of(&self, views: &[RunView]) -> Vec<Asset> {
        let mut assets = BTreeMap::new();
        let mut add = |view: &RunView, grid: &Grid| {
            assets.entry(place(&view.row.id, grid)).or_insert_with(|| grid.path.clone());
        };
        for ((view, grids), others) in views.iter().zip(&self.grids).zip(&self.others) {
            let of_grids = view.grids.iter().zip(grids);
            let of_others = others.iter().map(|(kind, picture)| (&view.pictures[kind], picture));
            let linked = of_grids.chain(of_others).filter(|(_, picture)| picture.is_linked());
            linked.for_each(|(grid, _)| add(view, grid));
        }
        for real in self.real.iter().filter(|real| real.picture.is_linked()) {
            let view = &views[real.run];
            add(view, &view.pictures[&PictureKind::Real]);
        }
        assets.into_iter().map(|(to, from)| Asset { from, to }).collect()
    }

    /// What is not in the page, in words; empty if all is.
    pub fn left_out(&self, folder: &str) -> String {
        let others = self.others.iter().flat_map(BTreeMap::values);
        let all = self.grids.iter().flatten().chain(others).chain(self.real.iter().map(|real| &real.picture));
        match self.assets.len() as u64 {
            0 => String::new(),
            linked => format!(
                "{} of {} pictures are not in this file but in the folder {folder} beside it: mail both.",
                thousands(linked),
                thousands(all.count() as u64)
            ),
        }
    }
}

impl Picture {
    fn of(grid: &Grid, run: &str, folder: &str, embed: bool) -> Result<Self, ReportError> {
        let source = match embed {
            true => Source::Embedded(STANDARD.encode(grid.read()?)),
            false => Source::Linked(format!("{folder}/{}", url(&place(run, grid)))),
        };
        Ok(Self { step: grid.step, source, width: grid.width, height: grid.height })
    }

    fn is_linked(&self) -> bool {
        matches!(self.source, Source::Linked(_))
    }
}

/// All but real samples.
fn others<'a>(view: &'a RunView) -> impl Iterator<Item = (PictureKind, &'a Grid)> {
    view.pictures.iter().filter(|(kind, _)| **kind != PictureKind::Real).map(|(kind, grid)| (*kind, grid))
}

/// The distinct pictures of real samples, and what they leave of the budget.
fn real(views: &[RunView], folder: &str, budget: u64) -> Result<(Vec<Real>, u64), ReportError> {
    let (mut known, mut real, mut left) = (BTreeSet::new(), Vec::new(), budget);
    for (run, view) in views.iter().enumerate() {
        let Some(grid) = view.pictures.get(&PictureKind::Real) else { continue };
        if !known.insert(blake3::hash(&grid.read()?).as_bytes().to_owned()) {
            continue;
        }
        let rest = left.checked_sub(grid.length);
        left = rest.unwrap_or(left);
        let name = view.planned.config.pointer("/data/name").and_then(|name| name.as_str()).unwrap_or("data");
        let picture = Picture::of(grid, &view.row.id, folder, rest.is_some())?;
        real.push(Real { name: name.to_owned(), run, picture });
    }
    Ok((real, left))
}

/// Where a run's picture lies below the folder beside the page.
fn place(run: &str, grid: &Grid) -> PathBuf {
    Path::new(run).join(grid.path.file_name().unwrap_or_default())
}

/// A relative path as a page has to write it.
fn url(path: &Path) -> String {
    let mut url = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => url.push(char::from(byte)),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
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
    fn urls_hold_names_of_any_characters() {
        let check = |file: &str, expected: &str| assert_eq!(url(Path::new(file)), expected);
        check("lr/a b#?%/real.png", "lr/a%20b%23%3F%25/real.png");
        check("ä/step-000001.png", "%C3%A4/step-000001.png");
    }
}
