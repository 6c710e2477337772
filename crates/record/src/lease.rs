//! Leases: files that say which process works in a sweep's folder, on whichever machine, and that it is alive.
//!
//! A lease is created exclusively and rewritten with a higher count every few seconds. It serves where locks of the
//! operating system do not reach: between machines that share a folder, and on file systems that refuse locks. Who is
//! dead is known at once where the lease's process lives on the same kernel; elsewhere a lease whose count does not
//! grow for a while is dead. That can be an error, as when a machine sleeps: a run's attempts are fenced by their logs
//! in any case, and a lease that was taken away is lost to its owner.

use crate::lock::is_off;
use crate::own_file::{open_own, read_own};
use crate::{Holder, SweepFolder, SweepLock, host, now, temporary_sibling};
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(5);

/// A lease that is silent for longer belongs to a dead process, if nothing better is known. Attributes of files are cached
/// for up to a minute by network file systems, and their contents are not, after an open.
pub const SILENCE: Duration = Duration::from_secs(60);

/// The one start of a task that a queue may start again, such as a job of Slurm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStart {
    /// The task, by a name that no other one of the sweep has.
    pub task: String,
    /// How often the queue had started it before.
    pub restarts: u32,
}

/// What a lease says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leased {
    /// Who holds it.
    #[serde(flatten)]
    pub holder: Holder,
    /// The task that it works for, if it is one of a queue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskStart>,
    /// The running kernel, and the name space of process ids.
    kernel: [String; 2],
    /// When the process started, in the kernel's ticks.
    started: u64,
    /// Whether the file is locked as long as the process lives.
    locked: bool,
    /// Signs of life so far; of one length, so that one write replaces it.
    beat: String,
}

/// Held by this process: signs of life are written until it is dropped, which removes it.
#[derive(Debug)]
pub struct Lease {
    path: PathBuf,
    holder: Holder,
    lost: Arc<AtomicBool>,
    beating: Option<(Sender<()>, JoinHandle<()>)>,
    _file: Arc<File>,
}

impl Lease {
    /// Joins a sweep: from now on this process is among those that work in the folder.
    ///
    /// # Errors
    /// The lease cannot be written.
    pub fn join(folder: &SweepFolder, task: Option<TaskStart>) -> io::Result<Self> {
        fs::create_dir_all(folder.joined())?;
        let holder = Holder::here();
        let since = (holder.since * 1e6) as u64;
        let name = format!("{}-{}-{since}", holder.host.replace('/', "-"), holder.pid);
        let path = folder.joined().join(name);
        Self::create(&path, holder, task)?.ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))
    }

    /// `None` if the file is there.
    pub(crate) fn create(path: &Path, holder: Holder, task: Option<TaskStart>) -> io::Result<Option<Self>> {
        let temporary = temporary_sibling(path);
        let file = open_own(&temporary, OpenOptions::new().create_new(true).read(true).write(true))?;
        let locked = !is_off() && file.lock().is_ok();
        let mut leased =
            Leased { holder, task, kernel: kernel(), started: process_start(None), locked, beat: count(0) };
        let written = leased.write(&file).and_then(|()| fs::hard_link(&temporary, path));
        let _ = fs::remove_file(&temporary);
        match written {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            written => written?,
        }
        let (file, lost, holder) = (Arc::new(file), Arc::new(AtomicBool::new(false)), leased.holder.clone());
        let (stop, stopped) = channel::<()>();
        let (kept, is_lost, place) = (file.clone(), lost.clone(), path.to_owned());
        let beat = move || {
            for beats in 1.. {
                let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(BEAT) else { break };
                leased.beat = count(beats);
                // A full disk is no reason to give up; the silence that follows may be.
                let _ = leased.write(&kept);
                is_lost.store(!leased.is_at(&place), Ordering::Relaxed);
            }
        };
        let beating = thread::Builder::new().spawn(beat)?;
        Ok(Some(Self { path: path.to_owned(), holder, lost, beating: Some((stop, beating)), _file: file }))
    }

    /// This process, as the lease names it.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Whether someone took this process for dead and removed the lease.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((stop, beating)) = self.beating.take() {
            drop(stop);
            let _ = beating.join();
        }
        if Leased::read(&self.path).is_some_and(|found| found.holder.is(&self.holder)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Leased {
    /// Reads a lease; `None` if there is none.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&read_own(path).ok()?).ok()
    }

    fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(&serde_json::to_vec(self)?, 0)?;
        file.sync_data()
    }

    fn is_at(&self, path: &Path) -> bool {
        Self::read(path).is_some_and(|found| found.holder.is(&self.holder))
    }

    /// Whether its process lives; `None` if that cannot be known from here.
    fn lives(&self, path: &Path) -> Option<bool> {
        let [kernel, processes] = kernel();
        let same_kernel = !kernel.is_empty() && kernel == self.kernel[0];
        if self.locked && !is_off() {
            let file = open_own(path, OpenOptions::new().read(true)).ok()?;
            match file.try_lock_shared() {
                Err(TryLockError::WouldBlock) => return Some(true),
                // Locks of some network file systems end at the machine.
                Ok(()) if same_kernel => return Some(false),
                _ => {}
            }
        }
        (same_kernel && processes == self.kernel[1]).then(|| {
            let process = i32::try_from(self.holder.pid).ok().and_then(Pid::from_raw);
            process.is_some_and(|process| test_kill_process(process) != Err(rustix::io::Errno::SRCH))
                && process_start(Some(self.holder.pid)) == self.started
        })
    }

    /// Whether its process lives, as far as one look can tell: where nothing better is known, by the age of its last sign of
    /// life.
    pub(crate) fn seems_alive(&self, path: &Path) -> bool {
        self.lives(path).unwrap_or_else(|| {
            let written = fs::metadata(path).and_then(|metadata| metadata.modified());
            let age = written.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
            age.is_ok_and(|age| age < SILENCE)
        })
    }
}

