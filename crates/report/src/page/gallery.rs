//! Where the pictures and sounds of a page are: as many as fit the budget are in the page, the same steps in all runs; the
//! others are files in a folder beside it.

use super::format::thousands;
use super::role;
use crate::ReportError;
use crate::media::{Content, MediaFile};
use crate::run::RunView;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use record::{Media, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Everything that a page shows of samples and data.
pub(super) struct Gallery {
    /// For each run and role what it made, in the order of steps.
    pub runs: Vec<BTreeMap<Role, Vec<Moment>>>,
    /// What runs made, in the order of the page; the first is what the page shows at first.
    pub roles: Vec<Role>,
    /// What the data sets hold; runs on the same data share it.
    pub data: Vec<Data>,
    /// Files that must lie beside the page.
    pub assets: Vec<Asset>,
}

/// The files of one role at one step: pictures first, then sounds.
pub(super) struct Moment {
    pub step: u64,
    pub files: Vec<Shown>,
}

/// A file of the page.
pub(super) struct Shown {
    pub media: Media,
    pub label: Option<String>,
    pub content: Content,
    pub source: Source,
}

/// Samples of a data set.
pub(super) struct Data {
    role: Role,
    /// The data set's name.
    name: String,
    pub moment: Moment,
}

/// A file of the folder beside the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asset {
    /// Its path below the folder.
    pub to: PathBuf,
    /// In a run's folder.
    pub from: PathBuf,
}

/// Where a file's bytes are.
pub(super) enum Source {
    /// In the page, as base64.
    Embedded(String),
    /// Beside the page, as a relative URL.
    Linked(String),
}

impl Data {
    /// `Real samples of mnist-10k`
    pub(crate) fn title(&self) -> String {
        format!("{} of {}", role::title(&self.role), self.name)
    }
}

impl Shown {
    fn of(file: &MediaFile, run: &str, folder: &str, embed: bool) -> Result<Self, ReportError> {
        let source = match embed {
            true => Source::Embedded(STANDARD.encode(file.read()?)),
            false => Source::Linked(format!("{folder}/{}", url(&place(run, file)))),
        };
        Ok(Self { media: file.media, label: file.label.clone(), content: file.content, source })
    }

    /// For an element's `src`.
    pub(crate) fn url(&self) -> String {
        match &self.source {
            Source::Embedded(base64) => format!("data:{};base64,{base64}", self.media.mime()),
            Source::Linked(url) => url.clone(),
        }
    }

    fn is_linked(&self) -> bool {
        matches!(self.source, Source::Linked(_))
    }
}

/// The files of a moment, before it is known where they will be.
struct Files<'a>(Vec<&'a MediaFile>);

impl<'a> Files<'a> {
    fn length(&self) -> u64 {
        self.0.iter().map(|file| file.length).sum()
    }

    fn moment(&self, run: &str, folder: &str, embed: bool) -> Result<Moment, ReportError> {
        let files = self.0.iter().map(|file| Shown::of(file, run, folder, embed)).collect::<Result<_, _>>()?;
        Ok(Moment { step: self.0[0].step, files })
    }

    /// The moments of each role of a run.
    fn by_role(view: &'a RunView) -> BTreeMap<&'a Role, Vec<Self>> {
        let mut roles: BTreeMap<&Role, Vec<Self>> = BTreeMap::new();
        for file in &view.files {
            let moments = roles.entry(&file.role).or_default();
            match moments.last_mut().filter(|Self(files)| files[0].step == file.step) {
                Some(Self(files)) => files.push(file),
                None => moments.push(Self(vec![file])),
            }
        }
        // A film shows what the picture of its frames shows, which is for TensorBoard and for paper.
        for Self(files) in roles.values_mut().flatten() {
            if files.iter().any(|file| file.media == Media::Apng) {
                files.retain(|file| file.media != Media::Png);
            }
        }
        roles
    }
}

impl Gallery {
    /// Of all runs. `folder` is the name of the one beside the page, `budget` the bytes of files that may be in the page:
    /// data first, then what runs show once if that leaves two thirds for the rest, then as many of the others as fit.
    pub(crate) fn of(views: &[RunView], folder: &str, budget: u64) -> Result<Self, ReportError> {
        let found: Vec<_> = views.iter().map(Files::by_role).collect();
        let mut assets = BTreeSet::new();
        let mut left = budget;
        let data = data(views, &found, folder, &mut left, &mut assets)?;

        let made = |run: usize| found[run].iter().filter(|(role, _)| !role.is_data());
        let roles: BTreeSet<&Role> = (0..views.len()).flat_map(made).map(|(role, _)| *role).collect();
        let series = |role: &Role| found.iter().any(|run| run.get(role).is_some_and(|moments| moments.len() > 1));
        let (series, once): (Vec<&Role>, Vec<&Role>) = roles.iter().partition(|role| series(role));
        let of = |roles: &[&Role]| -> Vec<(usize, Role)> {
            let runs = (0..views.len()).flat_map(|run| roles.iter().map(move |role| (run, (*role).clone())));
            runs.filter(|(run, role)| found[*run].contains_key(role)).collect()
        };
        let (series, once) = (of(&series), of(&once));
        let bytes_once: u64 = once.iter().flat_map(|(run, role)| &found[*run][role]).map(Files::length).sum();
        let has_room = bytes_once <= left / 3;
        left -= if has_room { bytes_once } else { 0 };
        let sizes: Vec<Vec<(u64, u64)>> = series
            .iter()
            .map(|(run, role)| found[*run][role].iter().map(|files| (files.0[0].step, files.length())).collect())
            .collect();
        let chosen = choose(&sizes, left).into_iter().map(|chosen| chosen.into_iter().collect::<BTreeSet<_>>());
        let all_once = once.iter().map(|_| if has_room { BTreeSet::from([0]) } else { BTreeSet::new() });
        let places: Vec<_> = series.iter().zip(chosen).chain(once.iter().zip(all_once)).collect();
        let moments = |((run, role), embedded): &(&(usize, Role), BTreeSet<usize>)| {
            let moments = found[*run][role].iter().enumerate();
            let id = &views[*run].row.id;
            let moments = moments.map(|(at, files)| files.moment(id, folder, embedded.contains(&at)));
            Ok((*run, role.clone(), moments.collect::<Result<Vec<_>, _>>()?))
        };
        let shown = places.par_iter().map(moments).collect::<Result<Vec<_>, ReportError>>()?;
        let mut runs: Vec<BTreeMap<Role, Vec<Moment>>> = views.iter().map(|_| BTreeMap::new()).collect();
        for (run, role, moments) in shown {
            for (moment, files) in moments.iter().zip(&found[run][&role]) {
                assets.extend(beside(&views[run].row.id, moment, files));
            }
            runs[run].insert(role, moments);
        }
        let roles = roles.into_iter().cloned().collect();
        Ok(Self { runs, roles, data, assets: assets.into_iter().collect() })
    }

