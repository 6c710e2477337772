//! `edits/<name>/`: what a generator's samples became when they were edited, as a user kept it: pictures, and `edit.json`, which
//! says of them what they show. Nothing of it changes a number of the run or is part of its identity.

use crate::lock::is_off;
use crate::{Identity, MediaType, RunFolder, remove_folder, remove_stale, temporary_sibling};
use samples::Media;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Letters of the longest name.
const MAX_NAME: usize = 40;
/// More bytes than an `edit.json` has.
const MAX_BYTES: u64 = 4 << 20;
/// The file that describes an edit.
const EDIT: &str = "edit.json";

/// An edit that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Whose samples were edited; `None` of a record of version 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Identity>,
    /// Generator updates done.
    pub step: u64,
    /// Version of the program.
    pub version: String,
    /// Unix time, seconds.
    pub at: f64,
    /// The words of the command behind the program's name.
    pub command: Vec<String>,
    /// Which kind of edit: `directions`, `apply` ...
    pub edit: String,
    /// In words, for people.
    pub what: String,
    /// What stands where in the pictures, for people.
    pub layout: String,
    /// What was measured of all, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Which numbers of a sample were edited: `latent`, `style` ...
    pub space: String,
    /// How directions were found, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// How far along directions, in standard deviations of the codes, in the order of the columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<f64>,
    /// What was measured of all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
    /// In the order of the page.
    pub pictures: Vec<EditPicture>,
}

/// A picture of an edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditPicture {
    /// Which one: `direction 3`; empty where there is one alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What was measured of it, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Its files, plain names beside `edit.json`: the picture, and what plays.
    pub files: Vec<EditFile>,
    /// What was measured of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
}

/// A file of an edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditFile {
    /// Its name.
    pub file: String,
    /// How it is encoded.
    pub media: MediaType,
}

impl EditFile {
    /// The file `stem` of a media type.
    pub fn new(stem: &str, media: Media) -> Self {
        Self { file: format!("{stem}.{}", media.extension()), media: media.into() }
    }
}

/// Why an edit is not kept.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No edit can have this name.
    #[error(
        "{0:?} is no name: a name is one word of letters, digits, `.`, `_` and `-`, at most {MAX_NAME} of them, and begins with a \
         letter or a digit"
    )]
    Name(String),
    /// Something else stands in its place.
    #[error("{} is no edit of this program: move it away, or keep the edit under another name", .0.display())]
    Taken(PathBuf),
    /// It cannot be written.
    #[error("{} cannot be written", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// An edit as it is read: its name, and what `edit.json` says or why it cannot be read.
pub type KeptEdit = (String, Result<Edit, String>);

impl Edit {
    /// Passes a name that an edit can have.
    ///
    /// # Errors
    /// It is none.
    pub fn check_name(name: &str) -> Result<(), EditError> {
        let is_word = name.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c));
        let begins = name.chars().next().is_some_and(char::is_alphanumeric);
        let fits = is_word && begins && name.chars().count() <= MAX_NAME;
        if fits { Ok(()) } else { Err(EditError::Name(name.to_owned())) }
    }

    /// Keeps an edit and its files, `(name, bytes)`, under a name, in place of an earlier edit of this name. It is there as a whole or
    /// not at all; one edit at a time is kept in a run's folder, where the file system has locks. Returns its folder.
    ///
    /// # Errors
    /// The name is none, something else has it, or a file cannot be written.
    pub fn keep(&self, folder: &RunFolder, name: &str, files: &[(String, &[u8])]) -> Result<PathBuf, EditError> {
        Self::check_name(name)?;
        let (all, target) = (folder.edits(), folder.edits().join(name));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| EditError::Io { path, source }
        };
        let handle = File::open(folder.path()).map_err(failed(folder.path()))?;
        let _locked = !is_off() && handle.lock().is_ok();
        if !is_folder(&all) {
            fs::create_dir(&all).map_err(failed(&all))?;
        }
        remove_stale(&all);
        let is_there = fs::symlink_metadata(&target).is_ok();
        if is_there && !(is_folder(&target) && target.join(EDIT).is_file()) {
            return Err(EditError::Taken(target));
        }
        let new = temporary_sibling(&target);
        let written = (|| {
            fs::create_dir(&new)?;
            for (file, bytes) in files {
                fs::write(new.join(file), bytes)?;
            }
            fs::write(new.join(EDIT), serde_json::to_vec_pretty(self)?)?;
            if is_there {
                remove_folder(&target)?;
            }
            fs::rename(&new, &target)
        })();
        if written.is_err() {
            let _ = fs::remove_dir_all(&new);
        }
        written.map_err(failed(&target))?;
        Ok(target)
    }

    /// All edits that were kept of a run, by name; one that is damaged, or of another run, says so. What is no edit is passed over.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn read_all(folder: &RunFolder, run: Option<&Identity>) -> io::Result<Vec<KeptEdit>> {
        let all = folder.edits();
        if !is_folder(&all) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&all)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if Self::check_name(&name).is_ok() && is_folder(&entry.path()) {
                let edit = Self::read(&entry.path().join(EDIT), run);
                found.push((name, edit));
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }

    fn read(path: &Path, run: Option<&Identity>) -> Result<Self, String> {
        if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(format!("{EDIT} is a symbolic link"));
        }
        let bytes = files::read(path, MAX_BYTES).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{EDIT} is missing"),
            _ => format!("{EDIT} cannot be read: {error}"),
        })?;
        let edit: Self = serde_json::from_slice(&bytes).map_err(|error| format!("{EDIT} is damaged: {error}"))?;
        Identity::check(edit.run.as_ref(), run, path).map_err(|foreign| foreign.to_string())?;
        Ok(edit)
    }
}

