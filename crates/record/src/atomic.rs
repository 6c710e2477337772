//! Files that are complete or absent: temporary name, fsync, rename, fsync of the folder.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Marks names that [`stale`] lists.
const MARK: &str = ".tmp-";

/// Writes `bytes` to `path`, so that a reader at any moment sees the old file or the new one, never a part; when it
/// returns, the new one survives a power cut.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, true)?;
    fsync_dir(path.parent().unwrap_or(Path::new(".")))
}

/// As [`write_atomic`], for files that can be made again: a power cut may take the new one with it.
pub fn write_derived(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, false)
}

fn replace(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let temporary = temporary_sibling(path);
    let written = (|| {
        let mut file = File::create_new(&temporary)?;
        file.write_all(bytes)?;
        if sync {
            file.sync_all()?;
        }
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A name beside `path` that no other writer uses, on other machines neither: the nanosecond tells apart what has the
/// same process id there.
pub fn temporary_sibling(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.subsec_nanos());
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!("{MARK}{}-{nanos}-{count}", std::process::id()));
    path.with_file_name(name)
}

/// Makes a rename or a creation inside `folder` survive a power cut.
pub fn fsync_dir(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Deletes what a killed writer left in `folder`. The caller must be the folder's only writer.
pub fn remove_stale(folder: &Path) {
    for path in stale(folder) {
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
}

/// What a killed writer left in `folder`, or a living one has not finished.
pub fn stale(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let marked = entries.filter(|entry| entry.file_name().to_string_lossy().contains(MARK));
    marked.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        assert!(write_atomic(&path, b"bytes").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn stale_temporaries_go_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("step-000100");
        fs::create_dir(&kept).unwrap();
        fs::create_dir(temporary_sibling(&kept)).unwrap();
        fs::write(temporary_sibling(&folder.path().join("plan.json")), b"torn").unwrap();
        remove_stale(folder.path());
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|e| e.path()).collect();
        assert_eq!(names, [kept]);
    }
}
