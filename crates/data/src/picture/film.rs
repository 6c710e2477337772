//! The frames of an animated file: GIF, PNG, WebP.

use std::io::Cursor;
use std::path::Path;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageResult, Limits};

use super::check_size;
use crate::DataError;

/// Frames of one file.
const MOST: usize = 4096;
/// Bytes of all frames of one file before they are made small.
const MOST_BYTES: u64 = 1 << 30;

/// The frames of an animated file as they are meant to be seen, one after the other, whatever their delays; `None` if it is no
/// animation but one image, or no image.
///
/// # Errors
/// It is damaged or cut short, has more than 4,096 frames, or ones that take more than 1 GiB.
pub(crate) fn frames(bytes: &[u8], path: &Path) -> Result<Option<Vec<DynamicImage>>, DataError> {
    read(bytes).map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })
}

fn read(bytes: &[u8]) -> Result<Option<Vec<DynamicImage>>, String> {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Gif) => {
            let decoder = ready("GIF", GifDecoder::new(Cursor::new(bytes)))?;
            let frames = all("GIF", decoder)?;
            // One image is read as such.
            Ok((frames.len() > 1).then_some(frames))
        }
        Ok(ImageFormat::WebP) => {
            let decoder = ready("WebP", WebPDecoder::new(Cursor::new(bytes)))?;
            if decoder.has_animation() { all("WebP", decoder).map(Some) } else { Ok(None) }
        }
        Ok(ImageFormat::Png) => {
            let decoder = ready("PNG", PngDecoder::new(Cursor::new(bytes)))?;
            if !decoder.is_apng().map_err(|error| broken("PNG", &error))? {
                return Ok(None);
            }
            all("PNG", decoder.apng().map_err(|error| broken("PNG", &error))?).map(Some)
        }
        _ => Ok(None),
    }
}

/// Of a size that is read.
fn ready<D: ImageDecoder>(name: &str, decoder: ImageResult<D>) -> Result<D, String> {
    let mut decoder = decoder.map_err(|error| broken(name, &error))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    decoder.set_limits(Limits::default()).map_err(|error| broken(name, &error))?;
    Ok(decoder)
}

fn all<'a>(name: &str, decoder: impl AnimationDecoder<'a>) -> Result<Vec<DynamicImage>, String> {
    let (mut frames, mut bytes) = (Vec::new(), 0);
    for frame in decoder.into_frames() {
        let frame = frame.map_err(|error| broken(name, &error))?.into_buffer();
        bytes += frame.as_raw().len() as u64;
        if frames.len() == MOST || bytes > MOST_BYTES {
            return Err(format!("it has more than {MOST} frames, or ones that take more than 1 GiB"));
        }
        frames.push(DynamicImage::ImageRgba8(frame));
    }
    Ok(frames)
}

fn broken(name: &str, error: &ImageError) -> String {
    match error {
        ImageError::Unsupported(_) => format!("it is a {name} animation of a kind that is not read"),
        ImageError::Limits(_) => format!("it is a {name} animation that takes too much memory"),
        _ => format!("it is no sound {name}: damaged or cut short"),
    }
}
