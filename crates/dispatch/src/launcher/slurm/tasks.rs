//! The tasks of a sweep on disk: `.tasks/<number>/<index>`, a folder for each job array and a channel for each of its tasks.

use super::queue::{QueueError, Queued, Refusal, State, call, queue};
use crate::channel::Channel;
use record::{SweepFolder, write_atomic};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Asks a sweep to leave its tasks.
const GIVEN_UP: &str = "given-up";

/// Letters of the sweep's name in the names of jobs.
const NAME: usize = 24;

/// The folder of a sweep's tasks, and the beginning of the names of their jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFolder {
    path: PathBuf,
    prefix: String,
}

/// A task that was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The name of its job.
    pub name: String,
    /// Its number in the array.
    pub index: u32,
    /// Its orders and answers.
    pub channel: Channel,
    /// How Slurm sees it.
    pub state: State,
    /// Its job, as `scancel` takes it.
    pub id: String,
}

impl TaskFolder {
    /// That of a sweep; made with a name that no other sweep has, which stays, whatever the folder is called later.
    ///
    /// # Errors
    /// It cannot be made or read.
    pub fn of(sweep: &SweepFolder) -> io::Result<Self> {
        let path = super::tasks_of(sweep);
        fs::create_dir_all(&path)?;
        let path = path.canonicalize()?;
        let (name, temporary) = (path.join("name"), record::temporary_sibling(&path.join("name")));
        if !name.exists() {
            let sweep = sweep.path().file_name().unwrap_or_default().to_string_lossy();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            let plain: String = sweep.chars().map(|c| if is_plain(c) { c } else { '-' }).take(NAME).collect();
            write_atomic(&temporary, format!("{plain}-{:08x}-", token()).as_bytes())?;
            // The first of several wins.
            let linked = fs::hard_link(&temporary, &name);
            fs::remove_file(&temporary)?;
            linked.or_else(|error| if name.exists() { Ok(()) } else { Err(error) })?;
        }
        Ok(Self { prefix: fs::read_to_string(&name)?, path })
    }

    /// That of a sweep which has tasks; `None` if it never had any.
    pub fn existing(sweep: &SweepFolder) -> Option<Self> {
        let path = super::tasks_of(sweep).canonicalize().ok()?;
        Some(Self { prefix: fs::read_to_string(path.join("name")).ok()?, path })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the names of all jobs of the sweep begin.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A new folder for an array, and the name of its job.
    pub(super) fn array(&self) -> io::Result<(String, PathBuf)> {
        let numbers = fs::read_dir(&self.path)?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut number: u32 = numbers.max().unwrap_or(0) + 1;
        loop {
            let path = self.path.join(number.to_string());
            match fs::create_dir(&path) {
                Ok(()) => return Ok((format!("{}{number}", self.prefix), path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The array was refused. One that was refused for good keeps its number, because Slurm keeps such jobs, as ones that
    /// have failed.
    pub(super) fn refused(folder: &Path, refusal: Refusal) {
        let removed = fs::remove_dir_all(folder);
        if removed.is_ok() && refusal == Refusal::ForGood {
            let _ = fs::create_dir(folder);
        }
    }

    /// The channel of a job's task.
    fn channel(&self, name: &str, index: u32) -> Option<Channel> {
        let number: u32 = name.strip_prefix(&self.prefix)?.parse().ok()?;
        Some(Channel::new(self.path.join(number.to_string()).join(index.to_string())))
    }

    /// All tasks that Slurm knows, dead ones too.
    ///
    /// # Errors
    /// Slurm does not answer.
    pub fn known(&self) -> Result<Vec<Task>, QueueError> {
        let task = |job: Queued| {
            let index = job.index?;
            let channel = self.channel(&job.name, index)?;
            Some(Task { name: job.name, index, channel, state: job.state, id: job.id })
        };
        Ok(queue(&self.prefix)?.into_iter().filter_map(task).collect())
    }

    /// Asks the sweep that follows the tasks to leave them.
    ///
    /// # Errors
    /// The request cannot be written.
    pub fn give_up(&self) -> io::Result<()> {
        record::write_derived(&self.path.join(GIVEN_UP), b"")
    }

    /// Whether a sweep is asked to leave.
    pub(super) fn is_given_up(&self) -> bool {
        self.path.join(GIVEN_UP).exists()
    }

    /// From now on a sweep follows the tasks.
    ///
    /// # Errors
    /// An earlier request cannot be removed.
    pub fn take_up(&self) -> io::Result<()> {
        match fs::remove_file(self.path.join(GIVEN_UP)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Ends all jobs of the sweep that Slurm knows, by their names; how many there were.
    ///
    /// # Errors
    /// Slurm does not answer.
    pub fn cancel(&self) -> Result<usize, QueueError> {
        let jobs = queue(&self.prefix)?;
        let alive: Vec<&Queued> = jobs.iter().filter(|job| job.state.is_alive()).collect();
        let names: BTreeSet<&str> = alive.iter().map(|job| job.name.as_str()).collect();
        // One at a time: of a list, `scancel` ends none and says nothing.
        for name in names {
            call("scancel", &["--me".to_owned(), format!("--name={name}")])?;
        }
        Ok(alive.len())
    }
}

/// Not the same twice, on any machine.
fn token() -> u32 {
    let now = (record::now() * 1e6) as u64;
    let mixed = (now ^ u64::from(std::process::id()).rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
