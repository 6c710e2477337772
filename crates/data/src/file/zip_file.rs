//! A zip archive: names, and the bytes of one file at a time. Nothing is ever written to disk, so names are only names.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::DataError;
use crate::file::content::most_unpacked;

/// The first bytes of an archive, also of one without files.
const MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// A zip archive that several threads read at once.
pub(crate) struct ZipFile {
    path: PathBuf,
    length: u64,
    archive: ZipArchive<Place>,
    names: Vec<Option<String>>,
}

impl ZipFile {
    /// Reads the list of its files.
    pub(crate) fn open(path: &Path) -> Result<ZipFile, DataError> {
        let (file, length) = files::open(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
        let place = Place { file: Arc::new(file), length, at: 0 };
        let archive = ZipArchive::new(place).map_err(|error| failed(path, error))?;
        // A file without a name that can be read has none.
        let name = |index| {
            let entry = archive.by_index_data(index).ok().filter(|entry| entry.is_file())?;
            entry.name().ok().map(|name| name.into_owned())
        };
        let names = (0..archive.len()).map(name).collect();
        Ok(ZipFile { path: path.to_owned(), length, archive, names })
    }

    /// Whether a file is one, by its first bytes.
    pub(crate) fn starts(bytes: &[u8]) -> bool {
        MAGIC.iter().any(|magic| bytes.starts_with(magic))
    }

    /// Its files with their numbers, without folders and links.
    pub(crate) fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.names.iter().enumerate().filter_map(|(index, name)| Some((index, name.as_deref()?)))
    }

    /// The file of a name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names().find(|(_, own)| *own == name).map(|(index, _)| index)
    }

    /// Of the archive.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Of a file that [`names`](Self::names) has.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.names[index].as_deref().unwrap_or_default()
    }

    /// The archive and the file in it, for messages.
    pub(crate) fn place(&self, index: usize) -> PathBuf {
        self.path.join(self.name(index).trim_start_matches('/'))
    }

    /// The first `count` bytes of a file, fewer if it has fewer.
    pub(crate) fn start(&self, index: usize, count: u64) -> Result<Vec<u8>, DataError> {
        self.read_at_most(index, count)
    }

    /// All bytes of a file that has at most `limit`. Memory grows with what is there, never with what the archive says.
    pub(crate) fn read(&self, index: usize, limit: u64) -> Result<Vec<u8>, DataError> {
        let bytes = self.read_at_most(index, limit.saturating_add(1))?;
        if bytes.len() as u64 > limit {
            let reason = format!("it has more than {} MiB", limit >> 20);
            return Err(DataError::Unusable { path: self.place(index), reason });
        }
        Ok(bytes)
    }

    /// All bytes of a file that fills the archive, such as an array: at most as many as a sound one unpacks to.
    pub(crate) fn read_array(&self, index: usize) -> Result<Vec<u8>, DataError> {
        self.read(index, most_unpacked(self.length))
    }

    fn read_at_most(&self, index: usize, count: u64) -> Result<Vec<u8>, DataError> {
        // The list of files is shared, only the place in the file is copied.
        let mut archive = self.archive.clone();
        let file = archive.by_index(index).map_err(|error| failed(&self.place(index), error))?;
        let mut bytes = Vec::new();
        let read = file.take(count).read_to_end(&mut bytes);
        read.map_err(|error| failed(&self.place(index), ZipError::Io(error)))?;
        Ok(bytes)
    }
}

fn failed(path: &Path, error: ZipError) -> DataError {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    let path = path.to_owned();
    match error {
        // The reader of the archive answers with these, the system with others.
        ZipError::Io(error) if !matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) => {
            DataError::Io { path, source: error }
        }
        ZipError::Io(error) => DataError::Unusable { path, reason: format!("it is damaged or cut short: {error}") },
        error => DataError::Unusable { path, reason: format!("it is no sound zip archive: {error}") },
    }
}

/// A place in a file that several readers share.
#[derive(Clone)]
struct Place {
    file: Arc<File>,
    length: u64,
    at: u64,
}

impl Read for Place {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(out, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Place {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(offset) => (self.length, offset),
            SeekFrom::Current(offset) => (self.at, offset),
        };
        let at = base.checked_add_signed(offset);
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
