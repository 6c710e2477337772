//! A folder of images of one size as samples, listed as training lists it.

use std::path::Path;

use image::DynamicImage;
use rayon::prelude::*;
use samples::Format;

use crate::background::opaque;
use crate::error::{DataError, all_sound};
use crate::listing::{self, Listing};
use crate::picture;
use crate::samples::Samples;
use crate::set::scaled;

/// Reads a folder with at least one image.
pub(crate) fn read(folder: &Path) -> Result<Samples, DataError> {
    let none = || {
        let reason = format!("it holds no {} image", picture::READ);
        DataError::Unusable { path: folder.to_owned(), reason }
    };
    let Listing { paths, labels, passed_over } = listing::list(folder)?.ok_or_else(none)?;
    let decoded: Vec<_> = paths.par_iter().map(|path| read_opaque(path)).collect();
    let mut images = Vec::with_capacity(decoded.len());
    let mut errors = Vec::new();
    decoded.into_iter().for_each(|image| match image {
        Ok(image) => images.push(image),
        Err(error) => errors.push(error),
    });
    all_sound(folder, paths.len(), errors)?;
    let shape = shape(&images[0]);
    let format = Format::Image(shape);
    let mut values = Vec::with_capacity(images.len() * format.values());
    for (path, image) in paths.iter().zip(&images) {
        let own = self::shape(image);
        if own != shape {
            let reason = format!("{}, but {} is {}", sizes(own), paths[0].display(), sizes(shape));
            return Err(DataError::Unusable { path: path.clone(), reason });
        }
        // An image has the channels of a pixel together.
        let (pixels, channels) = (image.as_bytes(), own[0]);
        let channel = |channel| pixels.iter().skip(channel).step_by(channels).copied().map(scaled);
        values.extend((0..channels).flat_map(channel));
    }
    Ok(Samples::new(values, format.values(), Some(format)).with_labels(labels).with_passed_over(passed_over))
}

fn read_opaque(path: &Path) -> Result<DynamicImage, DataError> {
    let image = picture::read(path)?;
    opaque(image, None).map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })
}

/// Channels, height, width.
fn shape(image: &DynamicImage) -> [usize; 3] {
    let channels = if matches!(image, DynamicImage::ImageLuma8(_)) { 1 } else { 3 };
    [channels, image.height() as usize, image.width() as usize]
}

fn sizes([channels, height, width]: [usize; 3]) -> String {
    format!("{channels} x {height} x {width} (channels, height, width)")
}
