//! Files that a person named are opened here: regular ones of bounded size, so that a pipe, a device or a file of a
//! terabyte is an error at once, and neither a program that waits for ever nor one that runs out of memory.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Why a file that is there is not read; the source of an [`io::Error`]. The texts are sentences without a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// A folder, a pipe, a socket or a device.
    #[error("it is a {0}")]
    Kind(&'static str),
    /// More bytes than a file of its kind can have.
    #[error("it has more than {}", size(*limit))]
    Size {
        /// Bytes that would be read.
        limit: u64,
    },
}

/// Opens a regular file, and says how many bytes it has. What stands in for one (`/proc`) has none.
///
/// # Errors
/// As [`File::open`]; a [`FileError`] if it is no regular file.
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    // Before it is opened: to open a pipe waits for its other end, to open a device may do something.
    regular(fs::metadata(path)?.file_type())?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(metadata.file_type())?;
    Ok((file, metadata.len()))
}

/// All bytes of a regular file that has at most `limit`.
///
/// # Errors
/// As [`open`], and as [`Read::read_to_end`]; a [`FileError`] if it has more bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, length) = open(path)?;
    if length > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, FileError::Size { limit }));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // What is written behind its end meanwhile is not read, so neither is a log of the system, which has no end.
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first bytes of a regular file, fewer if it has fewer.
///
/// # Errors
/// As [`open`], and as [`Read::read_to_end`].
pub fn start(path: &Path, count: u64) -> io::Result<Vec<u8>> {
    let (file, length) = open(path)?;
    let mut bytes = Vec::new();
    file.take(length.min(count)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn regular(kind: FileType) -> io::Result<()> {
    let (error, kind) = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => (io::ErrorKind::IsADirectory, "folder"),
        () if kind.is_fifo() => (io::ErrorKind::InvalidInput, "pipe, not a file"),
        () if kind.is_socket() => (io::ErrorKind::InvalidInput, "socket, not a file"),
        () => (io::ErrorKind::InvalidInput, "device, not a file"),
    };
    Err(io::Error::new(error, FileError::Kind(kind)))
}

fn size(bytes: u64) -> String {
    let mebibytes = bytes >> 20;
    if mebibytes >= 1024 { format!("{} GiB", mebibytes >> 10) } else { format!("{mebibytes} MiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(path: &Path) -> String {
        read(path, 4 << 20).unwrap_err().to_string()
    }

    #[test]
    fn a_regular_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(start(&path, 2).unwrap(), b"12");
        assert_eq!(start(&path, 9).unwrap(), b"12345");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(read(&link, 5).unwrap(), b"12345");
    }

    #[test]
    fn what_is_no_regular_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        assert_eq!(reason(&pipe), "it is a pipe, not a file");
        assert_eq!(reason(&folder.path().join("socket")), "it is a socket, not a file");
        assert_eq!(reason(folder.path()), "it is a folder");
        assert_eq!(reason(Path::new("/dev/zero")), "it is a device, not a file");
        assert_eq!(start(&pipe, 1).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn more_than_the_limit_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(reason(&path), "it has more than 4 MiB");
        assert_eq!(read(&path, 16 << 30).unwrap_err().to_string(), "it has more than 16 GiB");
    }

    /// Of `/proc`, whose files have no length: `kmsg` waits for the next message.
    #[test]
    fn what_has_no_length_is_empty() {
        for path in ["/proc/kmsg", "/proc/self/status"].map(Path::new) {
            match read(path, 1) {
                Ok(bytes) => assert!(bytes.is_empty(), "{}", path.display()),
                Err(error) => assert_ne!(error.kind(), io::ErrorKind::InvalidInput, "{error}"),
            }
        }
    }
}
