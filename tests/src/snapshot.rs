//! All files of a folder at a moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// When a file was written last, and its bytes.
type Content = (SystemTime, Vec<u8>);

/// Path below the folder, to time of change and content.
#[derive(Debug)]
pub struct Snapshot {
    files: BTreeMap<PathBuf, Content>,
}

impl Snapshot {
    /// Takes one.
    ///
    /// # Panics
    /// There is no file at all: nothing could ever change.
    pub fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for path in walk(folder) {
            let changed = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a file has a time");
            let content = fs::read(&path).expect("a file can be read");
            files.insert(path.strip_prefix(folder).expect("it lies below").to_owned(), (changed, content));
        }
        assert!(!files.is_empty(), "no files in {}", folder.display());
        Self { files }
    }

    /// Paths of files that are new, gone, written again or of another content.
    pub fn changed(&self, later: &Self) -> Vec<PathBuf> {
        self.unlike(later, |file, other| file == other)
    }

    /// Paths of files that are new, gone or of another content, whenever they were written.
    pub fn differs(&self, other: &Self) -> Vec<PathBuf> {
        self.unlike(other, |(_, content), (_, other)| content == other)
    }

    fn unlike(&self, other: &Self, like: impl Fn(&Content, &Content) -> bool) -> Vec<PathBuf> {
        let paths: BTreeSet<&PathBuf> = self.files.keys().chain(other.files.keys()).collect();
        let is_like = |path: &&PathBuf| {
            let pair = self.files.get(*path).zip(other.files.get(*path));
            pair.is_some_and(|(file, other)| like(file, other))
        };
        paths.into_iter().filter(|path| !is_like(path)).cloned().collect()
    }
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    for path in walk(from) {
        let target = to.join(path.strip_prefix(from).expect("it lies below"));
        let folder = target.parent().expect("it lies in the folder");
        fs::create_dir_all(folder).and_then(|()| fs::copy(&path, &target)).expect("a file can be copied");
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a folder can be listed").path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
