//! One sweep at a time works in a folder, and one report at a time is written into one. Locks are the operating
//! system's: they end with the process that holds them.

use crate::own_file::open_own;
use crate::{SweepFolder, host, moment, now};
use rustix::fs::AtFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// For a sweep's lock: commands that ask whether a sweep works hold it for a moment, shared.
const SWEEP_PATIENCE: Duration = Duration::from_millis(100);

/// Bytes that a holder's line may have.
const MAX_LINE: u64 = 4096;

/// How a holder's line begins.
const BEGINNING: &[u8] = br#"{"pid""#;

/// The environment variable that turns locks `off`, for file systems without them.
pub const LOCK_SWITCH: &str = "RUNNER_LOCK";

/// Held while a sweep works in its folder; let go when dropped and when the process dies.
#[derive(Debug)]
pub struct SweepLock {
    _file: File,
}

/// Held while a report is written into a folder, by any command; let go when dropped and when the process dies. The
/// folder may be moved meanwhile.
#[derive(Debug)]
pub struct ReportLock {
    folder: SweepFolder,
    /// The folder itself, wherever it is by then.
    handle: File,
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

impl Holder {
    /// Whether this is that command. Another one may have had its process id, but not at that time.
    pub fn is(&self, other: &Self) -> bool {
        const SAME_TIME: f64 = 1e-3;
        (self.pid, &self.host) == (other.pid, &other.host) && (self.since - other.since).abs() < SAME_TIME
    }
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another command has it.
    #[error("{task}{}", held_by(holder.as_ref()))]
    Held {
        /// What that command does.
        task: &'static str,
        /// Who that is, as far as it is known.
        holder: Option<Holder>,
    },
    /// The folder is missing, perhaps because another command has moved it aside just now.
    #[error("the folder is not there, or has been moved away")]
    Gone,
    /// The lock file cannot be made or locked.
    #[error("cannot lock the folder")]
    Io(#[source] io::Error),
    /// The file system has no locks.
    #[error(
        "the file system of this folder takes no locks: choose another with `--results`, or set {LOCK_SWITCH}=off if nothing else \
         works in it; two commands that train there at once damage each other's records"
    )]
    Unsupported(#[source] io::Error),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Gone } else { Self::Io(error) }
    }
}

/// `: process 12 on here, since 2026-11-22 14:50:07 UTC`, if that is known.
fn held_by(holder: Option<&Holder>) -> String {
    let text = |Holder { pid, host, since }: &Holder| format!(": process {pid} on {host}, since {}", moment(*since));
    holder.map(text).unwrap_or_default()
}

impl SweepLock {
    /// Takes the lock or says who has it. The sweep's folder must exist.
    ///
    /// # Errors
    /// Another command works in the folder, or the lock's file is something else or cannot be written.
    pub fn acquire(folder: &SweepFolder) -> Result<Self, LockError> {
        let task = "another command works in this folder";
        Ok(Self { _file: take(&folder.lock(), SWEEP_PATIENCE, task)? })
    }

    /// Whether a sweep works in the folder now.
    pub fn is_held(folder: &SweepFolder) -> bool {
        Self::holder(folder).is_some()
    }

    /// The command that works in the folder now, if one does.
    pub fn holder(folder: &SweepFolder) -> Option<Holder> {
        let mut file = open_own(&folder.lock(), OpenOptions::new().read(true)).ok()?;
        let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        // Just taken, its holder is not written yet.
        is_held.then(|| holder(&mut file).unwrap_or_else(|| Holder { pid: 0, host: String::new(), since: now() }))
    }
}

impl ReportLock {
    /// Takes the lock of a folder that exists, and waits for it as long as `patience` says.
    ///
    /// # Errors
    /// Another command still writes a report there, or the lock's file is something else or cannot be written.
    pub fn acquire(folder: &SweepFolder, patience: Duration) -> Result<Self, LockError> {
        let handle = File::open(folder.path())?;
        let task = "another command writes a report into this folder";
        let file = take(&folder.report_lock(), patience, task)?;
        Ok(Self { folder: folder.clone(), handle, _file: file })
    }

    /// Where the report goes.
    pub fn folder(&self) -> &SweepFolder {
        &self.folder
    }
}

impl Drop for ReportLock {
    /// Removes the file before the lock ends: it cannot be another holder's yet.
    fn drop(&mut self) {
        if let Some(name) = self.folder.report_lock().file_name() {
            let _ = rustix::fs::unlinkat(&self.handle, name, AtFlags::empty());
        }
    }
}

