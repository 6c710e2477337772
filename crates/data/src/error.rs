//! What can go wrong when a data set is opened.

use std::io;
use std::path::{Path, PathBuf};

/// Why a data set could not be opened. The text is a fragment that names the file; the cause, if any, is the source.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The data set or one of its files is not on this machine.
    #[error("data set `{name}` not found: looked for {}; {how_to_get}", list(looked_for))]
    Missing {
        /// The data set's name in the experiment file.
        name: &'static str,
        /// Any one of these would have done.
        looked_for: Vec<PathBuf>,
        /// What to install or to set, as a fragment.
        how_to_get: &'static str,
    },

    /// A file does not hold what its format or its partner file promises.
    #[error(
        "{}: malformed at byte {offset}{}: expected {expected}, found {found}",
        path.display(),
        if *gzip { " of the decompressed content" } else { "" }
    )]
    Malformed {
        /// The file as it was named.
        path: PathBuf,
        /// Where it goes wrong, in bytes from the start; counted after decompression if `gzip`.
        offset: u64,
        /// The file is a gzip stream, by its first bytes.
        gzip: bool,
        /// What should have been there.
        expected: String,
        /// What is there instead.
        found: String,
        /// The decompressor's complaint about a damaged gzip stream.
        source: Option<io::Error>,
    },

    /// A file or folder holds no samples that can be used.
    #[error("{}: {reason}", path.display())]
    Unusable {
        /// The file or folder as it was named.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// Several files of a folder hold no samples that can be used.
    #[error(
        "{}: {count} of {of} {noun} cannot be used{}",
        folder.display(),
        if *can_skip { "; `on_error: skip` leaves them out" } else { "" }
    )]
    Several {
        /// The folder as it was named.
        folder: PathBuf,
        /// What the files are: `images` or `sounds`.
        noun: &'static str,
        /// How many cannot be used.
        count: usize,
        /// How many there are.
        of: usize,
        /// The setting `on_error` is at hand.
        can_skip: bool,
        /// Why, of the first in the order of paths.
        source: Box<DataError>,
        /// The same of those behind it, of some.
        others: Vec<DataError>,
    },

    /// The operating system would not read a file that is there.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file as it was named.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl DataError {
    /// Itself and its cause in a line.
    pub(crate) fn with_cause(&self) -> String {
        std::error::Error::source(self).map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}"))
    }

    /// The same where the setting `on_error` is at hand.
    pub(crate) fn or_skip(mut self) -> Self {
        match &mut self {
            Self::Unusable { reason, .. } => reason.push_str("; `on_error: skip` leaves it out"),
            Self::Several { can_skip, .. } => *can_skip = true,
            _ => {}
        }
        self
    }

    /// Something is to be installed or pointed to, as opposed to a file that is there and wrong.
    pub fn is_missing(&self) -> bool {
        matches!(self, DataError::Missing { .. })
    }
}

/// Errors that are listed.
const MAX_LISTED: usize = 10;

/// What went wrong with files of a folder that has so many: nothing if there are no errors.
pub(crate) fn all_sound(
    folder: &Path,
    noun: &'static str,
    of: usize,
    mut errors: Vec<DataError>,
) -> Result<(), DataError> {
    let count = errors.len();
    errors.truncate(MAX_LISTED);
    let mut errors = errors.into_iter();
    match (errors.next(), count) {
        (None, _) => Ok(()),
        (Some(error), 1) => Err(error),
        (Some(first), _) => {
            let (source, others) = (Box::new(first), errors.collect());
            Err(DataError::Several { folder: folder.to_owned(), noun, count, of, can_skip: false, source, others })
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(" or ")
}
