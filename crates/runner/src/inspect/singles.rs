//! A folder of single samples, `000000.png` and so on, of conditional generators in a subfolder for each class. It holds those
//! of the last command and no others, which a metric would count among them; a person's files stay.

use crate::error::Error;
use record::MARK;
use samples::{Encoded, Media};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Marks the folder and its subfolders.
const SAMPLES: &str = "samples";

/// What says where the samples are from, in a folder that is marked.
pub(crate) const PROVENANCE: &str = "provenance.json";

/// Digits of a number, at least.
const DIGITS: usize = 6;

/// A folder that single samples can be written into.
pub(crate) struct Singles<'a>(&'a Path);

impl<'a> Singles<'a> {
    /// Looks at the folder, which may not exist yet. `force` is to accept one with other files than samples.
    ///
    /// # Errors
    /// It holds files named like samples that this program has not put there, or other files.
    pub(crate) fn at(folder: &'a Path, force: bool) -> Result<Self, Error> {
        let is_marked = is_marked(folder);
        let refuse = |path: &Path, why: &str| Err(Error::Usage(format!("{} {why}", path.display())));
        if let Some(first) = earlier(folder).first().filter(|_| !is_marked) {
            return refuse(
                first,
                "is named as a sample is, but is not this program's: name another folder, or empty this one",
            );
        }
        match others(folder).first().filter(|_| !force) {
            Some(first) => refuse(first, "is no sample: name another folder, or write beside it with --force"),
            None => Ok(Self(folder)),
        }
    }

    /// Writes where samples are from, in place of what an earlier command wrote.
    pub(crate) fn say(&self, provenance: &[u8]) -> io::Result<()> {
        record::write_derived(&self.0.join(PROVENANCE), provenance)
    }

    /// Writes samples, each with the name of its class if it has one, in place of those of an earlier command.
    pub(crate) fn write<'s>(&self, samples: impl Iterator<Item = (Option<&'s str>, &'s Encoded)>) -> io::Result<()> {
        let Self(folder) = self;
        fs::create_dir_all(folder)?;
        remove(folder)?;
        record::mark(folder, SAMPLES, "")?;
        for (index, (class, Encoded { media, bytes })) in samples.enumerate() {
            let folder = class.map_or_else(|| folder.to_path_buf(), |class| folder.join(class));
            if class.is_some() && !folder.exists() {
                fs::create_dir(&folder)?;
                record::mark(&folder, SAMPLES, "")?;
            }
            record::write_derived(&folder.join(format!("{index:0DIGITS$}.{}", media.extension())), bytes)?;
        }
        Ok(())
    }
}

/// The name of a class's folder: the class's own, or its number where that can be none.
pub(crate) fn class_folder(class: usize, names: &[String]) -> String {
    let is_fit = |name: &&String| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    names.get(class).filter(is_fit).cloned().unwrap_or_else(|| class.to_string())
}

/// Removes an earlier command's samples, and subfolders of which nothing is left.
fn remove(folder: &Path) -> io::Result<()> {
    record::remove_stale(folder);
    earlier(folder).iter().try_for_each(fs::remove_file)?;
    for class in classes(folder) {
        record::remove_stale(&class);
        earlier(&class).iter().try_for_each(fs::remove_file)?;
        if entries(&class).iter().all(|path| path.file_name() == Some(MARK.as_ref())) {
            fs::remove_dir_all(class)?;
        }
    }
    Ok(())
}

fn is_marked(folder: &Path) -> bool {
    record::marked(folder, SAMPLES).is_some()
}

/// Subfolders that this program has made.
fn classes(folder: &Path) -> Vec<PathBuf> {
    let is_own = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) && is_marked(path);
    entries(folder).into_iter().filter(is_own).collect()
}

/// What is named as a sample is, and what a marked folder says of them.
fn earlier(folder: &Path) -> Vec<PathBuf> {
    let is_said = is_marked(folder);
    let is_own = |path: &PathBuf| is_sample(path) || is_said && path.file_name() == Some(PROVENANCE.as_ref());
    entries(folder).into_iter().filter(is_own).collect()
}

