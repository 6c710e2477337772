//! One image file: its format shows in its first bytes, whatever its name. Strict: half an image is none.

mod decoded;
pub(crate) mod film;
mod jpeg;
mod jpeg_data;
mod png;

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, RgbImage, RgbaImage};

use crate::DataError;
use crate::file::listing::{self, Found, Kinds};

/// The formats that are read, in words.
pub(crate) const READ: &str = "PNG, JPEG, WebP, BMP, TIFF or GIF";

/// Bytes that tell a format.
pub(crate) const START: u64 = listing::START;

/// The images of a folder.
pub(crate) const KINDS: Kinds = Kinds {
    noun: "image",
    one: "an image",
    read: READ,
    of: |start, path| {
        Some(match kind(start, path)? {
            Kind::Read(_) => Found::Read,
            Kind::Unread(format) => Found::Unread(format),
        })
    },
    has_name,
};

/// The largest file that is read as an image.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// Pixels of an image: where Pillow, too, refuses one for the memory that it takes.
const MAX_PIXELS: u64 = 178_956_970;

/// Image formats that have no signature at the start of the file, by the ending of the name.
const KNOWN_BY_NAME: [&str; 5] = ["heic", "heif", "jp2", "jxl", "tga"];

/// What sort of image a file is.
pub(crate) enum Kind {
    /// One that is read.
    Read(Decoder),
    /// One that is not, and what it is called.
    Unread(String),
}

/// What makes an image of a file's bytes, and says how to turn it; the error is a sentence without a full stop.
type Decoder = fn(&[u8]) -> Result<(DynamicImage, Orientation), String>;

/// What image a file with these first bytes is; by its name where they tell nothing.
pub(crate) fn kind(start: &[u8], path: &Path) -> Option<Kind> {
    Some(match image::guess_format(start) {
        Ok(ImageFormat::Png) => Kind::Read(png::decode),
        Ok(ImageFormat::Jpeg) => Kind::Read(jpeg::decode),
        Ok(ImageFormat::WebP) => Kind::Read(decoded::webp),
        Ok(ImageFormat::Bmp) => Kind::Read(decoded::bmp),
        Ok(ImageFormat::Tiff) => Kind::Read(decoded::tiff),
        Ok(ImageFormat::Gif) => Kind::Read(decoded::gif),
        Ok(other) => Kind::Unread(other.extensions_str().first()?.to_ascii_uppercase()),
        Err(_) => Kind::Unread(KNOWN_BY_NAME.into_iter().find(|name| ends_in(path, &[name]))?.to_ascii_uppercase()),
    })
}

/// Whether the name is that of an image that is read.
pub(crate) fn has_name(path: &Path) -> bool {
    ends_in(path, &["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"])
}

pub(crate) fn ends_in(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|own| endings.iter().any(|ending| own.eq_ignore_ascii_case(ending)))
}

/// An image file as it is meant to be seen.
///
/// # Errors
/// As [`decode`]; the file is unreadable or too large.
pub(crate) fn read(path: &Path) -> Result<DynamicImage, DataError> {
    let bytes = files::read(path, MAX_BYTES).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    decode(&bytes, path)
}

/// The image that these bytes are, as it is meant to be seen: cameras note how they were held. Grey or RGB, 8 bits a
/// channel, perhaps with alpha. `path` is its name in errors.
///
/// # Errors
/// The bytes are damaged, no image, or one that is too large.
pub(crate) fn decode(bytes: &[u8], path: &Path) -> Result<DynamicImage, DataError> {
    let decoded = match kind(bytes, path) {
        Some(Kind::Read(decode)) => decode(bytes),
        Some(Kind::Unread(format)) => Err(format!("it is a {format} image; {READ} is read")),
        None => Err(format!("it is no {READ} image")),
    };
    let (mut image, orientation) = decoded.map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// An image of pixels `[row][column][channel]`: grey, grey and alpha, RGB, RGB and alpha.
pub(crate) fn of_pixels(width: u32, height: u32, channels: usize, pixels: Vec<u8>) -> Result<DynamicImage, String> {
    let image = match channels {
        1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        2 => GrayAlphaImage::from_raw(width, height, pixels).map(DynamicImage::ImageLumaA8),
        3 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        _ => RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8),
    };
    image.ok_or_else(|| "its size is not that of its pixels".to_owned())
}

/// Asked before memory is taken for the pixels.
fn check_size(width: u32, height: u32) -> Result<(), String> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!("it is {width} x {height}, and more than {MAX_PIXELS} pixels are not read"));
    }
    Ok(())
}
