//! One file in two folders.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Gives a regular file a second name, or a copy where the file system has no second names. Files of a record that have
/// two are never written in place: one who writes replaces his own name.
///
/// # Errors
/// It is no regular file, or `to` is there or cannot be written.
pub fn link_own(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_file() {
        let message = format!("{} is no file of this program", from.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            fs::copy(from, to)?;
            File::open(to)?.sync_all()
        }
        Ok(()) => Ok(()),
    }
}
