//! A JPEG file.

use image::DynamicImage;
use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::jpeg_data::{Fault, JpegData};

/// The image, if all its data are there; how to turn it.
pub(super) fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), String> {
    let broken = |fault: Fault| format!("it is no sound JPEG: {fault}");
    let JpegData { bytes, width, height, components } = JpegData::read(bytes).map_err(broken)?;
    super::check_size(width.into(), height.into())?;
    let (space, channels) = if components == 1 { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(space)
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(|_| broken(Fault::Data))?;
    let image = super::of_pixels(width.into(), height.into(), channels, pixels)?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    Ok((image, orientation.unwrap_or(Orientation::NoTransforms)))
}
