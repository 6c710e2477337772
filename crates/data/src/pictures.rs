//! A folder of images of one size as samples, listed as training lists it.

use std::path::Path;

use image::DynamicImage;
use rayon::prelude::*;
use samples::Format;

use crate::background::opaque;
use crate::error::{DataError, all_sound};
use crate::file::listing::{self, Listing};
use crate::fit::fit;
use crate::options::Color;
use crate::picture;
use crate::resized::cropped;
use crate::samples::Samples;
use crate::set::scaled;

/// Reads a folder with at least one image.
/// Those of other sizes than `side` are cropped and scaled to it; without it, all must have one size.
pub(crate) fn read(folder: &Path, side: Option<u32>) -> Result<Samples, DataError> {
    let none = || {
        let reason = format!("it holds no {} image", picture::READ);
        DataError::Unusable { path: folder.to_owned(), reason }
    };
    let Listing { paths, labels, passed_over } = listing::list(folder, &picture::KINDS)?.ok_or_else(none)?;
    let decoded: Vec<_> = paths.par_iter().map(|path| read_opaque(path)).collect();
    let mut images = Vec::with_capacity(decoded.len());
    let mut errors = Vec::new();
    decoded.into_iter().for_each(|image| match image {
        Ok(image) => images.push(image),
        Err(error) => errors.push(error),
    });
    all_sound(folder, "images", paths.len(), errors)?;
    let color =
        if images.iter().all(|image| matches!(image, DynamicImage::ImageLuma8(_))) { Color::Grey } else { Color::Rgb };
    let channels = if color == Color::Grey { 1 } else { 3 };
    let size = |image: &DynamicImage| [image.height() as usize, image.width() as usize];
    let [height, width] = side.map_or_else(|| size(&images[0]), |side| [side as usize; 2]);
    let format = Format::Image([channels, height, width]);
    let mut values = Vec::with_capacity(images.len() * format.values());
    let mut pixels = vec![0; format.values()];
    for (path, image) in paths.iter().zip(images) {
        let found = size(&image);
        match side {
            Some(side) => fit(image, &cropped(side, color), &mut pixels)
                .map_err(|reason| DataError::Unusable { path: path.clone(), reason })?,
            None if found == [height, width] => by_channel(image, color, &mut pixels),
            None => {
                let [shape, first] = [found, [height, width]].map(|[height, width]| format!("{height} x {width}"));
                let first = format!("{} is {first} (height, width)", paths[0].display());
                return Err(DataError::Unusable { path: path.clone(), reason: format!("{shape}, but {first}") });
            }
        }
        values.extend(pixels.iter().copied().map(scaled));
    }
    Ok(Samples::new(values, format.values(), Some(format)).with_labels(labels).with_passed_over(passed_over))
}

fn read_opaque(path: &Path) -> Result<DynamicImage, DataError> {
    let image = picture::read(path)?;
    opaque(image, None).map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })
}

/// An image has the channels of a pixel together, samples have them one after the other.
fn by_channel(image: DynamicImage, color: Color, out: &mut [u8]) {
    let (image, channels) = match color {
        Color::Grey => (image.into_luma8().into_raw(), 1),
        Color::Rgb => (image.into_rgb8().into_raw(), 3),
    };
    let by_channel = (0..channels).flat_map(|channel| image.iter().skip(channel).step_by(channels));
    out.iter_mut().zip(by_channel).for_each(|(out, pixel)| *out = *pixel);
}
