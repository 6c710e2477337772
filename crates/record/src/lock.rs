//! One sweep at a time works in a folder, and one report at a time is written into one. Locks are the operating
//! system's: they end with the process that holds them. Where a file system refuses them, a [lease](crate::Lease) takes
//! the lock's place.

use crate::lease::{Leased, process_start};
use crate::own_file::open_own;
use crate::{Lease, Live, SweepFolder, moment, now, temporary_sibling};
use rustix::fs::AtFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// For a sweep's lock: commands that ask whether a sweep works hold it for a moment, shared, and its holder's line comes a
/// moment after it.
const SWEEP_PATIENCE: Duration = Duration::from_secs(1);

/// Bytes that a holder's line may have.
const MAX_LINE: u64 = 4096;

/// How a holder's line begins.
const BEGINNING: &[u8] = br#"{"pid""#;

/// The environment variable that turns locks `off`, or has leases in place of locks of the operating system: `lease`.
pub const LOCK_SWITCH: &str = "RUNNER_LOCK";

/// The values that it can have.
pub const LOCK_VALUES: [&str; 2] = ["off", "lease"];

/// Looks that may be needed to replace a dead holder's lease.
const TAKEOVERS: usize = 8;

/// Held while a sweep works in its folder; let go when dropped and when the process dies.
#[derive(Debug)]
pub struct SweepLock {
    held: Held,
}

/// What keeps others out.
#[derive(Debug)]
enum Held {
    File { _file: File },
    Lease { _lease: Lease },
}

/// Held while a report is written into a folder, by any command; let go when dropped and when the process dies. The
/// folder may be moved meanwhile.
#[derive(Debug)]
pub struct ReportLock {
    folder: SweepFolder,
    /// The folder itself, wherever it is by then.
    handle: File,
    _held: Held,
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
    /// Whether others may join it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares: bool,
}

impl Holder {
    /// Whether this is that command. Another one may have had its process id, but not at that time.
    pub fn is(&self, other: &Self) -> bool {
        const SAME_TIME: f64 = 1e-3;
        (self.pid, &self.host) == (other.pid, &other.host) && (self.since - other.since).abs() < SAME_TIME
    }

    /// Whether it is known that no process of this machine is that one.
    fn is_dead(&self) -> bool {
        self.host == crate::host() && process_start(None) != 0 && process_start(Some(self.pid)) == 0
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
    /// Processes that have joined the sweep train its runs.
    #[error("{}", joined_by(*count, holder))]
    Joined {
        /// How many.
        count: usize,
        /// One of them.
        holder: Box<Holder>,
    },
    /// The lock file cannot be made or locked.
    #[error("cannot lock the folder")]
    Io(#[source] io::Error),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Gone } else { Self::Io(error) }
    }
}

/// `: process 12 on here, since 2026-11-22 14:50:07 UTC`, if that is known.
fn held_by(holder: Option<&Holder>) -> String {
    let text =
        |Holder { pid, host, since, .. }: &Holder| format!(": process {pid} on {host}, since {}", moment(*since));
    holder.map(text).unwrap_or_default()
}

fn joined_by(count: usize, holder: &Holder) -> String {
    let Holder { pid, host, since, .. } = holder;
    let who = match count {
        1 => "a process that has joined the sweep trains".to_owned(),
        _ => format!("{count} processes that have joined the sweep train"),
    };
    format!("{who} its runs here: process {pid} on {host}, since {}", moment(*since))
}

impl SweepLock {
    /// Takes the lock or says who has it. The sweep's folder must exist.
    ///
    /// # Errors
    /// Another command works in the folder, processes have joined the sweep there, or the lock's file is something else or
    /// cannot be written.
    pub fn acquire(folder: &SweepFolder) -> Result<Self, LockError> {
        let lock = Self::take(folder, false)?;
        // After the lock: who joins looks at it after having joined.
        let joined = Live::joined(folder);
        match joined.first() {
            Some(holder) => Err(LockError::Joined { count: joined.len(), holder: holder.clone().into() }),
            None => Ok(lock),
        }
    }

    /// As [`acquire`](Self::acquire), for a sweep that others may join.
    ///
    /// # Errors
    /// Another command works in the folder, or the lock's file is something else or cannot be written.
    pub fn share(folder: &SweepFolder) -> Result<Self, LockError> {
        Self::take(folder, true)
    }

    fn take(folder: &SweepFolder, shares: bool) -> Result<Self, LockError> {
        let task = "another command works in this folder";
        Ok(Self { held: take(&folder.lock(), shares, SWEEP_PATIENCE, task)? })
    }