/// Who works in a sweep's folder now: the sweep that holds its lock, and those who have joined it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live(Vec<Holder>);

impl Live {
    /// Looks once.
    pub fn of(folder: &SweepFolder) -> Self {
        Self(SweepLock::holder(folder).into_iter().chain(Self::joined(folder)).collect())
    }

    /// Those who have joined and seem to live.
    pub(crate) fn joined(folder: &SweepFolder) -> Vec<Holder> {
        leases(folder).filter(|(path, leased)| leased.seems_alive(path)).map(|(_, leased)| leased.holder).collect()
    }

    /// Whether no one does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn holders(&self) -> impl Iterator<Item = &Holder> {
        self.0.iter()
    }
}

impl From<Option<Holder>> for Live {
    fn from(holder: Option<Holder>) -> Self {
        Self(holder.into_iter().collect())
    }
}

/// Looks again and again at who has joined a sweep, and removes the leases of the dead.
#[derive(Debug)]
pub struct Joined {
    folder: SweepFolder,
    /// Count of each lease, and when it was seen to grow.
    seen: HashMap<PathBuf, (String, Instant)>,
    silence: Duration,
}

impl Joined {
    /// Of a sweep.
    pub fn new(folder: &SweepFolder) -> Self {
        Self { folder: folder.clone(), seen: HashMap::new(), silence: SILENCE }
    }

    /// Those who live. No clock of another machine is read: a lease is dead when its count has not grown for
    /// [`SILENCE`] while this process looked.
    pub fn look(&mut self) -> Vec<Leased> {
        let (mut seen, mut living) = (HashMap::new(), Vec::new());
        for (path, leased) in leases(&self.folder) {
            let before = self.seen.remove(&path).filter(|(beat, _)| *beat == leased.beat);
            let grown = before.map_or_else(Instant::now, |(_, grown)| grown);
            if leased.lives(&path).unwrap_or_else(|| grown.elapsed() < self.silence) {
                seen.insert(path, (leased.beat.clone(), grown));
                living.push(leased);
            } else {
                let _ = fs::remove_file(path);
            }
        }
        self.seen = seen;
        living
    }

    /// Takes the leases away that a task's earlier starts hold, up to this one: the queue says that they are dead.
    pub fn retire(&self, start: &TaskStart) {
        let is_earlier = |of: &TaskStart| of.task == start.task && of.restarts < start.restarts;
        let earlier = leases(&self.folder).filter(|(_, leased)| leased.task.as_ref().is_some_and(is_earlier));
        earlier.for_each(|(path, _)| drop(fs::remove_file(path)));
    }
}

/// All leases of those who have joined, dead or alive.
fn leases(folder: &SweepFolder) -> impl Iterator<Item = (PathBuf, Leased)> {
    let entries = fs::read_dir(folder.joined()).into_iter().flatten().flatten();
    let complete = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    complete.filter_map(|entry| Some((entry.path(), Leased::read(&entry.path())?)))
}

