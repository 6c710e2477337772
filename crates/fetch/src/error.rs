//! Why a file was not downloaded.

use std::io;
use std::path::PathBuf;

/// Why a file was not downloaded. What was received stays for the next attempt, unless it was wrong.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server has no such file, or refuses it.
    #[error("{url}: the server answers with status {status}; another address can be given with --mirror")]
    Status {
        /// The address.
        url: String,
        /// Of HTTP.
        status: u16,
    },
    /// No connection, or one that ended again and again.
    #[error("{url}: the connection ended after {received} of {bytes} bytes; the same command goes on from there")]
    Connection {
        /// The address.
        url: String,
        /// Bytes that are there.
        received: u64,
        /// Bytes of the whole file.
        bytes: u64,
        /// What happened last.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address is none, or cannot be asked for.
    #[error("{url} cannot be downloaded")]
    Address {
        /// The address.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The bytes are not those that were published.
    #[error(
        "{url}: its SHA-256 is {found}, and {expected} was published: what was received has been deleted; \
         another address can be given with --mirror"
    )]
    Checksum {
        /// The address.
        url: String,
        /// Of what was received.
        found: String,
        /// As published.
        expected: String,
    },
    /// The file is larger than published.
    #[error("{url}: the server sends more than the published {bytes} bytes: what was received has been deleted")]
    Length {
        /// The address.
        url: String,
        /// As published.
        bytes: u64,
    },
    /// Another file has the name.
    #[error("{} is there with other contents than published: move it away, or name another folder", path.display())]
    Other {
        /// The file.
        path: PathBuf,
    },
    /// Another command downloads the same file.
    #[error("another command downloads {} now", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A file of this machine cannot be read or written.
    #[error("{}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
