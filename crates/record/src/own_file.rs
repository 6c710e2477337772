//! Files that this program goes on writing in place. In their place may stand another: a symbolic link to a person's
//! file, a pipe without a reader. Files that are replaced as a whole need no such care, because a rename replaces the
//! link. What is read is no pipe and no device either.

use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file with these options, which it must not be asked to truncate; makes it if they say so.
///
/// # Errors
/// It is a symbolic link or anything else that is no regular file, or cannot be opened.
pub fn open_own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let refused = |what: &str| {
        let message = format!("{} is {what} and not a file of this program: move it away", path.display());
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    // A pipe would be waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = options.custom_flags(flags.bits().cast_signed()).open(path);
    let file = opened.map_err(|error| match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::LOOP) => refused("a symbolic link"),
        Some(Errno::NXIO) => refused("a pipe"),
        _ => error,
    })?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused("a pipe or a device")) }
}

/// More bytes than a record has.
const MAX_BYTES: u64 = 4 << 30;

/// All bytes of a file of a record.
///
/// # Errors
/// It is no regular file, has more than 4 GiB, or cannot be read.
pub fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    files::read(path, MAX_BYTES)
}

/// Opens a file to be appended to; makes it if it is missing.
pub(crate) fn append_own(path: &Path) -> io::Result<File> {
    open_own(path, OpenOptions::new().create(true).append(true))
}

#[cfg(test)]
mod tests {
    use crate::{
        EventLog, Failures, LaterEvaluation, Plan, PlanError, RunFolder, SweepFolder, append_evaluations,
        read_evaluations, read_events,
    };
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::symlink;

    fn refused<T>(result: io::Result<T>, what: &str) {
        let error = result.err().unwrap().to_string();
        assert!(error.contains(what) && error.ends_with("move it away"), "{error}");
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let temporary = tempfile::tempdir().unwrap();
        let target = temporary.path().join("diary.txt");
        fs::write(&target, "Dear diary").unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        fs::create_dir(folder.path()).unwrap();
        for path in [folder.log(), folder.evaluations(), folder.events(1)] {
            symlink(&target, path).unwrap();
        }
        refused(folder.open_log(), "log.txt is a symbolic link");
        let none: [LaterEvaluation; 0] = [];
        refused(append_evaluations(&folder, &none), "evaluations.jsonl is a symbolic link");
        refused(EventLog::take_over(&folder, None), "events.jsonl is a symbolic link");
        assert_eq!(EventLog::begin(&folder, None).unwrap().attempt(), 2);
        assert_eq!(fs::read_to_string(target).unwrap(), "Dear diary");
    }

    #[test]
    fn no_pipe_is_waited_for() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        let (path, mode) = (folder.log(), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
        refused(folder.open_log(), "a pipe");
        let reader = File::options().read(true).write(true).open(path).unwrap();
        refused(folder.open_log(), "a pipe");
        drop(reader);
        fs::remove_file(folder.log()).unwrap();
        drop(folder.open_log().unwrap());
        assert_eq!(fs::metadata(folder.log()).unwrap().len(), 0);
    }

    #[test]
    fn no_pipe_and_no_device_is_read() {
        let temporary = tempfile::tempdir().unwrap();
        let (sweep, folder) = (SweepFolder::new(temporary.path()), RunFolder::new(temporary.path()));
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        for path in [sweep.plan(), folder.events(1), folder.evaluations()] {
            rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
        }
        symlink("/dev/zero", sweep.failures()).unwrap();
        assert!(matches!(Plan::read(&sweep), Err(PlanError::Io { .. })));
        for error in [read_events(&folder).unwrap_err(), read_evaluations(&folder).unwrap_err()] {
            assert_eq!(error.to_string(), "it is a pipe, not a file");
        }
        assert_eq!(Failures::read(&sweep), Failures::default());
    }
}
