//! A PNG file.

use std::borrow::Cow;
use std::io::Cursor;

use image::DynamicImage;
use image::metadata::Orientation;
use png::{ColorType, DecodingError, Transformations};

/// The last chunk, which holds nothing.
const END: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";

/// The image with all its pixels, whether or not the last chunk is there; how to turn it.
pub(super) fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), String> {
    let bytes = if bytes.ends_with(END) { Cow::Borrowed(bytes) } else { Cow::Owned([bytes, END].concat()) };
    let mut decoder = png::Decoder::new(Cursor::new(&bytes[..]));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let (width, height) = decoder.read_header_info().map_err(broken)?.size();
    super::check_size(width, height)?;
    let mut reader = decoder.read_info().map_err(broken)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("its size is not that of its pixels")?];
    let info = reader.next_frame(&mut pixels).map_err(broken)?;
    pixels.truncate(info.buffer_size());
    let channels = match info.color_type {
        ColorType::Grayscale | ColorType::Indexed => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
    };
    let image = super::of_pixels(info.width, info.height, channels, pixels)?;
    // It may stand behind the pixels; what else is wrong there harms none of them.
    let _ = reader.finish();
    let orientation = reader.info().exif_metadata.as_deref().and_then(Orientation::from_exif_chunk);
    Ok((image, orientation.unwrap_or(Orientation::NoTransforms)))
}

fn broken(error: DecodingError) -> String {
    let what = match error {
        DecodingError::LimitsExceeded => "its notes take too much memory",
        _ => "damaged or cut short",
    };
    format!("it is no sound PNG: {what}")
}
