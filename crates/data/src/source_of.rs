//! Which data set a file or folder is for, by what is in it.

use std::fs;
use std::path::Path;

use crate::DataError;
use crate::file::zip_file::ZipFile;
use crate::sound::folder::is_of_sounds;

/// Where a tar archive says that it is one.
const TAR_MAGIC: std::ops::Range<usize> = 257..262;

/// The name of the data set that reads it.
///
/// # Errors
/// It cannot be read, or none does.
pub fn source_of(path: &Path) -> Result<&'static str, DataError> {
    let io_error = |source| DataError::Io { path: path.to_owned(), source };
    if path.is_dir() {
        let entries: Result<Vec<_>, _> = fs::read_dir(path).map_err(io_error)?.collect();
        let names: Vec<String> =
            entries.map_err(io_error)?.iter().map(|entry| entry.file_name().to_string_lossy().to_lowercase()).collect();
        let any = |is_it: &dyn Fn(&str) -> bool| names.iter().any(|name| is_it(name));
        return Ok(match () {
            () if any(&|name| name.starts_with("cifar-10-batches") || name.starts_with("data_batch_1")) => "cifar-10",
            () if any(&|name| name.ends_with(".parquet")) => "image-parquet",
            () if any(&|name| name.ends_with(".tar")) => "webdataset",
            () if is_of_sounds(path) => "wav-folder",
            () => "image-folder",
        });
    }
    let start = files::start(path, 512).map_err(io_error)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(match () {
        () if ZipFile::starts(&start) => {
            let archive = ZipFile::open(path)?;
            let is_array = ["images.npy", "points.npy"].iter().any(|name| archive.find(name).is_some());
            if is_array { "array" } else { "image-zip" }
        }
        () if start.starts_with(b"\x93NUMPY") => "array",
        () if start.starts_with(b"PAR1") => "image-parquet",
        () if name.starts_with("cifar-10") => "cifar-10",
        () if start.get(TAR_MAGIC) == Some(b"ustar") || name.ends_with(".tar.gz") || name.ends_with(".tgz") => {
            "webdataset"
        }
        () if name.ends_with(".csv") => "points",
        () => {
            let reason = "it is none of the files that data sets read; `--name` states which one it is".to_owned();
            return Err(DataError::Unusable { path: path.to_owned(), reason });
        }
    })
}
