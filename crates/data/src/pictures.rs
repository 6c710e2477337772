//! A folder of PNG and JPEG images of one size, in the order of their names. Other files there are not looked at.

use crate::dataset::scaled;
use crate::picture::{self, decode};
use crate::samples::Samples;
use crate::{DataError, Shape};
use image::DynamicImage;
use std::fs;
use std::path::{Path, PathBuf};

/// Reads a folder with at least one image.
pub(crate) fn read(folder: &Path) -> Result<Samples, DataError> {
    let io = |source| DataError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(io)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(io)?;
    paths.sort();
    let mut first: Option<(PathBuf, Shape)> = None;
    let mut values = Vec::new();
    for path in paths.iter().filter(|path| picture::is_one(path)) {
        let image = decode(path)?;
        let channels = if matches!(image, DynamicImage::ImageLuma8(_)) { 1 } else { 3 };
        let shape = Shape { channels, height: image.height() as usize, width: image.width() as usize };
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
        Some((_, shape)) => Ok(Samples::new(values, shape.values(), Some(shape))),
        None => Err(DataError::Unusable { path: folder.to_owned(), reason: "holds no .png, .jpg or .jpeg".to_owned() }),
    }
}

fn sizes(shape: Shape) -> String {
    format!("{} x {} x {} (channels, height, width)", shape.channels, shape.height, shape.width)
}
