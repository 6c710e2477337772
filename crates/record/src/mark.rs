//! A mark in folders that this program fills and later replaces, beside files of a person: what lacks it is not
//! this program's.

use crate::own_file::open_own;
use crate::write_derived;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::Path;

/// Where it stands.
pub const MARK: &str = ".made-by-runner";

/// Bytes that a mark may have.
const MAX_BYTES: u64 = 4096;

/// Marks a folder as one of `kind`, such as `tensorboard`. `details` are a line that [`marked`] gives back.
pub fn mark(folder: &Path, kind: &str, details: &str) -> io::Result<()> {
    write_derived(&folder.join(MARK), format!("{kind}\n{details}\n").as_bytes())
}

/// The details in the mark of a folder; `None` if it has none of this kind.
pub fn marked(folder: &Path, kind: &str) -> Option<String> {
    let file = open_own(&folder.join(MARK), OpenOptions::new().read(true)).ok()?;
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    let (found, details) = text.split_once('\n')?;
    (found == kind).then(|| details.trim_end().to_owned())
}