/// Locks a file and writes into it who did.
fn take(path: &Path, patience: Duration, task: &'static str) -> Result<File, LockError> {
    let until = Instant::now() + patience;
    loop {
        let options = &mut OpenOptions::new();
        let mut file = open_own(path, options.create(true).truncate(false).read(true).write(true))?;
        match if is_off() { Ok(()) } else { file.try_lock() } {
            // Else its holder has removed it, or moved the folder away.
            Ok(()) if is_at(&file, path)? => return written(file, path),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { task, holder: holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let own = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (own.dev(), own.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What does not begin as a holder's line does, perhaps one that was cut short, is a person's file and stays.
fn written(mut file: File, path: &Path) -> Result<File, LockError> {
    let mut line = Vec::new();
    (&mut file).take(BEGINNING.len() as u64).read_to_end(&mut line)?;
    if !BEGINNING.starts_with(&line) {
        let message = format!("{} is not a lock of this program: move it away", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message).into());
    }
    let holder = Holder { pid: std::process::id(), host: host(), since: now() };
    let line = serde_json::to_vec(&holder).map_err(io::Error::from)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&line)?;
    Ok(file)
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut line = Vec::new();
    file.rewind().ok()?;
    file.take(MAX_LINE).read_to_end(&mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// Whether the environment turns locks off.
pub(crate) fn is_off() -> bool {
    std::env::var_os(LOCK_SWITCH).is_some_and(|value| value == "off")
}

/// Network and user-space file systems without locks answer so.
fn refused(error: io::Error) -> LockError {
    const NO_LOCKS: [Errno; 3] = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP];
    let is_of_system = NO_LOCKS.iter().any(|code| error.raw_os_error() == Some(code.raw_os_error()));
    if is_of_system { LockError::Unsupported(error) } else { LockError::Io(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_system_without_locks_is_told_with_the_way_out() {
        let of = |code: Errno| refused(io::Error::from_raw_os_error(code.raw_os_error()));
        for code in [Errno::NOLCK, Errno::NOSYS] {
            let message = crate::with_causes(&of(code));
            assert!(message.contains("takes no locks") && message.contains("RUNNER_LOCK=off"), "{message}");
        }
        assert!(matches!(of(Errno::ACCESS), LockError::Io(_)));
    }

    #[test]
    fn the_second_is_told_who_the_first_is_and_may_come_after_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        assert!(!SweepLock::is_held(&folder));
        let first = SweepLock::acquire(&folder).unwrap();
        assert!(SweepLock::holder(&folder).is_some_and(|holder| holder.since <= now()));
        let Err(LockError::Held { holder: Some(holder), .. }) = SweepLock::acquire(&folder) else {
            panic!("two holders")
        };
        assert_eq!((holder.pid, holder.host), (std::process::id(), host()));
        drop(first);
        assert!(!SweepLock::is_held(&folder));
        SweepLock::acquire(&folder).unwrap();
    }

    #[test]
    fn what_is_no_lock_of_this_program_stays_as_it_is() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        let diary = temporary.path().join("diary.txt");
        fs::write(&diary, "Dear diary").unwrap();
        let refused = || match SweepLock::acquire(&folder) {
            Err(LockError::Io(error)) => error.to_string(),
            other => panic!("{other:?}"),
        };
        symlink(&diary, folder.lock()).unwrap();
        assert!(refused().contains(".lock is a symbolic link"));
        assert!(!SweepLock::is_held(&folder));
        fs::remove_file(folder.lock()).unwrap();
        fs::hard_link(&diary, folder.lock()).unwrap();
        assert!(refused().contains(".lock is not a lock of this program"));
        assert_eq!(fs::read_to_string(&diary).unwrap(), "Dear diary");
        for cut in ["", "{", "{\"pid\":12,\"ho"] {
            fs::write(&diary, cut).unwrap();
            SweepLock::acquire(&folder).unwrap();
        }
    }

    #[test]
    fn a_lock_is_on_the_folder_that_has_the_name_and_not_on_the_one_that_was_moved_away() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path().join("lr"));
        fs::create_dir(folder.path()).unwrap();
        let file = take(&folder.lock(), Duration::ZERO, "").unwrap();
        fs::rename(folder.path(), temporary.path().join("lr.old-1")).unwrap();
        fs::create_dir(folder.path()).unwrap();
        assert!(!is_at(&file, &folder.lock()).unwrap());
        SweepLock::acquire(&folder).unwrap();
        assert!(!is_at(&file, &folder.lock()).unwrap());
    }

    #[test]
    fn reports_wait_for_each_other_and_leave_no_file() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path().join("lr"));
        fs::create_dir(folder.path()).unwrap();
        let first = ReportLock::acquire(&folder, Duration::ZERO).unwrap();
        let refused = ReportLock::acquire(&folder, Duration::from_millis(20)).unwrap_err();
        let beginning = format!("another command writes a report into this folder: process {} on", std::process::id());
        assert!(refused.to_string().starts_with(&beginning), "{refused}");
        SweepLock::acquire(&folder).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| ReportLock::acquire(&folder, Duration::from_secs(60)).unwrap());
            std::thread::sleep(Duration::from_millis(50));
            drop(first);
            drop(second.join().unwrap());
        });
        assert!(!folder.report_lock().exists());

        let moved = SweepFolder::new(temporary.path().join("lr.old-1"));
        let third = ReportLock::acquire(&folder, Duration::ZERO).unwrap();
        fs::rename(folder.path(), moved.path()).unwrap();
        drop(third);
        assert!(!moved.report_lock().exists(), "the file is removed where it is by then");
        assert!(matches!(ReportLock::acquire(&folder, Duration::ZERO), Err(LockError::Gone)));
        assert!(matches!(SweepLock::acquire(&folder), Err(LockError::Gone)));
    }
}
