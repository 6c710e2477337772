//! A tar archive, gzip or not: names, and the bytes of one file at a time. Nothing is ever written to disk, so names are only
//! names.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry};

use crate::DataError;
use crate::file::content::{GZIP_MAGIC, most_unpacked};

/// A tar archive that several threads read at once.
pub(crate) struct TarFile {
    path: PathBuf,
    file: File,
    members: Vec<Member>,
}

struct Member {
    name: String,
    bytes: Bytes,
}

enum Bytes {
    /// In the file.
    At { offset: u64, length: u64 },
    /// Of an archive that is compressed as a whole.
    Held(Vec<u8>),
}

impl TarFile {
    /// Reads the list of its files; of one that is compressed, also the files.
    pub(crate) fn open(path: &Path) -> Result<TarFile, DataError> {
        let io_error = |source| DataError::Io { path: path.to_owned(), source };
        let (file, length) = files::open(path).map_err(io_error)?;
        let start = files::start(path, GZIP_MAGIC.len() as u64).map_err(io_error)?;
        let members = if start == GZIP_MAGIC {
            // A few bytes more than a sound archive has are an error behind it.
            let unpacked = MultiGzDecoder::new(&file).take(most_unpacked(length));
            members(&mut Archive::new(unpacked).entries(), |entry| {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                if bytes.len() as u64 != entry.size() { Err(cut_short()) } else { Ok(Bytes::Held(bytes)) }
            })
        } else {
            members(&mut Archive::new(&file).entries_with_seek(), |entry| {
                let (offset, size) = (entry.raw_file_position(), entry.size());
                let is_there = offset.checked_add(size).is_some_and(|end| end <= length);
                if is_there { Ok(Bytes::At { offset, length: size }) } else { Err(cut_short()) }
            })
        };
        let members = members.map_err(|error| damaged(path, &error))?;
        Ok(TarFile { path: path.to_owned(), file, members })
    }

    /// How many files it has; folders and links are none.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Of a file, with its folders.
    pub(crate) fn name(&self, index: usize) -> &str {
        &self.members[index].name
    }

    /// The archive and the file in it, for messages.
    pub(crate) fn place(&self, index: usize) -> PathBuf {
        self.path.join(self.members[index].name.trim_start_matches('/'))
    }

    /// All bytes of a file that has at most `limit`.
    pub(crate) fn read(&self, index: usize, limit: u64) -> Result<Vec<u8>, DataError> {
        match &self.members[index].bytes {
            Bytes::At { length, .. } if *length > limit => {
                let reason = format!("it has more than {} MiB", limit >> 20);
                Err(DataError::Unusable { path: self.place(index), reason })
            }
            _ => self.start(index, limit),
        }
    }

    /// The first `count` bytes of a file, fewer if it has fewer.
    pub(crate) fn start(&self, index: usize, count: u64) -> Result<Vec<u8>, DataError> {
        match &self.members[index].bytes {
            Bytes::Held(bytes) => Ok(bytes[..bytes.len().min(count as usize)].to_vec()),
            Bytes::At { offset, length } => {
                let mut bytes = vec![0; (*length).min(count) as usize];
                let read = self.file.read_exact_at(&mut bytes, *offset);
                read.map_err(|source| DataError::Io { path: self.place(index), source })?;
                Ok(bytes)
            }
        }
    }
}

/// The regular files of an archive.
fn members<'a, R: Read + 'a, E>(
    entries: &mut io::Result<E>,
    bytes: impl Fn(&mut Entry<'a, R>) -> io::Result<Bytes>,
) -> io::Result<Vec<Member>>
where
    E: Iterator<Item = io::Result<Entry<'a, R>>>,
{
    let entries = entries.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
    let mut members = Vec::new();
    for entry in entries {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            members.push(Member { name, bytes: bytes(&mut entry)? });
        }
    }
    Ok(members)
}

fn cut_short() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

fn damaged(path: &Path, error: &io::Error) -> DataError {
    DataError::Unusable { path: path.to_owned(), reason: format!("it is no sound tar archive: {error}") }
}
