//! The sizes and times of files: as long as they are the same, so are the contents, most likely.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file that was changed so short a time ago may change again with the same time.
const SETTLED: Duration = Duration::from_secs(2);

/// `blake3:<hex>` of the names, sizes and times of files, and of all files below folders. Nothing if one changed just now,
/// so that sizes and times do not say yet what it holds.
///
/// # Errors
/// A file or folder cannot be looked at.
pub fn state(places: &[PathBuf]) -> io::Result<Option<String>> {
    let mut state = State { hasher: blake3::Hasher::new(), newest: 0, within: Vec::new() };
    places.iter().try_for_each(|place| state.add(place))?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let is_settled = state.newest < now.saturating_sub(SETTLED).as_nanos() as i128;
    Ok(is_settled.then(|| format!("blake3:{}", state.hasher.finalize().to_hex())))
}

struct State {
    hasher: blake3::Hasher,
    /// Nanoseconds since 1970.
    newest: i128,
    /// The folder that is being read and those that it lies in.
    within: Vec<PathBuf>,
}

impl State {
    fn add(&mut self, path: &Path) -> io::Result<()> {
        // What a link leads to may be missing: then the link is what is there.
        let metadata = fs::metadata(path).or_else(|_| fs::symlink_metadata(path))?;
        self.note(path, &metadata);
        if !metadata.is_dir() {
            return Ok(());
        }
        let place = fs::canonicalize(path)?;
        if self.within.contains(&place) {
            return Ok(());
        }
        self.within.push(place);
        let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        entries.sort();
        entries.iter().try_for_each(|entry| self.add(entry))?;
        self.within.pop();
        Ok(())
    }

    /// The time of the last change of the inode, too: it does not go back with that of the contents.
    fn note(&mut self, path: &Path, metadata: &Metadata) {
        let name = path.as_os_str().as_encoded_bytes();
        let time = |secs: i64, nanoseconds: i64| i128::from(secs) * 1_000_000_000 + i128::from(nanoseconds);
        let times = [time(metadata.mtime(), metadata.mtime_nsec()), time(metadata.ctime(), metadata.ctime_nsec())];
        self.hasher.update(&(name.len() as u64).to_le_bytes()).update(name);
        self.hasher.update(&metadata.len().to_le_bytes()).update(&metadata.mode().to_le_bytes());
        for time in times {
            self.hasher.update(&time.to_le_bytes());
            self.newest = self.newest.max(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    fn settle() {
        std::thread::sleep(SETTLED + Duration::from_millis(50));
    }

    #[test]
    fn every_change_of_a_file_is_seen_once_it_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cats/1.png");
        fs::create_dir(folder.path().join("cats")).unwrap();
        fs::write(&path, "a").unwrap();
        let old = fs::metadata(&path).unwrap().modified().unwrap();
        let state = || state(&[folder.path().to_owned()]).unwrap();
        assert_eq!(state(), None, "it may change again within this moment");
        settle();
        let before = state();
        assert!(before.is_some());
        assert_eq!(state(), before);
        // Same size, and the time of before.
        fs::write(&path, "b").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("cats/around")).unwrap();
        settle();
        let after = state();
        assert!(after.is_some() && after != before);
        assert!(super::state(&[folder.path().join("absent")]).is_err());
    }
}
