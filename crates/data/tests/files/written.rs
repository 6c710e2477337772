//! IDX files written into a temporary folder.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use data::DataError;
use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

/// A header and what follows it.
pub(crate) fn idx(magic: u32, sizes: &[u32], body: &[u8]) -> Vec<u8> {
    let header = iter::once(&magic).chain(sizes).flat_map(|word| word.to_be_bytes());
    header.chain(body.iter().copied()).collect()
}

/// Two images of 2 x 3: pixels 0 to 5, and 250 to 255.
pub(crate) fn images() -> Vec<u8> {
    idx(0x803, &[2, 2, 3], &[0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255])
}

/// Their labels, 7 and 4.
pub(crate) fn labels() -> Vec<u8> {
    idx(0x801, &[2], &[7, 4])
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The error and its causes as a person reads them, with `DIR` for this folder.
    pub(crate) fn text(&self, error: &DataError) -> String {
        let causes = iter::successors(Some(error as &dyn Error), |&error| error.source());
        let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        text.replace(self.path().to_str().unwrap(), "DIR")
    }
}
