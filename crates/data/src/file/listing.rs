//! The image or sound files of a folder: one listing for training and for `metrics`. Knows no pixels.
//!
//! Every image at any depth is listed, in the order of paths. A file is an image by its first bytes; one that has the
//! name of an image and other bytes is listed, too, so that reading it says what is wrong. Hidden files and folders are
//! passed over, links are followed. If all images lie in subfolders, the subfolders of the folder itself are the classes,
//! in alphabetical order. The same goes for sounds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::DataError;
use crate::dataset::Labels;
use crate::passed_over::{PassedOver, list as listed};

/// Names in a message.
const MAX_NAMES: usize = 8;

/// Which files are samples.
pub(crate) struct Kinds {
    /// What one of them is called: `image`.
    pub(crate) noun: &'static str,
    /// With its article.
    pub(crate) one: &'static str,
    /// The formats that are read, in words with an `or`.
    pub(crate) read: &'static str,
    /// By a file's first bytes; by its name where they tell nothing.
    pub(crate) of: fn(&[u8], &Path) -> Option<Found>,
    /// Whether the name is that of a file that is read.
    pub(crate) has_name: fn(&Path) -> bool,
}

/// Bytes that tell a format.
pub(crate) const START: u64 = 16;

/// A file that is a sample.
pub(crate) enum Found {
    /// One that is read.
    Read,
    /// One that is not, and what its format is called.
    Unread(String),
}

impl Kinds {
    /// `no WAV or FLAC sound`.
    pub(crate) fn none(&self) -> String {
        format!("no {} {}", self.read, self.noun)
    }
}

/// What a folder holds.
pub(crate) struct Listing {
    /// At least one.
    pub(crate) paths: Vec<PathBuf>,
    /// A class for each, if there are classes.
    pub(crate) labels: Option<Labels>,
    /// What else lies there.
    pub(crate) passed_over: PassedOver,
}

/// The files of a folder, whatever its subfolders mean.
pub(crate) struct Files {
    /// At least one.
    pub(crate) paths: Vec<PathBuf>,
    /// Its subfolders without a file that is read.
    empty: Vec<String>,
    /// What else lies there.
    pub(crate) passed_over: PassedOver,
}

/// Lists a folder with at least one file of these kinds; `Ok(None)` if there is nothing in it at all.
pub(crate) fn list(folder: &Path, kinds: &Kinds) -> Result<Option<Listing>, DataError> {
    let Some(Files { paths, empty, mut passed_over }) = files(folder, kinds)? else { return Ok(None) };
    let classes: Vec<Option<OsString>> = paths.iter().map(|path| class(folder, path)).collect();
    let beside = classes.iter().filter(|class| class.is_none()).count();
    let labels = if beside == 0 { Some(labels(folder, classes.into_iter().flatten().collect())?) } else { None };
    let warnings = [
        labels.as_ref().filter(|_| !empty.is_empty()).map(|labels| left_out(&empty, labels, kinds)),
        (0 < beside && beside < paths.len()).then(|| {
            format!("{beside} of {} {}s lie in no subfolder, so subfolders are no classes", paths.len(), kinds.noun)
        }),
    ];
    let warning = |text: String| format!("{}: {text}", folder.display());
    passed_over.warnings.extend(warnings.into_iter().flatten().map(warning));
    Ok(Some(Listing { paths, labels, passed_over }))
}

/// As [`list`], without classes.
pub(crate) fn files(folder: &Path, kinds: &Kinds) -> Result<Option<Files>, DataError> {
    let mut walk = Walk::of(kinds);
    walk.folder(folder, true)?;
    let Walk { mut paths, empty, unread, mut passed_over, .. } = walk;
    passed_over.counts.extend(unread.clone());
    if paths.is_empty() {
        let summary = passed_over.summary();
        return summary.map_or(Ok(None), |summary| {
            let reason = format!("it holds {}; passed over: {summary}", kinds.none());
            Err(DataError::Unusable { path: folder.to_owned(), reason })
        });
    }
    paths.sort();
    let warning =
        |unread| format!("{}: not read: {unread}; {} are", folder.display(), kinds.read.replace(" or ", " and "));
    passed_over.warnings = listed(unread.iter()).map(warning).into_iter().collect();
    Ok(Some(Files { paths, empty, passed_over }))
}

