//! A folder of PNG and JPEG images of one size, in the order of their names, or of a folder of them for each class. Other
//! files there are not looked at.

use crate::DataError;
use crate::picture::{self, decode};
use crate::samples::{Classes, Samples};
use crate::set::scaled;
use image::DynamicImage;
use samples::Format;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Reads a folder with at least one image.
pub(crate) fn read(folder: &Path) -> Result<Samples, DataError> {
    let (mut paths, mut classes) = (images(folder)?, None);
    if paths.is_empty() {
        let mut of_samples = Vec::new();
        let mut names = Vec::new();
        for path in list(folder)?.into_iter().filter(|path| path.is_dir()) {
            let own = images(&path)?;
            if own.is_empty() {
                continue;
            }
            let class = u16::try_from(names.len()).map_err(|_| DataError::Io {
                path: folder.to_owned(),
                source: io::Error::other("it has more folders than classes can be"),
            })?;
            of_samples.extend(own.iter().map(|_| class));
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
            paths.extend(own);
        }
        classes = Some(Classes { of_samples, names });
    }
    let mut first: Option<(PathBuf, [usize; 3])> = None;
    let mut values = Vec::new();
    for path in &paths {
        let image = decode(path)?;
        let channels = if matches!(image, DynamicImage::ImageLuma8(_)) { 1 } else { 3 };
        let shape = [channels, image.height() as usize, image.width() as usize];
        let (first, expected) = first.get_or_insert_with(|| (path.clone(), shape));
        if shape != *expected {
            let reason = format!("{}, but {} is {}", sizes(shape), first.display(), sizes(*expected));
            return Err(DataError::Unusable { path: path.clone(), reason });
        }
        // An image has the channels of a pixel together.
        let pixels = image.as_bytes();
        let channel = |channel| pixels.iter().skip(channel).step_by(channels).copied().map(scaled);
        values.extend((0..channels).flat_map(channel));
    }
    match first {
        Some((_, shape)) => {
            let format = Format::Image(shape);
            Ok(Samples::new(values, format.values(), Some(format)).with_classes(classes))
        }
        None => Err(DataError::Unusable { path: folder.to_owned(), reason: "holds no .png, .jpg or .jpeg".to_owned() }),
    }
}

/// What a folder holds, in the order of the names.
fn list(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let io = |source| DataError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(io)?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(io)?;
    paths.sort();
    Ok(paths)
}

fn images(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(list(folder)?.into_iter().filter(|path| picture::is_one(path)).collect())
}

fn sizes([channels, height, width]: [usize; 3]) -> String {
    format!("{channels} x {height} x {width} (channels, height, width)")
}
