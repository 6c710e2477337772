//! `annotation.json`: a person's note on a run, and tags. Neither changes a number or is part of the run's identity.

use crate::lock::is_off;
use crate::{RunFolder, read_own, write_atomic};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;

/// Letters of the longest note.
const MAX_NOTE: usize = 1000;
/// Letters of the longest tag.
const MAX_TAG: usize = 40;
/// Tags of one run.
const MAX_TAGS: usize = 20;

/// What a person says of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Words to filter by, in the order in which they were given; each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// Why an annotation cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum AnnotationError {
    /// The note is no note, or a tag no tag.
    #[error("{0}")]
    Unfit(String),
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Annotation {
    /// Reads that of a run; empty if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is none of this program's.
    pub fn read(folder: &RunFolder) -> io::Result<Self> {
        match read_own(&folder.annotation()) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Puts a note on a run in place of an earlier one; an empty one removes it.
    ///
    /// # Errors
    /// The note is too long, or the file cannot be read or written.
    pub fn set_note(folder: &RunFolder, note: &str) -> Result<Self, AnnotationError> {
        let (note, length) = (note.trim(), note.trim().chars().count());
        if length > MAX_NOTE {
            return Err(AnnotationError::Unfit(format!(
                "the note has {length} characters, and a note has at most {MAX_NOTE}"
            )));
        }
        Self::change(folder, |annotation| {
            annotation.note = (!note.is_empty()).then(|| note.to_owned());
            Ok(())
        })
    }

    /// Adds tags to a run.
    ///
    /// # Errors
    /// A tag has other characters than letters, digits, `.`, `_` and `-`, or there are too many; the file cannot be read or
    /// written.
    pub fn add_tags(folder: &RunFolder, tags: &[String]) -> Result<Self, AnnotationError> {
        let is_fit = |tag: &&String| {
            let is_word = tag.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c));
            is_word && !tag.is_empty() && !tag.starts_with('-') && tag.chars().count() <= MAX_TAG
        };
        if let Some(tag) = tags.iter().find(|tag| !is_fit(tag)) {
            return Err(AnnotationError::Unfit(format!(
                "{tag:?} is no tag: a tag is one word of letters, digits, `.`, `_` and `-`, at most {MAX_TAG} of them"
            )));
        }
        Self::change(folder, |annotation| {
            for tag in tags {
                if !annotation.tags.contains(tag) {
                    annotation.tags.push(tag.clone());
                }
            }
            match annotation.tags.len() {
                0..=MAX_TAGS => Ok(()),
                number => Err(AnnotationError::Unfit(format!(
                    "that would be {number} tags, and a run has at most {MAX_TAGS}"
                ))),
            }
        })
    }

    /// Takes tags off a run; those that it does not have are passed over.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn remove_tags(folder: &RunFolder, tags: &[String]) -> Result<Self, AnnotationError> {
        Self::change(folder, |annotation| {
            annotation.tags.retain(|tag| !tags.contains(tag));
            Ok(())
        })
    }

    /// One change at a time: the folder is locked meanwhile, where the file system has locks.
    fn change(
        folder: &RunFolder,
        apply: impl FnOnce(&mut Self) -> Result<(), AnnotationError>,
    ) -> Result<Self, AnnotationError> {
        let handle = File::open(folder.path())?;
        let _locked = !is_off() && handle.lock().is_ok();
        let earlier = Self::read(folder)?;
        let mut annotation = earlier.clone();
        apply(&mut annotation)?;
        if annotation != earlier {
            write_atomic(&folder.annotation(), &serde_json::to_vec_pretty(&annotation).map_err(io::Error::from)?)?;
        }
        Ok(annotation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_note_replaces_the_earlier_one_and_tags_add_up() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        assert_eq!(Annotation::read(&folder).unwrap(), Annotation::default());
        Annotation::set_note(&folder, " sharp digits ").unwrap();
        Annotation::add_tags(&folder, &words(&["best", "paper"])).unwrap();
        Annotation::add_tags(&folder, &words(&["paper", "figure-2"])).unwrap();
        let expected = Annotation { note: Some("sharp digits".into()), tags: words(&["best", "paper", "figure-2"]) };
        assert_eq!(Annotation::read(&folder).unwrap(), expected);
        Annotation::set_note(&folder, "").unwrap();
        let left = Annotation::remove_tags(&folder, &words(&["paper", "none"])).unwrap();
        assert_eq!(left, Annotation { note: None, tags: words(&["best", "figure-2"]) });
        assert_eq!(Annotation::read(&folder).unwrap(), left);
    }

    #[test]
    fn what_is_no_tag_is_refused_and_changes_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        for tag in ["", "two words", "a,b", "-x", "a\u{1b}[2J", &"x".repeat(41)] {
            assert!(Annotation::add_tags(&folder, &words(&["good", tag])).is_err(), "{tag:?}");
        }
        assert!(Annotation::set_note(&folder, &"x".repeat(1001)).is_err());
        let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        assert!(Annotation::add_tags(&folder, &many).is_err());
        assert!(!folder.annotation().exists());
    }

    #[test]
    fn tags_that_are_added_at_once_are_all_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        std::thread::scope(|scope| {
            for number in 0..8 {
                let folder = &folder;
                scope.spawn(move || Annotation::add_tags(folder, &[format!("tag{number}")]).unwrap());
            }
        });
        assert_eq!(Annotation::read(&folder).unwrap().tags.len(), 8);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        std::fs::write(folder.annotation(), "{\"note\": ").unwrap();
        assert!(Annotation::set_note(&folder, "x").is_err());
        assert_eq!(std::fs::read_to_string(folder.annotation()).unwrap(), "{\"note\": ");
    }
}
