//! Requests to end one run of a live sweep: `.cancel/<run>` in the sweep's folder, which that sweep takes away.

use crate::{Holder, Live, SweepFolder, read_own, write_derived};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::PathBuf;

/// A request to end a run. One to a sweep that is gone concerns no later one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CancelRequest {
    /// The run's id.
    pub run: String,
    /// The sweep that is to do it.
    pub sweep: Holder,
    /// Why, for people.
    pub reason: String,
}

impl CancelRequest {
    /// Puts the request where the sweep that works in the folder looks for it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, folder: &SweepFolder) -> io::Result<()> {
        fs::create_dir_all(folder.cancel_requests())?;
        write_derived(&self.path(folder), &serde_json::to_vec(self)?)
    }

    /// Whether the sweep has yet to take it.
    pub fn is_waiting(&self, folder: &SweepFolder) -> bool {
        self.path(folder).exists()
    }

    /// Takes the request back; whether it was still there.
    ///
    /// # Errors
    /// It cannot be deleted.
    pub fn withdraw(&self, folder: &SweepFolder) -> io::Result<bool> {
        match fs::remove_file(self.path(folder)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes the requests to this sweep, or to this process that has joined one, from a folder, and those to commands that
    /// are gone.
    pub fn take(folder: &SweepFolder, sweep: &Holder) -> Vec<Self> {
        let entries = fs::read_dir(folder.cancel_requests()).into_iter().flatten().flatten();
        // Names with a dot are those of files that are not complete yet.
        let paths = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        let mut live = None;
        let taken = paths.filter_map(|entry| {
            let request = serde_json::from_slice::<Self>(&read_own(&entry.path()).ok()?).ok()?;
            let live: &Live = live.get_or_insert_with(|| Live::of(folder));
            if !request.sweep.is(sweep) && live.holders().any(|holder| holder.is(&request.sweep)) {
                return None;
            }
            fs::remove_file(entry.path()).ok()?;
            request.sweep.is(sweep).then_some(request)
        });
        taken.collect()
    }

    fn path(&self, folder: &SweepFolder) -> PathBuf {
        folder.cancel_requests().join(&self.run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_takes_what_is_meant_for_it_and_removes_the_rest() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path());
        let sweep = |pid| Holder { pid, host: "here".into(), since: 7.0, shares: false };
        let request = |run: &str, pid| CancelRequest { run: run.into(), sweep: sweep(pid), reason: "slow".into() };
        assert_eq!(CancelRequest::take(&folder, &sweep(1)), []);
        let (mine, other) = (request("a-s0-1", 1), request("b-s0-2", 2));
        mine.write(&folder).unwrap();
        other.write(&folder).unwrap();
        fs::write(folder.cancel_requests().join("notes.txt"), "mine").unwrap();
        assert!(mine.is_waiting(&folder));
        assert_eq!(CancelRequest::take(&folder, &sweep(1)), std::slice::from_ref(&mine));
        assert!(!mine.is_waiting(&folder) && !other.is_waiting(&folder));
        assert!(folder.cancel_requests().join("notes.txt").exists());
        mine.write(&folder).unwrap();
        assert_eq!((mine.withdraw(&folder).unwrap(), mine.withdraw(&folder).unwrap()), (true, false));
    }
}