struct Walk<'a> {
    kinds: &'a Kinds,
    paths: Vec<PathBuf>,
    /// The folder that is being listed and those that it lies in, without links.
    within: Vec<PathBuf>,
    /// Subfolders of the first without a file that is read.
    empty: Vec<String>,
    /// Files in formats that are not read.
    unread: BTreeMap<String, usize>,
    passed_over: PassedOver,
}

impl<'a> Walk<'a> {
    fn of(kinds: &'a Kinds) -> Self {
        let (paths, within, empty) = (Vec::new(), Vec::new(), Vec::new());
        Self { kinds, paths, within, empty, unread: BTreeMap::new(), passed_over: PassedOver::default() }
    }

    fn folder(&mut self, folder: &Path, is_first: bool) -> Result<(), DataError> {
        let failed = |source: io::Error| DataError::Io { path: folder.to_owned(), source };
        let place = fs::canonicalize(folder).map_err(failed)?;
        if self.within.contains(&place) {
            self.passed_over.add("links to a folder that they lie in");
            return Ok(());
        }
        self.within.push(place);
        let entries: io::Result<Vec<PathBuf>> =
            fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut entries = entries.map_err(failed)?;
        entries.sort();
        for path in entries {
            let is_folder = path.is_dir();
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
                self.passed_over.add(if is_folder { "hidden folders" } else { "hidden files" });
            } else if is_folder {
                let before = self.paths.len();
                self.folder(&path, false)?;
                if is_first && self.paths.len() == before {
                    self.empty.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
                }
            } else {
                self.file(path);
            }
        }
        self.within.pop();
        Ok(())
    }

    fn file(&mut self, path: PathBuf) {
        let Kinds { noun, of, has_name, .. } = self.kinds;
        match (files::start(&path, START), has_name(&path)) {
            (Ok(start), has_name) => match of(&start, &path) {
                Some(Found::Read) => self.paths.push(path),
                Some(Found::Unread(format)) => *self.unread.entry(format!("{format} {noun}s")).or_default() += 1,
                None if has_name => self.paths.push(path),
                None => self.passed_over.add(format!("files that are no {noun}s")),
            },
            (Err(_), true) => self.paths.push(path),
            (Err(_), false) => self.passed_over.add("files that cannot be opened"),
        }
    }
}

/// The subfolder of the folder itself that the file lies in.
fn class(folder: &Path, path: &Path) -> Option<OsString> {
    let mut parts = path.strip_prefix(folder).ok()?.components();
    let first = parts.next()?;
    parts.next().map(|_| first.as_os_str().to_owned())
}

fn labels(folder: &Path, classes: Vec<OsString>) -> Result<Labels, DataError> {
    // They are in the order of paths, which is that of the classes.
    let mut names = classes.clone();
    names.sort();
    names.dedup();
    if names.len() > usize::from(u16::MAX) {
        let reason = format!("its {} subfolders are more than classes can be", names.len());
        return Err(DataError::Unusable { path: folder.to_owned(), reason });
    }
    let position = |class| names.partition_point(|name| *name < class) as u16;
    let of_samples = classes.into_iter().map(position).collect();
    Ok(Labels { of_samples, names: names.iter().map(|name| name.to_string_lossy().into_owned()).collect() })
}

/// A class that is not there changes the numbers of those behind it.
fn left_out(empty: &[String], labels: &Labels, kinds: &Kinds) -> String {
    let some = |names: &mut dyn Iterator<Item = String>, count: usize| {
        let more = if count > MAX_NAMES { format!(" and {} more", count - MAX_NAMES) } else { String::new() };
        names.take(MAX_NAMES).collect::<Vec<_>>().join(", ") + &more
    };
    let without = some(&mut empty.iter().map(|name| format!("`{name}`")), empty.len());
    let numbered = labels.names.iter().enumerate().map(|(number, name)| format!("{number} `{name}`"));
    let classes = some(&mut numbered.into_iter(), labels.names.len());
    format!("no class, for want of {} that is read: {without}; the classes are {classes}", kinds.one)
}
