//! A folder for as long as a command works in it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Deleted when it is dropped. What a killed command left goes with the next one of its name.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// In the system's folder for such.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let name = std::env::temp_dir().join(name);
        record::remove_stale_of(&name);
        let folder = record::temporary_sibling(&name);
        DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_a_killed_command_left_goes_with_the_next_one() {
        let mut killed = Command::new("true").spawn().unwrap();
        killed.wait().unwrap();
        let left = std::env::temp_dir().join(format!(".runner-a-test.tmp-{}-1-0", killed.id()));
        fs::create_dir_all(left.join("runs")).unwrap();
        let temporary = Temporary::new("runner-a-test").unwrap();
        assert!(!left.exists() && temporary.path().is_dir());
        let path = temporary.path().to_owned();
        drop(temporary);
        assert!(!path.exists());
    }
}