    /// Whether the file system refuses locks, so that a lease stands in for one.
    pub fn is_lease(&self) -> bool {
        matches!(self.held, Held::Lease { .. })
    }

    /// Whether a sweep works in the folder now.
    pub fn is_held(folder: &SweepFolder) -> bool {
        leaseholder(folder).is_some() || locked_by_another(folder).is_some()
    }

    /// The command that works in the folder now, if one does.
    pub fn holder(folder: &SweepFolder) -> Option<Holder> {
        let until = Instant::now() + SWEEP_PATIENCE;
        loop {
            if let Some(holder) = leaseholder(folder) {
                return Some(holder);
            }
            let found = holder(&mut locked_by_another(folder)?);
            let is_patient = Instant::now() < until;
            match found {
                // Just taken, it has no line yet, or that of a holder before.
                None if is_patient => {}
                Some(holder) if is_patient && holder.is_dead() => {}
                None => return Some(Holder { pid: 0, host: String::new(), since: now(), shares: false }),
                found => return found,
            }
            std::thread::sleep(PAUSE);
        }
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
        let held = take(&folder.report_lock(), false, patience, task)?;
        Ok(Self { folder: folder.clone(), handle, _held: held })
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

/// Locks a file and writes into it who did; where that is refused, takes a lease.
fn take(path: &Path, shares: bool, patience: Duration, task: &'static str) -> Result<Held, LockError> {
    let until = Instant::now() + patience;
    loop {
        let options = &mut OpenOptions::new();
        let mut file = open_own(path, options.create(true).truncate(false).read(true).write(true))?;
        let locked = match switch().as_deref() {
            Some("off") => Ok(()),
            Some(_) => return take_lease(path, shares, until, task),
            None => file.try_lock(),
        };
        match locked {
            // Else its holder has removed it, or moved the folder away.
            Ok(()) if is_at(&file, path)? => return Ok(Held::File { _file: written(file, path, shares)? }),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { task, holder: holder(&mut file) }),
            Err(TryLockError::Error(error)) if is_refused(&error) => return take_lease(path, shares, until, task),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
    }
}

/// Who has a living lease in place of the lock.
fn leaseholder(folder: &SweepFolder) -> Option<Holder> {
    let path = lease_of(&folder.lock());
    Leased::read(&path).filter(|leased| leased.seems_alive(&path)).map(|leased| leased.holder)
}

/// The lock's file, if another process has it locked.
fn locked_by_another(folder: &SweepFolder) -> Option<File> {
    let file = open_own(&folder.lock(), OpenOptions::new().read(true)).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then_some(file)
}

/// The lease that stands in for a lock.
fn lease_of(lock: &Path) -> PathBuf {
    let mut name = lock.file_name().unwrap_or_default().to_owned();
    name.push(".lease");
    lock.with_file_name(name)
}

fn take_lease(lock: &Path, shares: bool, until: Instant, task: &'static str) -> Result<Held, LockError> {
    let path = lease_of(lock);
    let mut takeovers = 0..TAKEOVERS;
    loop {
        let own = Holder { shares, ..Holder::here() };
        if let Some(lease) = Lease::create(&path, own, None)? {
            return Ok(Held::Lease { _lease: lease });
        }
        let Some(found) = Leased::read(&path) else { continue };
        if !found.seems_alive(&path) && takeovers.next().is_some() {
            remove_dead(&path, &found)?;
        } else if Instant::now() < until {
            std::thread::sleep(PAUSE);
        } else {
            return Err(LockError::Held { task, holder: Some(found.holder) });
        }
    }
}

/// Removes a lease; of two who do so at once, one might move a new one away: that one is put back.
fn remove_dead(path: &Path, dead: &Leased) -> io::Result<()> {
    let aside = temporary_sibling(path);
    match fs::rename(path, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    if Leased::read(&aside).is_some_and(|moved| !moved.holder.is(&dead.holder)) {
        let _ = fs::hard_link(&aside, path);
    }
    fs::remove_file(aside)
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
fn written(mut file: File, path: &Path, shares: bool) -> Result<File, LockError> {
    let mut line = Vec::new();
    (&mut file).take(BEGINNING.len() as u64).read_to_end(&mut line)?;
    if !BEGINNING.starts_with(&line) {
        let message = format!("{} is not a lock of this program: move it away", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message).into());
    }
    let holder = Holder { shares, ..Holder::here() };
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

/// What the environment says of locks; one of [`LOCK_VALUES`].
fn switch() -> Option<String> {
    std::env::var(LOCK_SWITCH).ok()
}

/// Whether the environment has no locks of the operating system.
pub(crate) fn is_off() -> bool {
    switch().is_some()
}

/// Network and user-space file systems without locks answer so.
fn is_refused(error: &io::Error) -> bool {
    const NO_LOCKS: [Errno; 3] = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP];
    NO_LOCKS.iter().any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn what_a_file_system_without_locks_answers_is_known() {
        let of = |code: Errno| is_refused(&io::Error::from_raw_os_error(code.raw_os_error()));
        assert!([Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP].into_iter().all(of));
        assert!(!of(Errno::ACCESS));
    }

    #[test]
    fn a_lease_stands_in_for_a_lock() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        let take = || take_lease(&folder.lock(), true, Instant::now(), "another command works in this folder");
        let first = take().unwrap();
        let Err(error) = take() else { panic!("two holders") };
        assert!(error.to_string().contains(&format!("process {} on", std::process::id())), "{error}");
        assert!(SweepLock::holder(&folder).is_some_and(|holder| holder.shares));
        drop(first);
        assert!(SweepLock::holder(&folder).is_none());
        // What a process left that died here.
        let dead = take().unwrap();
        let left = fs::read_to_string(lease_of(&folder.lock())).unwrap();
        drop(dead);
        fs::write(lease_of(&folder.lock()), left.replace("\"started\":", "\"started\":9")).unwrap();
        assert!(SweepLock::holder(&folder).is_none());
        drop(take().unwrap());
    }

    #[test]
    fn a_sweep_is_refused_beside_those_who_have_joined_it_unless_it_shares() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        let joined = Lease::join(&folder, None).unwrap();
        assert!(matches!(SweepLock::acquire(&folder), Err(LockError::Joined { count: 1, .. })));
        let shared = SweepLock::share(&folder).unwrap();
        assert!(!shared.is_lease() && SweepLock::holder(&folder).is_some_and(|holder| holder.shares));
        drop((shared, joined));
        SweepLock::acquire(&folder).unwrap();
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
        assert_eq!((holder.pid, holder.host), (std::process::id(), crate::host()));
        drop(first);
        assert!(!SweepLock::is_held(&folder));
        SweepLock::acquire(&folder).unwrap();
    }

    #[test]
    fn a_holder_is_waited_for_that_has_not_written_who_it_is() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        // Beyond the largest process id.
        let dead = Holder { pid: u32::MAX, shares: false, ..Holder::here() };
        for before in [String::new(), serde_json::to_string(&dead).unwrap()] {
            fs::write(folder.lock(), &before).unwrap();
            let file = OpenOptions::new().read(true).write(true).open(folder.lock()).unwrap();
            file.try_lock().unwrap();
            assert!(SweepLock::is_held(&folder));
            let looking = thread::scope(|scope| {
                let looking = scope.spawn(|| SweepLock::holder(&folder));
                thread::sleep(Duration::from_millis(50));
                let _file = written(file, &folder.lock(), true).unwrap();
                looking.join().unwrap()
            });
            assert!(looking.is_some_and(|holder| holder.shares), "after {before:?}");
        }
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
        let Held::File { _file: file } = take(&folder.lock(), false, Duration::ZERO, "").unwrap() else { panic!() };
        fs::rename(folder.path(), temporary.path().join("lr.old-1")).unwrap();
        fs::create_dir(folder.path()).unwrap();
        assert!(!is_at(&file, &folder.lock()).unwrap());
        SweepLock::acquire(&folder).unwrap();
        assert!(!is_at(&file, &folder.lock()).unwrap());
    }

    /// A holder removes its file, which others may have opened before.
    #[test]
    fn of_many_who_write_reports_in_turn_one_does_at_a_time() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        let holders = AtomicUsize::new(0);
        let in_turn = || {
            let mut left = 15;
            while left > 0 {
                let Ok(lock) = ReportLock::acquire(&folder, Duration::ZERO) else { continue };
                assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two holders");
                thread::yield_now();
                holders.fetch_sub(1, Ordering::SeqCst);
                drop(lock);
                left -= 1;
            }
        };
        thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(in_turn))));
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
        thread::scope(|scope| {
            let second = scope.spawn(|| ReportLock::acquire(&folder, Duration::from_secs(60)).unwrap());
            thread::sleep(Duration::from_millis(50));
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
