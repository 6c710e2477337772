//! One sweep at a time works in a folder. The lock is the operating system's: it ends with the process that holds it.

use crate::{SweepFolder, now};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::time::Duration;

/// Tries, 10 ms apart, before a lock counts as a sweep's.
const ASKERS_PATIENCE: u32 = 10;

/// Held while a sweep works in its folder; let go when dropped and when the process dies.
#[derive(Debug)]
pub struct SweepLock {
    _file: File,
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Machine name.
    pub host: String,
    /// Unix time, seconds.
    pub since: f64,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another sweep works here.
    #[error("another command works in this folder")]
    Held(Option<Holder>),
    /// The lock file cannot be made or locked.
    #[error("cannot lock the folder")]
    Io(#[from] io::Error),
}

impl SweepLock {
    /// Takes the lock or says who has it. The sweep's folder must exist.
    pub fn acquire(folder: &SweepFolder, host: &str) -> Result<Self, LockError> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(folder.lock())?;
        // Whoever asks whether a sweep is alive holds a shared lock for a moment.
        let mut taken = file.try_lock();
        for _ in 0..ASKERS_PATIENCE {
            if !matches!(taken, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
            taken = file.try_lock();
        }
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                return Err(LockError::Held(serde_json::from_str(&text).ok()));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let holder = Holder { pid: std::process::id(), host: host.into(), since: now() };
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&serde_json::to_vec(&holder).map_err(io::Error::from)?)?;
        Ok(Self { _file: file })
    }

    /// Whether a sweep works in the folder now.
    pub fn is_held(folder: &SweepFolder) -> bool {
        Self::held_since(folder).is_some()
    }

    /// Since when a sweep works in the folder, Unix time, seconds; `None` if there is none now.
    pub fn held_since(folder: &SweepFolder) -> Option<f64> {
        let file = File::open(folder.lock()).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| {
            let holder = std::fs::read(folder.lock()).ok().and_then(|text| serde_json::from_slice(&text).ok());
            // Just taken, its holder is not written yet.
            holder.map_or_else(now, |Holder { since, .. }| since)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is_and_may_come_after_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        assert!(!SweepLock::is_held(&folder));
        let first = SweepLock::acquire(&folder, "here").unwrap();
        assert!(SweepLock::held_since(&folder).is_some_and(|since| since <= now()));
        let Err(LockError::Held(Some(holder))) = SweepLock::acquire(&folder, "there") else { panic!("two holders") };
        assert_eq!((holder.pid, holder.host.as_str()), (std::process::id(), "here"));
        drop(first);
        assert!(!SweepLock::is_held(&folder));
        SweepLock::acquire(&folder, "there").unwrap();
    }
}