/// Visible files and folders that are no samples, also in the subfolders of classes.
fn others(folder: &Path) -> Vec<PathBuf> {
    let classes = classes(folder);
    let folders = [folder].into_iter().chain(classes.iter().map(PathBuf::as_path));
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let found = |folder: &Path| {
        let own = earlier(folder);
        entries(folder).into_iter().filter(move |path| !own.contains(path))
    };
    folders.flat_map(found).filter(|path| !is_hidden(path) && !classes.contains(path)).collect()
}

fn is_sample(path: &Path) -> bool {
    let [stem, ending] = [path.file_stem(), path.extension()].map(|part| part.and_then(|part| part.to_str()));
    let is_number = stem.is_some_and(|stem| stem.len() >= DIGITS && stem.bytes().all(|byte| byte.is_ascii_digit()));
    is_number && Media::ALL.iter().any(|media| ending == Some(media.extension()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = entries(folder).into_iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    fn write(folder: &Path, count: usize, media: Media, classes: &[&str]) {
        let samples = vec![Encoded { media, bytes: vec![1] }; count];
        let class = |index: usize| (!classes.is_empty()).then(|| classes[index % classes.len()]);
        let named = samples.iter().enumerate().map(|(index, sample)| (class(index), sample));
        Singles::at(folder, true).unwrap().write(named).unwrap();
    }

    fn refused(folder: &Path, force: bool) -> String {
        Singles::at(folder, force).err().map(|error| error.message()).unwrap_or_default()
    }

    #[test]
    fn fewer_samples_leave_none_of_the_earlier_ones_and_other_files_stay() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("x");
        write(&folder, 12, Media::Png, &[]);
        assert_eq!(refused(&folder, false), "", "the samples of an earlier command are replaced");
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        fs::write(folder.join("7.png"), "mine").unwrap();
        assert!(refused(&folder, false).contains("7.png is no sample"));
        write(&folder, 2, Media::Png, &[]);
        assert_eq!(names(&folder), ["000000.png", "000001.png", "7.png", "notes.txt"]);
        write(&folder, 1, Media::Wav, &[]);
        assert_eq!(names(&folder), ["000000.wav", "7.png", "notes.txt"]);
    }

    #[test]
    fn classes_have_folders_which_come_and_go_with_their_samples() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("x");
        write(&folder, 5, Media::Png, &["cats", "dogs"]);
        assert_eq!(names(&folder), ["cats", "dogs"]);
        assert_eq!(names(&folder.join("dogs")), ["000001.png", "000003.png"]);
        assert_eq!(refused(&folder, false), "");
        fs::write(folder.join("dogs/mine.txt"), "mine").unwrap();
        assert!(refused(&folder, false).contains("mine.txt is no sample"));
        write(&folder, 2, Media::Png, &["elks"]);
        assert_eq!(
            (names(&folder), names(&folder.join("dogs"))),
            (vec!["dogs".into(), "elks".into()], vec!["mine.txt".to_owned()])
        );
        write(&folder, 2, Media::Png, &[]);
        assert_eq!(names(&folder), ["000000.png", "000001.png", "dogs"]);
    }

    #[test]
    fn what_is_said_of_samples_goes_with_them() {
        let temporary = tempfile::tempdir().unwrap();
        write(temporary.path(), 1, Media::Png, &[]);
        Singles::at(temporary.path(), false).unwrap().say(b"{}").unwrap();
        assert_eq!(names(temporary.path()), ["000000.png", PROVENANCE]);
        assert_eq!(refused(temporary.path(), false), "");
        write(temporary.path(), 1, Media::Png, &[]);
        assert_eq!(names(temporary.path()), ["000000.png"]);
        let unmarked = temporary.path().join("x");
        fs::create_dir(&unmarked).unwrap();
        fs::write(unmarked.join(PROVENANCE), "mine").unwrap();
        assert!(refused(&unmarked, false).contains("provenance.json is no sample"));
    }

    #[test]
    fn a_person_s_numbered_pictures_are_refused_and_stay() {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join("000900.png"), "mine").unwrap();
        assert!(refused(temporary.path(), true).contains("000900.png is named as a sample is"));
        assert_eq!(names(temporary.path()), ["000900.png"]);
    }
}
