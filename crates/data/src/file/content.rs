//! The bytes of a file, decompressed if it is gzip, with the position at which something went wrong. Knows no format
//! inside.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::DataError;

pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Gzip shrinks nothing to less than a thousandth, and drawings of a shape on black to a two-hundredth.
const EXPANSION: u64 = 512;
/// So much memory there is.
const ALWAYS_FINE: u64 = 64 << 20;

/// A file being read from its start.
pub(crate) struct Content<'a> {
    path: &'a Path,
    gzip: bool,
    /// Of the file, compressed if it is.
    length: Option<u64>,
    bytes: Box<dyn Read + 'a>,
    offset: u64,
}

impl<'a> Content<'a> {
    /// Opens a file. Whether it is gzip shows in its first bytes, not by its name.
    pub(crate) fn open(path: &'a Path) -> Result<Content<'a>, DataError> {
        let (file, length) = files::open(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
        Ok(Content { length: Some(length), ..Content::new(path, file)? })
    }

    /// The same for bytes that are already there; `path` is their name in errors.
    pub(crate) fn new(path: &'a Path, mut bytes: impl Read + 'a) -> Result<Content<'a>, DataError> {
        let mut start = Vec::new();
        bytes
            .by_ref()
            .take(GZIP_MAGIC.len() as u64)
            .read_to_end(&mut start)
            .map_err(|source| DataError::Io { path: path.to_owned(), source })?;
        let gzip = start == GZIP_MAGIC;
        let bytes = io::Cursor::new(start).chain(bytes);
        let bytes: Box<dyn Read + 'a> = if gzip { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) };
        Ok(Content { path, gzip, length: None, bytes, offset: 0 })
    }

    /// The most bytes that a file of this length holds, unless it is made to fill the memory of those who open it.
    pub(crate) fn most_bytes(&self) -> u64 {
        self.length.filter(|_| self.gzip).map_or(u64::MAX, most_unpacked)
    }

    /// Bytes read so far, after decompression.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Appends the next `count` bytes to `out`; fewer only at the end of the file. Memory grows with what is there,
    /// never with what is asked for.
    pub(crate) fn read(&mut self, count: u64, out: &mut Vec<u8>) -> Result<(), DataError> {
        let before = out.len();
        let result = self.bytes.by_ref().take(count).read_to_end(out);
        self.offset += (out.len() - before) as u64;
        match result {
            Ok(_) => Ok(()),
            Err(source) if self.gzip && is_damage(&source) => Err(DataError::Malformed {
                path: self.path.to_owned(),
                offset: self.offset,
                gzip: true,
                expected: "an intact gzip stream".to_owned(),
                found: if source.kind() == io::ErrorKind::UnexpectedEof { "a truncated one" } else { "a corrupt one" }
                    .to_owned(),
                source: Some(source),
            }),
            Err(source) => Err(DataError::Io { path: self.path.to_owned(), source }),
        }
    }

    /// An error about this file at `offset`.
    pub(crate) fn malformed(&self, offset: u64, expected: impl Into<String>, found: impl Into<String>) -> DataError {
        DataError::Malformed {
            path: self.path.to_owned(),
            offset,
            gzip: self.gzip,
            expected: expected.into(),
            found: found.into(),
            source: None,
        }
    }
}

/// The most bytes that a compressed file of this length holds, unless it is made to fill the memory of those who open it.
pub(crate) fn most_unpacked(length: u64) -> u64 {
    ALWAYS_FINE.max(length.saturating_mul(EXPANSION))
}

/// The first of `candidates` that exists. One that cannot be looked at counts: opening it says why.
pub(crate) fn find(candidates: &[PathBuf]) -> Option<&Path> {
    candidates.iter().map(PathBuf::as_path).find(|path| !matches!(path.try_exists(), Ok(false)))
}

/// The kinds of error with which the decompressor, not the file system, answers.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidInput | InvalidData | UnexpectedEof)
}
