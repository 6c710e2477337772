//! One PNG or JPEG file. Strict: half an image is none.

use crate::DataError;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Whether the name's ending is that of an image that can be read.
pub(crate) fn is_one(path: &Path) -> bool {
    Decoder::of(path).is_some()
}

/// The image as it is meant to be seen, grey or RGB, 8 bits a channel: cameras note how they were held.
///
/// # Errors
/// The file is unreadable, damaged, or transparent in places.
pub(crate) fn decode(path: &Path) -> Result<DynamicImage, DataError> {
    let unusable = |reason| DataError::Unusable { path: path.to_owned(), reason };
    let decoder = Decoder::of(path).ok_or_else(|| unusable("no .png, .jpg or .jpeg".to_owned()))?;
    let bytes = fs::read(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    let Decoded { width, height, channels, pixels, orientation } = decoder.decode(&bytes).map_err(unusable)?;
    let image = match channels {
        1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
    };
    let mut image = image.ok_or_else(|| unusable("its size is not that of its pixels".to_owned()))?;
    image.apply_orientation(orientation);
    Ok(image)
}

struct Decoded {
    width: u32,
    height: u32,
    /// 1 or 3.
    channels: usize,
    /// `[row][column][channel]`.
    pixels: Vec<u8>,
    orientation: Orientation,
}

#[derive(Clone, Copy)]
enum Decoder {
    Png,
    Jpeg,
}

impl Decoder {
    /// By the name's ending.
    fn of(path: &Path) -> Option<Decoder> {
        match path.extension()?.to_ascii_lowercase().to_str()? {
            "png" => Some(Decoder::Png),
            "jpg" | "jpeg" => Some(Decoder::Jpeg),
            _ => None,
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<Decoded, String> {
        match self {
            Decoder::Png => png(bytes),
            Decoder::Jpeg => jpeg(bytes),
        }
    }
}

fn png(bytes: &[u8]) -> Result<Decoded, String> {
    let broken = |error: png::DecodingError| format!("no sound PNG: {error}");
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(broken)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("no sound PNG: too large")?];
    let info = reader.next_frame(&mut pixels).map_err(broken)?;
    pixels.truncate(info.buffer_size());
    let samples = info.color_type.samples();
    let channels = match info.color_type {
        png::ColorType::GrayscaleAlpha | png::ColorType::Rgba => samples - 1,
        _ => samples,
    };
    if channels < samples {
        if pixels.iter().skip(channels).step_by(samples).any(|alpha| *alpha != 255) {
            return Err("it is transparent in places".to_owned());
        }
        pixels = pixels.chunks(samples).flat_map(|pixel| &pixel[..channels]).copied().collect();
    }
    let orientation = Orientation::NoTransforms;
    Ok(Decoded { width: info.width, height: info.height, channels, pixels, orientation })
}

fn jpeg(bytes: &[u8]) -> Result<Decoded, String> {
    let broken = |error: zune_jpeg::errors::DecodeErrors| format!("no sound JPEG: {error}");
    let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().map_err(broken)?;
    let is_grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let (space, channels) = if is_grey { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space).set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(broken)?;
    let info = decoder.info().ok_or("no sound JPEG: it has no size")?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Decoded { width: info.width.into(), height: info.height.into(), channels, pixels, orientation })
}
