//! A folder of single samples, `000000.png` and so on. It holds those of the last command and no others, which a metric
//! would count among them; a person's files stay.

use crate::error::Error;
use samples::{Encoded, Media};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Marks the folder.
const SAMPLES: &str = "samples";

/// Digits of a number, at least.
const DIGITS: usize = 6;

/// A folder that single samples can be written into.
pub(crate) struct Singles<'a>(&'a Path);

impl<'a> Singles<'a> {
    /// Looks at the folder, which may not exist yet.
    ///
    /// # Errors
    /// It holds files named like samples that this program has not put there, or cannot mark as its own.
    pub(crate) fn at(folder: &'a Path) -> Result<Self, Error> {
        let singles = Self(folder);
        match singles.earlier().first() {
            Some(first) if record::marked(folder, SAMPLES).is_none() => Err(Error::Usage(format!(
                "{} is named as a sample is, but this program did not write it: name another folder, or empty this one",
                first.display()
            ))),
            _ => Ok(singles),
        }
    }

    /// Writes samples in place of those of an earlier command.
    pub(crate) fn write<'s>(&self, samples: impl Iterator<Item = &'s Encoded>) -> io::Result<()> {
        let Self(folder) = self;
        fs::create_dir_all(folder)?;
        record::remove_stale(folder);
        record::mark(folder, SAMPLES, "")?;
        self.earlier().iter().try_for_each(fs::remove_file)?;
        samples.enumerate().try_for_each(|(index, Encoded { media, bytes })| {
            record::write_derived(&folder.join(format!("{index:0DIGITS$}.{}", media.extension())), bytes)
        })
    }

    /// What is named as a sample is.
    fn earlier(&self) -> Vec<PathBuf> {
        let is_sample = |path: &PathBuf| {
            let [stem, ending] = [path.file_stem(), path.extension()].map(|part| part.and_then(|part| part.to_str()));
            let is_number = stem.is_some_and(|stem| stem.len() >= DIGITS && stem.bytes().all(|b| b.is_ascii_digit()));
            is_number && Media::ALL.iter().any(|media| ending == Some(media.extension()))
        };
        let entries = fs::read_dir(self.0).into_iter().flatten().flatten();
        let mut earlier: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_sample).collect();
        earlier.sort();
        earlier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = entries.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    fn write(folder: &Path, count: usize, media: Media) {
        let samples = vec![Encoded { media, bytes: vec![1] }; count];
        Singles::at(folder).unwrap().write(samples.iter()).unwrap();
    }

    #[test]
    fn fewer_samples_leave_none_of_the_earlier_ones_and_other_files_stay() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("x");
        write(&folder, 12, Media::Png);
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        fs::write(folder.join("7.png"), "mine").unwrap();
        write(&folder, 2, Media::Png);
        assert_eq!(names(&folder), ["000000.png", "000001.png", "7.png", "notes.txt"]);
        write(&folder, 1, Media::Wav);
        assert_eq!(names(&folder), ["000000.wav", "7.png", "notes.txt"]);
    }

    #[test]
    fn a_person_s_numbered_pictures_are_refused_and_stay() {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join("000900.png"), "mine").unwrap();
        let error = Singles::at(temporary.path()).err().unwrap().message();
        assert!(error.contains("000900.png is named as a sample is"), "{error}");
        assert_eq!(names(temporary.path()), ["000900.png"]);
    }
}