/// A folder itself, not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn edit(what: &str) -> Edit {
        Edit {
            run: Some(Identity { id: "a".into(), digest: "11".into() }),
            step: 7,
            version: "1".into(),
            at: 1.0,
            command: vec!["edit".into()],
            edit: "apply".into(),
            what: what.into(),
            layout: String::new(),
            note: String::new(),
            space: "latent".into(),
            method: None,
            amounts: vec![2.0],
            values: BTreeMap::new(),
            pictures: vec![EditPicture {
                label: String::new(),
                note: String::new(),
                files: vec![EditFile::new("edit", Media::Png)],
                values: [("strength".to_owned(), 0.5)].into(),
            }],
        }
    }

    fn keep(folder: &RunFolder, name: &str, what: &str) -> Result<PathBuf, EditError> {
        edit(what).keep(folder, name, &[("edit.png".to_owned(), &b"png"[..])])
    }

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_edit_is_read_as_it_was_kept_and_a_later_one_of_its_name_replaces_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        assert_eq!(Edit::read_all(&folder, None).unwrap(), []);
        keep(&folder, "smile", "one").unwrap();
        fs::write(folder.edits().join("smile/old.png"), "x").unwrap();
        keep(&folder, "smile", "two").unwrap();
        keep(&folder, "age", "one").unwrap();
        let all = Edit::read_all(&folder, edit("").run.as_ref()).unwrap();
        assert_eq!(all, [("age".to_owned(), Ok(edit("one"))), ("smile".to_owned(), Ok(edit("two")))]);
        assert_eq!(names(&folder.edits().join("smile")), ["edit.json", "edit.png"]);
        assert_eq!(names(&folder.edits()), ["age", "smile"]);
    }

    #[test]
    fn what_cannot_be_a_name_and_what_is_no_edit_is_refused_and_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        fs::create_dir(folder.path()).unwrap();
        for name in ["", ".", "..", ".x", "-x", "a/b", "a b", "a\u{1b}", &"x".repeat(41)] {
            assert!(matches!(keep(&folder, name, "x"), Err(EditError::Name(_))), "{name:?}");
        }
        assert!(!folder.edits().exists());
        keep(&folder, "one", "x").unwrap();
        let mine = temporary.path().join("mine");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join("letter.txt"), "dear").unwrap();
        symlink(&mine, folder.edits().join("link")).unwrap();
        fs::create_dir(folder.edits().join("mine")).unwrap();
        fs::write(folder.edits().join("file"), "mine").unwrap();
        for name in ["link", "mine", "file"] {
            assert!(matches!(keep(&folder, name, "x"), Err(EditError::Taken(_))), "{name}");
        }
        assert_eq!((names(&mine), names(&folder.edits()).len()), (vec!["letter.txt".to_owned()], 4));
        // Nor is anything written where the folder of edits is a link.
        let other = RunFolder::new(temporary.path().join("other"));
        fs::create_dir(other.path()).unwrap();
        symlink(&mine, other.edits()).unwrap();
        assert!(matches!(keep(&other, "one", "x"), Err(EditError::Io { .. })));
        assert_eq!((names(&mine).len(), Edit::read_all(&other, None).unwrap()), (1, Vec::new()));
    }

    #[test]
    fn damaged_and_foreign_edits_say_so() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        for name in ["cut", "foreign", "good", "link", "missing"] {
            keep(&folder, name, "x").unwrap();
        }
        let json = |name: &str| folder.edits().join(name).join(EDIT);
        fs::write(json("cut"), "{\"step\": 1").unwrap();
        fs::write(json("foreign"), serde_json::to_vec(&edit("x")).unwrap().as_slice()).unwrap();
        fs::remove_file(json("missing")).unwrap();
        fs::remove_file(json("link")).unwrap();
        symlink("/etc/hostname", json("link")).unwrap();
        let own = Identity { id: "b".into(), digest: "22".into() };
        let read = |run: &Identity| -> Vec<String> {
            let all = Edit::read_all(&folder, Some(run)).unwrap();
            all.into_iter().map(|(name, found)| format!("{name}: {}", found.err().unwrap_or_default())).collect()
        };
        let found = read(&edit("").run.unwrap());
        assert!(found[0].starts_with("cut: edit.json is damaged"), "{found:?}");
        assert_eq!(
            found[1..],
            ["foreign: ", "good: ", "link: edit.json is a symbolic link", "missing: edit.json is missing"]
        );
        assert!(read(&own)[1].contains("is of run a (11), not of b (22)"), "{:?}", read(&own));
    }

    #[test]
    fn of_edits_of_one_name_that_are_kept_at_once_one_is_there_as_a_whole() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        std::thread::scope(|scope| {
            for number in 0..8 {
                let folder = &folder;
                scope.spawn(move || {
                    let text = number.to_string();
                    let files = [("edit.png".to_owned(), text.as_bytes())];
                    edit(&text).keep(folder, "one", &files).unwrap();
                });
            }
        });
        let (_, found) = Edit::read_all(&folder, None).unwrap().remove(0);
        assert_eq!(fs::read_to_string(folder.edits().join("one/edit.png")).unwrap(), found.unwrap().what);
        assert_eq!(names(&folder.edits()), ["one"]);
    }
}
