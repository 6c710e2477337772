//! A data set in several files: a folder of them, or one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::DataError;
use crate::file::content::find;

/// The file, or the files of a folder that have one of these endings, in the order of their names.
///
/// # Errors
/// There is no such file; it is missing as the data set `name` then.
pub(crate) fn shards(
    path: &Path,
    endings: &[&str],
    name: &'static str,
    how_to_get: &'static str,
) -> Result<Vec<PathBuf>, DataError> {
    let missing = || DataError::Missing { name, looked_for: vec![path.to_owned()], how_to_get };
    if find(&[path.to_owned()]).is_none() {
        return Err(missing());
    }
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let io_error = |source| DataError::Io { path: path.to_owned(), source };
    let mut shards = Vec::new();
    for entry in fs::read_dir(path).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if !name.starts_with('.') && endings.iter().any(|ending| name.ends_with(ending)) {
            shards.push(path);
        }
    }
    shards.sort();
    if shards.is_empty() { Err(missing()) } else { Ok(shards) }
}