    /// What the page shows of a run at first.
    pub(crate) fn first(&self, run: usize) -> Option<(&Role, &Moment)> {
        let role = self.roles.first()?;
        Some((role, self.runs[run].get(role)?.last()?))
    }

    /// Every file of the page.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Shown> {
        let moments = self.runs.iter().flat_map(BTreeMap::values).flatten();
        moments.chain(self.data.iter().map(|data| &data.moment)).flat_map(|moment| &moment.files)
    }
}

/// Which of the files are not in the page, in words; empty if all are.
pub(super) fn left_out<'a>(files: impl Iterator<Item = &'a Shown>, folder: &str) -> String {
    let files: Vec<&Shown> = files.collect();
    match files.iter().filter(|file| file.is_linked()).count() as u64 {
        0 => String::new(),
        linked => format!(
            "{} of {} pictures and sounds are not in this file but in the folder {folder} beside it: mail both.",
            thousands(linked),
            thousands(files.len() as u64)
        ),
    }
}

/// The distinct samples of data sets, the newest of each role; takes what is embedded off the budget.
fn data(
    views: &[RunView],
    found: &[BTreeMap<&Role, Vec<Files>>],
    folder: &str,
    left: &mut u64,
    assets: &mut BTreeSet<Asset>,
) -> Result<Vec<Data>, ReportError> {
    let (mut known, mut data) = (BTreeSet::new(), Vec::new());
    for (view, roles) in views.iter().zip(found) {
        for (role, moments) in roles.iter().filter(|(role, _)| role.is_data()) {
            let Some(files) = moments.last() else { continue };
            let mut hash = blake3::Hasher::new();
            for file in &files.0 {
                hash.update(&file.length.to_le_bytes()).update(&file.read()?);
            }
            if !known.insert((*role, hash.finalize().as_bytes().to_owned())) {
                continue;
            }
            let rest = left.checked_sub(files.length());
            *left = rest.unwrap_or(*left);
            let name = view.planned.config.pointer("/data/name").and_then(|name| name.as_str()).unwrap_or("data");
            let moment = files.moment(&view.row.id, folder, rest.is_some())?;
            assets.extend(beside(&view.row.id, &moment, files));
            data.push(Data { role: (*role).clone(), name: name.to_owned(), moment });
        }
    }
    data.sort_by(|a, b| a.role.cmp(&b.role));
    Ok(data)
}

/// The files of a moment that are not in the page.
fn beside<'a>(run: &'a str, moment: &'a Moment, files: &'a Files) -> impl Iterator<Item = Asset> + 'a {
    let linked = moment.files.iter().zip(&files.0).filter(|(shown, _)| shown.is_linked());
    linked.map(move |(_, file)| Asset { to: place(run, file), from: file.path.clone() })
}

/// Where a run's file lies below the folder beside the page.
fn place(run: &str, file: &MediaFile) -> PathBuf {
    Path::new(run).join(file.path.file_name().unwrap_or_default())
}

/// A relative path as a page has to write it.
pub(crate) fn url(path: &Path) -> String {
    let mut url = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => url.push(char::from(byte)),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

/// Thins the steps of series evenly over the whole sweep until `(step, bytes)` fit, keeping first and last of each; then keeps the
/// last alone; then leaves out the last series.
fn choose(series: &[Vec<(u64, u64)>], budget: u64) -> Vec<Vec<usize>> {
    let steps: Vec<u64> = series.iter().flatten().map(|(step, _)| *step).collect::<BTreeSet<_>>().into_iter().collect();
    let bytes = |run: &[(u64, u64)], chosen: &[usize]| chosen.iter().map(|at| run[*at].1).sum::<u64>();
    let mut count = steps.len();
    loop {
        let kept: BTreeSet<u64> = match count {
            0 | 1 => BTreeSet::new(),
            _ => (0..count).map(|i| steps[i * (steps.len() - 1) / (count - 1)]).collect(),
        };
        let mut chosen: Vec<Vec<usize>> = series
            .iter()
            .map(|run| {
                let is_end = |at: usize| at + 1 == run.len() || (at == 0 && count > 1);
                (0..run.len()).filter(|at| is_end(*at) || kept.contains(&run[*at].0)).collect()
            })
            .collect();
        let total: u64 = series.iter().zip(&chosen).map(|(run, chosen)| bytes(run, chosen)).sum();
        if total <= budget || count <= 1 {
            let mut left = budget;
            for (run, chosen) in series.iter().zip(&mut chosen) {
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