impl Holder {
    /// This process, from now on.
    pub(crate) fn here() -> Self {
        Self { pid: std::process::id(), host: host(), since: now(), shares: false }
    }
}

fn count(beats: u64) -> String {
    format!("{beats:020}")
}

/// Of this process: the running kernel and its name space of process ids; empty where the system does not say.
fn kernel() -> [String; 2] {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let processes = fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned());
    [boot.trim().to_owned(), processes.unwrap_or_default()]
}

/// When a process started, in ticks; 0 if that is not known.
pub(crate) fn process_start(process: Option<u32>) -> u64 {
    let of = process.map_or_else(|| "self".to_owned(), |process| process.to_string());
    let stat = fs::read_to_string(format!("/proc/{of}/stat")).unwrap_or_default();
    // The name of the program, in brackets, may hold anything.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields);
    fields.and_then(|fields| fields.split_whitespace().nth(19)?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep() -> (tempfile::TempDir, SweepFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path().join("lr"));
        fs::create_dir(folder.path()).unwrap();
        (temporary, folder)
    }

    fn start(restarts: u32) -> Option<TaskStart> {
        Some(TaskStart { task: "a-0".to_owned(), restarts })
    }

    #[test]
    fn who_has_joined_is_seen_until_it_leaves() {
        let (_temporary, folder) = sweep();
        let mut joined = Joined::new(&folder);
        assert!(Live::of(&folder).is_empty() && joined.look().is_empty());
        let lease = Lease::join(&folder, None).unwrap();
        let second = Lease::join(&folder, start(0)).unwrap();
        assert_eq!(Live::of(&folder).holders().count(), 2);
        assert!(Live::of(&folder).holders().any(|holder| holder.is(lease.holder())));
        drop(second);
        assert_eq!(joined.look().len(), 1);
        assert!(!lease.is_lost());
        drop(lease);
        assert!(Live::of(&folder).is_empty() && fs::read_dir(folder.joined()).unwrap().next().is_none());
    }

    /// What a killed process leaves, as another machine, another container and this machine see it.
    #[test]
    fn a_lease_whose_count_does_not_grow_is_dead_where_nothing_better_is_known() {
        let (_temporary, folder) = sweep();
        let own = Lease::join(&folder, None).unwrap();
        let left = |name: &str, change: &dyn Fn(&mut Leased)| {
            let mut leased = Leased::read(&own.path).unwrap();
            leased.holder.pid = 1;
            change(&mut leased);
            fs::write(folder.joined().join(name), serde_json::to_vec(&leased).unwrap()).unwrap();
        };
        left("elsewhere", &|leased| leased.kernel[0] = "another".to_owned());
        left("container", &|leased| (leased.kernel[1], leased.locked) = ("another".to_owned(), false));
        left("here", &|leased| leased.locked = false);
        left("unlocked-here", &|_| {});
        let mut joined = Joined::new(&folder);
        assert_eq!(joined.look().len(), 3, "two that may live, and this process");
        assert_eq!(Live::of(&folder).holders().count(), 3);
        left("elsewhere", &|leased| (leased.kernel[0], leased.beat) = ("another".to_owned(), count(9)));
        joined.silence = Duration::from_millis(30);
        thread::sleep(Duration::from_millis(40));
        assert_eq!(joined.look().len(), 2, "one has given a sign of life");
        thread::sleep(Duration::from_millis(40));
        assert_eq!(joined.look().len(), 1);
        assert_eq!(fs::read_dir(folder.joined()).unwrap().count(), 1);
    }

    #[test]
    fn a_later_start_of_a_task_retires_the_earlier_ones() {
        let (_temporary, folder) = sweep();
        let (first, other) = (Lease::join(&folder, start(0)).unwrap(), Lease::join(&folder, None).unwrap());
        let joined = Joined::new(&folder);
        joined.retire(&start(0).unwrap());
        assert!(first.path.exists());
        joined.retire(&start(1).unwrap());
        assert!(!first.path.exists() && other.path.exists());
        drop(first);
    }

    #[test]
    fn of_many_who_want_one_lease_one_has_it() {
        let (_temporary, folder) = sweep();
        let path = folder.path().join("lease");
        let created = thread::scope(|scope| {
            let create = || scope.spawn(|| Lease::create(&path, Holder::here(), None).unwrap());
            let threads: Vec<_> = (0..8).map(|_| create()).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(created.len(), 1);
        drop(created);
        assert!(!path.exists() && fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}
