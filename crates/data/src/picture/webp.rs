//! A WebP file.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder};

/// The image, of an animation the first; how to turn it.
pub(super) fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), String> {
    let broken = |_| "it is no sound WebP: damaged or cut short".to_owned();
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = decoder.dimensions();
    super::check_size(width, height)?;
    let orientation = decoder.orientation().map_err(broken)?;
    Ok((DynamicImage::from_decoder(decoder).map_err(broken)?, orientation))
}
