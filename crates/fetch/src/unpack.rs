//! Files out of a downloaded archive. The archive stays: by it the next command knows that all is there.

use crate::FetchError;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use zip::ZipArchive;

/// Unpacks the files of a zip archive whose names end so, without their folders. Files that are there are left alone.
///
/// # Errors
/// The archive cannot be read, or a file cannot be written.
pub(crate) fn unzip(archive: &Path, ending: &str, folder: &Path) -> Result<(), FetchError> {
    let failed = |source: io::Error| FetchError::Io { path: archive.to_owned(), source };
    let broken = |error: zip::result::ZipError| failed(io::Error::other(error));
    let mut zip = ZipArchive::new(File::open(archive).map_err(failed)?).map_err(broken)?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.rsplit('/').next().unwrap_or_default().to_owned();
        let path = folder.join(&name);
        // Links of some systems and folders have no such ending.
        if !entry.is_file() || !name.ends_with(ending) || name.starts_with('.') || path.exists() {
            continue;
        }
        let part = folder.join(format!("{name}.part"));
        let write = || {
            let mut output = File::create(&part)?;
            io::copy(&mut entry, &mut output)?;
            output.sync_all()?;
            fs::rename(&part, &path)
        };
        let mut write = write;
        write().map_err(|source| FetchError::Io { path: path.clone(), source })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    #[test]
    fn files_of_the_ending_come_out_without_their_folders() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("gzip.zip");
        let mut zip = ZipWriter::new(File::create(&archive).unwrap());
        for name in ["gzip/a-ubyte.gz", "gzip/../../b-ubyte.gz", "gzip/notes.txt", "gzip/c-ubyte.gz"] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        fs::write(folder.path().join("c-ubyte.gz"), "there").unwrap();
        unzip(&archive, "-ubyte.gz", folder.path()).unwrap();
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        assert_eq!(names, ["a-ubyte.gz", "b-ubyte.gz", "c-ubyte.gz", "gzip.zip"]);
        assert_eq!(fs::read(folder.path().join("a-ubyte.gz")).unwrap(), b"gzip/a-ubyte.gz");
        assert_eq!(fs::read(folder.path().join("c-ubyte.gz")).unwrap(), b"there");
        fs::write(&archive, "no archive").unwrap();
        assert!(unzip(&archive, "-ubyte.gz", folder.path()).is_err());
    }
}
